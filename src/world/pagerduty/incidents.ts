import type { Clock } from '../../port/clock.ts';
import type { PagedService, PagedUser } from './account.ts';

export type PagedNote = { readonly id: string; readonly content: string; readonly user: PagedUser; readonly atMs: number };

/** One incident of the simulated PagerDuty. */
export type PagedIncident = {
  readonly id: string;
  readonly number: number;
  /** The dedup key of the event that opened it. */
  readonly key: string;
  /** The integration whose people it woke. */
  readonly integration: string;
  readonly service: PagedService;
  readonly title: string;
  readonly severity: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  readonly openedMs: number;
  /** How many events it took in; only the first one called anybody. */
  readonly alerts: number;
  /** The level of its escalation policy that is called, from 1. */
  readonly level: number;
  readonly assigned: readonly PagedUser[];
  readonly notes: readonly PagedNote[];
  /** Who was asked to help. */
  readonly responders: readonly PagedUser[];
  readonly priority?: string;
};

/** What happened to an incident: a type of webhooks v3, who did it, and what beside the incident itself the webhook is about. */
export type PagedHappening = {
  readonly type: string;
  readonly incident: PagedIncident;
  readonly by?: PagedUser;
  readonly note?: PagedNote;
  readonly message?: string;
  readonly responder?: PagedUser;
};

export type Happened = (what: PagedHappening) => void;

export type Incidents = {
  /** Oldest first. */
  all(): readonly PagedIncident[];
  byId(id: string): PagedIncident | undefined;
  /** The one that is open under this key at this integration. */
  openAt(integration: string, key: string): PagedIncident | undefined;
  open(of: { readonly key: string; readonly service: PagedService; readonly title: string; readonly severity: string; readonly by?: PagedUser }): PagedIncident;
  joined(incident: PagedIncident): void;
  become(incident: PagedIncident, status: PagedIncident['status'], by?: PagedUser): void;
  /** Calls the people of this level of its policy. False: it has no such level. */
  escalate(incident: PagedIncident, level: number, by?: PagedUser): boolean;
  reassign(incident: PagedIncident, to: PagedUser, by?: PagedUser): void;
  note(incident: PagedIncident, content: string, by: PagedUser): PagedNote;
  askFor(incident: PagedIncident, whom: PagedUser, of: { readonly message: string; readonly by: PagedUser }): void;
  prioritize(incident: PagedIncident, priority: string, by: PagedUser): void;
};

const TYPES = { triggered: 'incident.unacknowledged', acknowledged: 'incident.acknowledged', resolved: 'incident.resolved' } as const;

/** The incidents of an account, and every change of one told to `happened`. */
export function pagedIncidents({ clock, happened }: { readonly clock: Clock; readonly happened: Happened }): Incidents {
  const all: PagedIncident[] = [];
  const put = (incident: PagedIncident): PagedIncident => {
    all[incident.number - 1] = incident;
    return incident;
  };
  const now = (incident: PagedIncident): PagedIncident => all[incident.number - 1] ?? incident;
  const told = (incident: PagedIncident, what: Omit<PagedHappening, 'incident'>): void => happened({ incident, ...what });
  const by = (user: PagedUser | undefined): { readonly by?: PagedUser } => (user === undefined ? {} : { by: user });

  return {
    all: () => all,
    byId: (id) => all.find((one) => one.id === id),
    openAt: (integration, key) => all.findLast((one) => one.integration === integration && one.key === key && one.status !== 'resolved'),
    open({ key, service, title, severity, by: user }) {
      const number = all.length + 1;
      const opened = put({
        id: `Q${String(number).padStart(13, '0')}`,
        number,
        key,
        integration: service.key,
        service,
        title,
        severity,
        status: 'triggered',
        openedMs: clock.nowMs(),
        alerts: 1,
        level: 1,
        assigned: service.policy.levels[0] ?? [],
        notes: [],
        responders: [],
      });
      told(opened, { type: 'incident.triggered', ...by(user) });
      return opened;
    },
    joined: (incident) => void put({ ...now(incident), alerts: now(incident).alerts + 1 }),
    become(incident, status, user) {
      const before = now(incident).status;
      if (before === status) return;
      const type = before === 'resolved' ? 'incident.reopened' : TYPES[status];
      told(put({ ...now(incident), status }), { type, ...by(user) });
    },
    escalate(incident, level, user) {
      const assigned = incident.service.policy.levels[level - 1];
      if (assigned === undefined) return false;
      told(put({ ...now(incident), level, assigned, status: 'triggered' }), { type: 'incident.escalated', ...by(user) });
      return true;
    },
    reassign: (incident, to, user) => told(put({ ...now(incident), assigned: [to] }), { type: 'incident.reassigned', ...by(user) }),
    note(incident, content, user) {
      const note = { id: `N${incident.number}${now(incident).notes.length + 1}`, content, user, atMs: clock.nowMs() };
      told(put({ ...now(incident), notes: [...now(incident).notes, note] }), { type: 'incident.annotated', by: user, note });
      return note;
    },
    askFor(incident, whom, { message, by: user }) {
      const asked = put({ ...now(incident), responders: [...now(incident).responders.filter(({ id }) => id !== whom.id), whom] });
      told(asked, { type: 'incident.responder.added', by: user, responder: whom, message });
    },
    prioritize: (incident, priority, user) => told(put({ ...now(incident), priority }), { type: 'incident.priority_updated', by: user }),
  };
}
