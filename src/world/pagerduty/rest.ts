import { z } from 'zod';
import { isObject, type Json, type JsonObject, textIn } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Account, PagedUser } from './account.ts';
import type { EventsApi, PagerDutyAnswer } from './events.ts';
import type { Incidents, PagedIncident } from './incidents.ts';
import { changeJson, incidentJson, noteJson, policyJson, scheduleJson, scheduleReference, serviceJson, userJson, userReference } from './show.ts';
import type { Webhooks } from './webhooks.ts';

export type RestRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
  readonly authorization: string | undefined;
  readonly from: string | undefined;
};

type Parts = { readonly clock: Clock; readonly account: Account; readonly incidents: Incidents; readonly events: EventsApi; readonly webhooks: Webhooks };

const MOST_A_MINUTE = 960;
const MINUTE_MS = 60_000;
const FIRST_PAGE = 25;
const LARGEST_PAGE = 100;

/**
 * REST API v2 as far as Salvor asks it, with its pages, its rate limit and its `From`. A request without a key may read, so that whoever watches the world
 * can; with one it has to be right.
 * Source  PagerDuty developer documentation, "REST API v2 Overview", and the reference of each path.
 */
export function restApi({ clock, account, incidents, events, webhooks }: Parts): (request: RestRequest) => PagerDutyAnswer {
  let windowMs = 0;
  let asked = 0;

  const answer = ({ method, path, query, body, from }: RestRequest): PagerDutyAnswer => {
    const [room = '', id = '', below = ''] = path.split('/').slice(1);
    const pick = (name: string): readonly string[] => query.getAll(`${name}[]`);
    const page = (name: string, all: readonly JsonObject[]): PagerDutyAnswer => pageOf(name, all, query);
    switch (`${method} ${[room, id === '' ? '' : '*', below].filter((part) => part !== '').join('/')}`) {
      case 'GET incidents':
        return page('incidents', incidents.all().filter(wanted(query)).toReversed().map(incidentJson));
      case 'POST incidents':
        return asUser(from, (user) => create(body, user));
      case 'GET incidents/*':
        return withIncident(id, (one) => ok({ incident: incidentJson(one) }));
      case 'PUT incidents/*':
        return asUser(from, (user) => withIncident(id, (one) => change(one, body, user)));
      case 'GET incidents/*/notes':
        return withIncident(id, (one) => ok({ notes: one.notes.map(noteJson) }));
      case 'POST incidents/*/notes':
        return asUser(from, (user) => withIncident(id, (one) => note(one, body, user)));
      case 'POST incidents/*/responder_requests':
        return asUser(from, (user) => withIncident(id, (one) => askForHelp(one, body, user)));
      case 'GET oncalls':
        return page(
          'oncalls',
          [...onCalls(pick('escalation_policy_ids'), pick('user_ids')), ...onSchedules(pick('schedule_ids'))].filter(ofSchedules(pick('schedule_ids'))),
        );
      case 'GET users': {
        const wantedText = (query.get('query') ?? '').toLowerCase();
        return page(
          'users',
          account
            .users()
            .filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(wantedText))
            .map(userJson),
        );
      }
      case 'GET users/*':
        return one(
          'user',
          account.users().find((user) => user.id === id),
          userJson,
        );
      case 'GET escalation_policies':
        return page('escalation_policies', account.policies().map(policyJson));
      case 'GET escalation_policies/*':
        return one(
          'escalation_policy',
          account.policies().find((policy) => policy.id === id),
          policyJson,
        );
      case 'GET services':
        return page(
          'services',
          account.services().map((service) => serviceJson(service, pick('include').includes('integrations'))),
        );
      case 'GET schedules':
        return page('schedules', account.schedules().map(scheduleJson));
      case 'GET abilities':
        return ok({ abilities: ['teams', 'event_rules', 'webhooks'] });
      case 'GET change_events':
        return page('change_events', events.changes().map(changeJson));
      case 'GET webhook_subscriptions':
        return page('webhook_subscriptions', webhooks.subscriptions().map(subscriptionJson));
      default:
        return refuse(404, 'Not Found');
    }
  };

  const asUser = (from: string | undefined, act: (user: PagedUser) => PagerDutyAnswer): PagerDutyAnswer => {
    if (from === undefined) return refuse(400, 'Invalid Input Provided', ['From header is required']);
    const user = account.users().find(({ email }) => email === from);
    return user === undefined ? refuse(400, 'Requester User Not Found') : act(user);
  };
  const withIncident = (id: string, act: (one: PagedIncident) => PagerDutyAnswer): PagerDutyAnswer => {
    const found = incidents.byId(id);
    return found === undefined ? refuse(404, 'Not Found') : act(found);
  };
  const fresh = (incident: PagedIncident): PagerDutyAnswer => ok({ incident: incidentJson(incidents.byId(incident.id) ?? incident) });

  const create = (body: Json, by: PagedUser): PagerDutyAnswer => {
    const read = Create.safeParse(body);
    const service = account.services().find(({ id }) => id === read.data?.incident.service.id);
    if (!read.success || service === undefined) return refuse(400, 'Invalid Input Provided', ['Service not found']);
    const { title, incident_key: key = `made-by-hand-${incidents.all().length + 1}` } = read.data.incident;
    if (incidents.openAt(service.key, key) !== undefined) return refuse(400, 'Arguments Caused Error', ['Open incident already exists with this dedup key']);
    const opened = incidents.open({ key, service, title, severity: 'critical', by });
    return { code: 201, body: { incident: incidentJson(opened) } };
  };
  const change = (incident: PagedIncident, body: Json, by: PagedUser): PagerDutyAnswer => {
    const read = Put.safeParse(body);
    if (!read.success) return refuse(400, 'Invalid Input Provided');
    const { status, escalation_level: level } = read.data.incident;
    if (incident.status === 'resolved') return refuse(400, 'Invalid Input Provided', ['Incident Already Resolved']);
    if (level !== undefined && !incidents.escalate(incident, level, by)) return refuse(400, 'Invalid Input Provided', ['Escalation level is invalid']);
    if (status !== undefined) incidents.become(incident, status, by);
    return fresh(incident);
  };
  const note = (incident: PagedIncident, body: Json, by: PagedUser): PagerDutyAnswer => {
    const read = Note.safeParse(body);
    return read.success ? { code: 201, body: { note: noteJson(incidents.note(incident, read.data.note.content, by)) } } : refuse(400, 'Invalid Input Provided');
  };
  const askForHelp = (incident: PagedIncident, body: Json, by: PagedUser): PagerDutyAnswer => {
    const read = Responders.safeParse(body);
    if (!read.success) return refuse(400, 'Invalid Input Provided');
    const { requester_id: requester, message, responder_request_targets: targets } = read.data;
    const users = targets.map(({ responder_request_target: target }) => account.users().find(({ id }) => id === target.id));
    const known = users.filter((user) => user !== undefined);
    if (account.users().every(({ id }) => id !== requester)) return refuse(400, 'Requester User Not Found');
    if (known.length < users.length) return refuse(400, 'Invalid Input Provided', ['Responder Request Target is invalid']);
    if (incident.status === 'resolved') return refuse(400, 'Invalid Input Provided', ['Incident Already Resolved']);
    for (const user of known) incidents.askFor(incident, user, { message, by });
    return ok({ responder_request: { incident: { id: incident.id, type: 'incident_reference' }, requester: userReference(by), message } });
  };
  const onCalls = (policies: readonly string[], users: readonly string[]): readonly JsonObject[] =>
    account.policies().flatMap((policy) =>
      policies.length > 0 && !policies.includes(policy.id)
        ? []
        : policy.levels.flatMap((level, index) =>
            level
              .filter(({ id }) => users.length === 0 || users.includes(id))
              .map((user) => ({
                user: userReference(user),
                escalation_policy: { id: policy.id, type: 'escalation_policy_reference', summary: policy.name },
                escalation_level: index + 1,
                schedule: null,
                start: null,
                end: null,
              })),
          ),
    );

  /** A schedule is on call by itself only where it is asked for: its people are those of an escalation policy that nobody named. */
  const onSchedules = (ids: readonly string[]): readonly JsonObject[] =>
    account
      .schedules()
      .filter(({ id }) => ids.includes(id))
      .flatMap((schedule) =>
        schedule.onCall.map((user) => ({
          user: userReference(user),
          escalation_policy: { id: 'PEONCALL', type: 'escalation_policy_reference', summary: schedule.name },
          escalation_level: 1,
          schedule: scheduleReference(schedule),
          start: null,
          end: null,
        })),
      );

  return (request) => {
    const { authorization, method } = request;
    if (authorization === undefined ? method !== 'GET' : !isKey(authorization, account.token())) return refuse(401, 'Authentication failed');
    const nowMs = clock.nowMs();
    if (nowMs - windowMs >= MINUTE_MS) [windowMs, asked] = [nowMs, 0];
    asked += 1;
    const headers = {
      'ratelimit-limit': String(MOST_A_MINUTE),
      'ratelimit-remaining': String(Math.max(0, MOST_A_MINUTE - asked)),
      'ratelimit-reset': String(Math.ceil((windowMs + MINUTE_MS - nowMs) / 1000)),
    };
    if (asked > MOST_A_MINUTE) return { ...refuse(429, 'Rate Limit Exceeded'), headers };
    return { ...answer(request), headers };
  };
}

