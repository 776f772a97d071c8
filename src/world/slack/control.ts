import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { errorText } from '../../model/error.ts';
import type { Json } from '../../model/json.ts';
import { respondJson } from '../http/respond.ts';
import { renderText } from './page/render-text.ts';
import { scenarioOf } from './scenario.ts';
import type { SimulatedSlack } from './slack.ts';

const who = { user: z.string() };
const where = { channel: z.string().optional(), thread: z.string().optional() };
const which = { channel: z.string().optional(), ts: z.string().optional(), text: z.string().optional() };
const Given = z.union([z.string(), z.array(z.string())]);

type Asked = { readonly method: string; readonly name: string; readonly query: URLSearchParams; readonly body: string };
type Switch = (slack: SimulatedSlack, body: unknown) => unknown;

function taking<Shape extends z.ZodType>(shape: Shape, run: (slack: SimulatedSlack, given: z.output<Shape>) => unknown): Switch {
  return (slack, body) => run(slack, shape.parse(body));
}

/** What people do and what happens to Slack, by `POST`. Strict JSON; a person's act answers what the person sees. */
const SWITCHES: { readonly [name: string]: Switch } = {
  type: taking(z.strictObject({ ...who, text: z.string(), ...where }), (slack, { user, text, ...rest }) => slack.user(user).type(text, rest)),
  press: taking(
    z.strictObject({
      ...who,
      ...which,
      action: z.string(),
      value: Given.optional(),
      confirm: z.boolean().optional(),
      in: z.enum(['modal', 'home']).optional(),
    }),
    (slack, { user, action, ...rest }) => slack.user(user).press({ action, ...rest }),
  ),
  submit: taking(z.strictObject({ ...who, values: z.record(z.string(), Given).optional() }), (slack, { user, values }) => slack.user(user).submit(values)),
  close: taking(z.strictObject({ ...who, all: z.boolean().optional() }), (slack, { user, all = false }) => slack.user(user).close({ all })),
  suggest: taking(z.strictObject({ ...who, ...which, action: z.string(), typed: z.string().optional() }), (slack, { user, action, ...rest }) =>
    slack.user(user).suggest({ action, ...rest }),
  ),
  home: taking(z.strictObject(who), (slack, { user }) => slack.user(user).openHome()),
  say: taking(z.strictObject({ ...who, text: z.string(), ...where }), (slack, { user, text, ...rest }) => slack.user(user).say(text, rest)),
  react: taking(z.strictObject({ ...who, ...which, name: z.string() }), (slack, { user, name, ...rest }) => slack.user(user).react(name, rest)),
  redeliver: taking(z.strictObject(who), (slack, { user }) => slack.user(user).redeliver()),
  'event-again': taking(z.strictObject({}), (slack) => slack.eventAgain()),
  apply: (slack, body) => slack.apply(scenarioOf(body)),
  fault: (slack, body) => slack.apply(scenarioOf({ faults: [body] })),
  'clear-faults': taking(z.strictObject({}), (slack) => slack.clearFaults()),
  disconnect: taking(z.strictObject({ reason: z.enum(['warning', 'refresh_requested', 'link_disabled']) }), (slack, { reason }) =>
    slack.sockets.disconnect(reason),
  ),
  cut: taking(z.strictObject({ count: z.int().min(1).optional() }), (slack, { count }) => slack.sockets.cut(count)),
  revoke: taking(z.strictObject({ error: z.enum(['token_revoked', 'account_inactive', 'invalid_auth']).optional() }), (slack, { error }) =>
    slack.revoke(error),
  ),
  restore: taking(z.strictObject({}), (slack) => slack.restore()),
  'take-scope': taking(z.strictObject({ scope: z.string() }), (slack, { scope }) => slack.takeScope(scope)),
  archive: taking(z.strictObject({ channel: z.string() }), (slack, { channel }) => slack.archive(channel)),
  kick: taking(z.strictObject({ channel: z.string() }), (slack, { channel }) => slack.kick(channel)),
};

/**
 * The switches under `/control`: `POST` one of those above, `GET state` for all that there is, `GET text?channel=&user=` for what is seen as plain text.
 * For tests outside of this program and for demos; no part of Slack.
 */
export async function slackControl(slack: SimulatedSlack, response: ServerResponse, { method, name, query, body }: Asked): Promise<void> {
  try {
    if (method === 'GET' && name === 'state') return respondJson(response, stateOf(slack));
    if (method === 'GET' && name === 'text') return respondJson(response, { text: textOf(slack, query) });
    const run = method === 'POST' && Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
    if (run === undefined) return respondJson(response, { error: `no such switch; POST ${Object.keys(SWITCHES).join(', ')}; GET state, text` }, 404);
    const done = await run(slack, body === '' ? {} : JSON.parse(body));
    return respondJson(response, json(done ?? { done: true }));
  } catch (error) {
    return respondJson(response, { error: errorText(error) }, 400);
  }
}

function textOf(slack: SimulatedSlack, query: URLSearchParams): string {
  const user = query.get('user');
  const channel = query.get('channel') ?? 'dr';
  const messages = user === null ? slack.messages(channel) : slack.user(user).sees(channel);
  return messages.map((message) => renderText(message, slack.workspace)).join('\n\n');
}

function stateOf({ workspace, sockets, calls }: SimulatedSlack): Json {
  const { users, channels, groups, modals, homes, app } = workspace;
  return json({
    users: [...users.values()],
    channels: [...channels.values()].map((channel) => ({
      ...channel,
      members: [...channel.members],
      pins: [...channel.pins],
      messages: channel.messages.map((message) => ({ ...message, reactions: Object.fromEntries(message.reactions) })),
    })),
    groups: [...groups.values()],
    modals: Object.fromEntries(modals),
    homes: Object.fromEntries(homes),
    app: { id: app.id, scopes: app.scopes, requestUrl: app.requestUrl ?? null },
    sockets: sockets.count(),
    calls: calls(),
  });
}

function json(value: unknown): Json {
  const copied: Json = JSON.parse(JSON.stringify(value));
  return copied;
}
