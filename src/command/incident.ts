import { plain } from '../domain/plain.ts';
import { digest } from '../model/digest.ts';
import type { Entry } from '../model/entry.ts';
import { SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import type { Incident } from '../model/incident.ts';
import type { Json } from '../model/json.ts';
import type { IncidentMail } from '../model/mail.ts';
import { suggestion } from '../model/problem.ts';
import type { Caller, Commands, ReportFormat } from '../port/commands.ts';
import type { IncidentSummary, IncidentView, Told } from '../port/view/incident.ts';
import { assertMayRead, personOf, personWith } from './access.ts';
import type { CommandDeps, ReportSource } from './deps.ts';
import { findRecord } from './find.ts';
import { incidentOf, playbookOf, readJournal } from './read.ts';
import { pageSize, runsOf, summariesOf } from './run.ts';
import { entryView } from './run-view.ts';
import { waitFor } from './wait.ts';

const STATES = ['open', 'mitigated', 'closed'];
const WAIT_MS = 2000;

/** Looking at incidents, and what people say about them. */
export function incidents(
  deps: CommandDeps,
): Pick<Commands, 'incidents' | 'incident' | 'note' | 'severity' | 'lead' | 'role' | 'update' | 'page' | 'acknowledge' | 'closeIncident' | 'report'> {
  return {
    async incidents(caller, { state, cluster, channel, limit, cursor }) {
      assertMayRead(caller);
      const wrong = state?.find((name) => !STATES.includes(name));
      if (wrong !== undefined) throw new SalvorError('request.invalid', `There is no incident state "${wrong.slice(0, 40)}".${suggestion(wrong, STATES)}`);
      const page = await deps.store.list({
        kind: 'incident',
        newestFirst: true,
        limit: pageSize(limit),
        where: { ...(state === undefined ? {} : { state }), ...(channel === undefined ? {} : { channel }) },
        ...(cluster === undefined ? {} : { partition: cluster }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      return { items: page.records.map((record) => incidentSummary(incidentOf(record))), ...(page.cursor === undefined ? {} : { next: page.cursor }) };
    },

    async incident(caller, id) {
      assertMayRead(caller);
      const incident = incidentOf(await findRecord(deps.store, 'incident', id));
      const timeline = await readJournal(deps.store, { partition: incident.cluster, of: incident.id });
      const runs = await summariesOf(deps, (await runsOf(deps, incident)).toReversed());
      return incidentView(incident, timeline, runs);
    },

    async note(caller, id, { text, idempotencyKey, once }) {
      const by = personOf(caller);
      assertMayRead(caller);
      const key = `note/${idempotencyKey === undefined ? deps.ids.next() : digest({ by, key: idempotencyKey })}`;
      return tell(deps, id, { mail: { kind: 'note', by, surface: caller.surface, text }, key, done: 'Noted', ...(once === undefined ? {} : { once }) });
    },

    async severity(caller, id, { severity }) {
      const by = personWith(caller, 'run', deps.policy());
      return tell(deps, id, {
        mail: { kind: 'severity', by, surface: caller.surface, severity },
        key: `severity/${deps.ids.next()}`,
        done: `The severity is ${severity}`,
      });
    },

    lead: (caller, id, { lead }) => leads(deps, { caller, id, lead }),

    async role(caller, id, { role, person }) {
      if (role === 'lead') return leads(deps, { caller, id, lead: person });
      const by = personWith(caller, 'run', deps.policy());
      assertKnown(deps, person);
      const mail: IncidentMail = { kind: 'communications', by, surface: caller.surface, person };
      return tell(deps, id, { mail, key: `communications/${deps.ids.next()}`, done: `${person} speaks for it to others` });
    },

    async update(caller, id, { text, idempotencyKey }) {
      const { lead, communications } = incidentOf(await findRecord(deps.store, 'incident', id));
      const mine = caller.person !== undefined && (caller.person === lead || caller.person === communications);
      const by = mine ? personOf(caller) : personWith(caller, 'run', deps.policy());
      const key = `update/${idempotencyKey === undefined ? deps.ids.next() : digest({ by, key: idempotencyKey })}`;
      return tell(deps, id, { mail: { kind: 'update', by, surface: caller.surface, text }, key, done: 'Others are told' });
    },

    async page(caller, id, { reason, ladder = 'default' }) {
      const policy = deps.policy();
      const by = personWith(caller, 'run', policy);
      const known = Object.keys(policy.ladders);
      if (!known.includes(ladder)) throw new SalvorError('request.invalid', `There is no ladder "${ladder.slice(0, 80)}".${suggestion(ladder, known)}`);
      // The same words of the same person call once; who needs people again says what is new.
      const key = `page/${digest({ by, reason, ladder })}`;
      return tell(deps, id, {
        mail: { kind: 'escalate', key, ladder, reason: `${by} calls: ${reason}` },
        key,
        done: `People are called by the ladder ${ladder}`,
      });
    },

    async acknowledge(caller, id) {
      const by = personWith(caller, 'run', deps.policy());
      return tell(deps, id, {
        mail: { kind: 'acknowledge', by, surface: caller.surface, person: true },
        key: `acknowledge/${deps.ids.next()}`,
        done: `${by} has it: nobody more is called`,
      });
    },

    async closeIncident(caller, id, { reason }) {
      const by = personWith(caller, 'run', deps.policy());
      const incident = incidentOf(await findRecord(deps.store, 'incident', id));
      if (incident.state === 'closed') return { incident: shortId(incident.id), state: 'closed', text: 'The incident is closed already' };
      if (incident.openRuns.length > 0) {
        const open = incident.openRuns.map(shortId).slice(0, 5).join(', ');
        throw new SalvorError('request.conflict', `Not closed: ${incident.openRuns.length} of its runs are open (${open}). Cancel them, or wait for their end`);
      }
      return tell(deps, id, { mail: { kind: 'close', by, surface: caller.surface, reason }, key: `close/${digest({ by, reason })}`, done: 'Closed' });
    },

    async report(caller, id, format: ReportFormat) {
      assertMayRead(caller);
      return deps.report(await reportSource(deps, id), format);
    },
  };
}

async function leads(deps: CommandDeps, { caller, id, lead }: { readonly caller: Caller; readonly id: string; readonly lead: string }): Promise<Told> {
  const by = personWith(caller, 'run', deps.policy());
  assertKnown(deps, lead);
  return tell(deps, id, { mail: { kind: 'lead', by, surface: caller.surface, lead }, key: `lead/${deps.ids.next()}`, done: `${lead} leads` });
}

function assertKnown({ policy }: CommandDeps, name: string): void {
  const people = policy().people.map((person) => person.name);
  if (!people.includes(name)) throw new SalvorError('request.invalid', `The configuration knows no person "${name.slice(0, 80)}".${suggestion(name, people)}`);
}

/** Everything that a report on an incident is made of. */
export async function reportSource(deps: CommandDeps, id: string): Promise<ReportSource> {
  const incident = incidentOf(await findRecord(deps.store, 'incident', id));
  const timeline = await readJournal(deps.store, { partition: incident.cluster, of: incident.id });
  const runs = await Promise.all(
    (await runsOf(deps, incident)).map(async (run) => {
      const [journal, playbook] = await Promise.all([readJournal(deps.store, { partition: run.cluster, of: run.id }), playbookOf(deps, run)]);
      return { run, journal, ...(playbook === undefined ? {} : { playbook }) };
    }),
  );
  return { incident, timeline, runs, nowMs: deps.clock.nowMs() };
}

/** Commits a message to the incident, then waits a moment until it is on the timeline. */
async function tell(
  deps: CommandDeps,
  id: string,
  { mail, key, done, once }: { readonly mail: IncidentMail; readonly key: string; readonly done: string; readonly once?: string },
): Promise<Told> {
  const { store } = deps;
  const incident = incidentOf(await findRecord(store, 'incident', id));
  const { cluster: partition, id: reader } = incident;
  const reply = once === undefined ? undefined : `reply/once/${digest({ reader, once })}`;
  const stored = await store.commit({
    partition,
    opId: deps.ids.next(),
    guards: reply === undefined ? [] : [{ is: 'absent', id: reply }],
    changes: [{ do: 'mail', to: reader, key, value: mail }, ...(reply === undefined ? [] : [{ do: 'put', id: reply, kind: 'reply', value: {} } as const])],
  });
  if (stored.kind !== 'done') return { incident: shortId(reader), state: incident.state, text: 'It is on the timeline already' };
  const state = await waitFor(
    deps,
    async () => {
      if ((await store.mail(partition, reader)).some((letter) => letter.key === key)) return undefined;
      const record = await store.get(partition, reader);
      return record === undefined ? undefined : incidentOf(record).state;
    },
    deps.pressWaitMs ?? WAIT_MS,
  );
  return { incident: shortId(reader), state: state ?? 'recorded', text: state === undefined ? 'Recorded; it will be on the timeline shortly' : done };
}

function incidentSummary(incident: Incident): IncidentSummary {
  return {
    id: shortId(incident.id),
    title: incident.title,
    state: incident.state,
    severity: incident.severity,
    cluster: incident.cluster,
    playbook: incident.playbook,
    lead: incident.lead,
    communications: incident.communications,
    openedAt: incident.openedMs,
    mitigatedAt: incident.mitigatedMs,
    closedAt: incident.closedMs,
    firing: incident.firing.length,
    openRuns: incident.openRuns.length,
  };
}

function incidentView(incident: Incident, timeline: readonly Entry[], runs: IncidentView['runs']): IncidentView {
  return {
    ...incidentSummary(incident),
    key: plain(incident.key.replaceAll(/%[0-7][0-9A-F]/g, decodeURIComponent)),
    closedBecause: incident.closedBecause,
    ladders: incident.climbs.map(({ ladder, reason, sinceMs, walked, stoppedMs }) => ({ ladder, reason, since: sinceMs, walked, stopped: stoppedMs })),
    runs,
    people: peopleOf(incident, timeline),
    timeline: timeline.map((entry) => entryView(entry, timelineText(entry))),
  };
}

/** The words of a timeline's line: its writer puts them beside the facts. */
export function timelineText({ data }: Pick<Entry, 'data'>): string | undefined {
  const text = data['text'] ?? data['reason'] ?? data['summary'];
  return typeof text === 'string' ? text : undefined;
}

/** Everybody who took part, in the order in which they came. What runs tell lies one level deeper. */
function peopleOf({ lead, communications }: Incident, timeline: readonly Entry[]): readonly string[] {
  const people = new Set([lead, communications].filter((name) => name !== undefined));
  const add = (value: Json | undefined): void => {
    if (typeof value === 'string') people.add(value);
  };
  for (const { data, type } of timeline) {
    const { facts } = data;
    const told = typeof facts === 'object' && facts !== null && 'by' in facts ? facts.by : undefined;
    // A run is started by an alert or a schedule, too; those are no people.
    const isStart = type === 'run.started' || type === 'run.queued' || data['type'] === 'run.started' || data['type'] === 'run.queued';
    if (!isStart) for (const by of [data['by'], told].flat()) add(by);
    if (isStart) add(typeof facts === 'object' && facts !== null && 'person' in facts ? facts.person : data['person']);
  }
  return [...people];
}