const Create = z.looseObject({
  incident: z.looseObject({ title: z.string().min(1), service: z.looseObject({ id: z.string() }), incident_key: z.string().max(255).optional() }),
});
const Put = z.looseObject({
  incident: z.looseObject({ status: z.enum(['acknowledged', 'resolved']).optional(), escalation_level: z.int().min(1).optional() }),
});
const Responders = z.looseObject({
  requester_id: z.string(),
  message: z.string(),
  responder_request_targets: z
    .array(z.looseObject({ responder_request_target: z.looseObject({ id: z.string(), type: z.enum(['user_reference', 'escalation_policy_reference']) }) }))
    .min(1),
});
const Note = z.looseObject({ note: z.looseObject({ content: z.string().min(1) }) });

function isKey(authorization: string, token: string | undefined): boolean {
  const given = /^Token token=(\S+)$/.exec(authorization)?.[1] ?? /^Bearer (\S+)$/.exec(authorization)?.[1];
  return given !== undefined && (token === undefined || given === token);
}

function ofSchedules(ids: readonly string[]): (one: JsonObject) => boolean {
  return ({ schedule }) => ids.length === 0 || (isObject(schedule) && ids.includes(textIn(schedule['id'])));
}

function wanted(query: URLSearchParams): (one: PagedIncident) => boolean {
  const key = query.get('incident_key');
  const statuses = query.getAll('statuses[]');
  return (one) => (key === null || one.key === key) && (statuses.length === 0 || statuses.includes(one.status));
}

function pageOf(name: string, all: readonly JsonObject[], query: URLSearchParams): PagerDutyAnswer {
  const limit = Math.min(LARGEST_PAGE, Math.max(1, Number(query.get('limit') ?? FIRST_PAGE) || FIRST_PAGE));
  const offset = Math.max(0, Number(query.get('offset') ?? 0) || 0);
  return ok({ [name]: all.slice(offset, offset + limit), limit, offset, more: all.length > offset + limit, total: null });
}

function subscriptionJson({ id, url, active }: ReturnType<Webhooks['subscriptions']>[number]): JsonObject {
  const delivery = { type: 'http_delivery_method', url, temporarily_disabled: !active };
  return { id, type: 'webhook_subscription', active, delivery_method: delivery, events: ['incident.triggered', 'incident.acknowledged', 'incident.resolved'] };
}

function one<T>(name: string, found: T | undefined, show: (found: T) => JsonObject): PagerDutyAnswer {
  return found === undefined ? refuse(404, 'Not Found') : ok({ [name]: show(found) });
}

function ok(body: JsonObject): PagerDutyAnswer {
  return { code: 200, body };
}

/** PagerDuty's own numbers of errors, by what it says. */
const NUMBERS: { readonly [message: string]: number } = {
  'Not Found': 2100,
  'Invalid Input Provided': 2001,
  'Arguments Caused Error': 2002,
  'Requester User Not Found': 1008,
  'Authentication failed': 2006,
  'Rate Limit Exceeded': 2020,
};

function refuse(code: number, message: string, errors: readonly string[] = []): PagerDutyAnswer {
  return { code, body: { error: { message, code: NUMBERS[message] ?? code, ...(errors.length === 0 ? {} : { errors: [...errors] }) } } };
}
