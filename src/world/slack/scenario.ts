import { z } from 'zod';
import { Duration } from '../../model/duration.ts';
import { SalvorError } from '../../model/error.ts';

const Name = z.string().regex(/^[\p{Ll}\p{Lo}\p{N}_-]{1,80}$/u, 'expected a channel name: small letters, digits, - and _');
const UserId = z.string().regex(/^[UW][A-Z0-9]+$/, 'expected a user id such as U0ANA');
const Handle = z.string().regex(/^[a-z0-9._-]{1,80}$/, 'expected a handle such as ana');

const User = z.strictObject({
  name: Handle,
  id: UserId.optional(),
  realName: z.string().optional(),
  email: z.string().optional(),
  bot: z.boolean().optional(),
  /** Deactivated. */
  deleted: z.boolean().optional(),
  /** A guest: `multi` of several channels, `single` of one. */
  guest: z.enum(['multi', 'single']).optional(),
  /** From another workspace, by Slack Connect. */
  stranger: z.boolean().optional(),
});

const Channel = z.strictObject({
  name: Name,
  id: z
    .string()
    .regex(/^C[A-Z0-9]+$/, 'expected a channel id such as C0DR')
    .optional(),
  private: z.boolean().optional(),
  archived: z.boolean().optional(),
  /** Shared with another workspace. */
  shared: z.boolean().optional(),
  /** Handles; absent: everybody who is no bot. */
  members: z.array(Handle).optional(),
  /** Whether the app is in it; absent: yes. */
  bot: z.boolean().optional(),
});

const Group = z.strictObject({
  handle: Handle,
  id: z
    .string()
    .regex(/^S[A-Z0-9]+$/)
    .optional(),
  name: z.string().optional(),
  users: z.array(Handle),
});

/**
 * What a request of the app meets instead of its answer. `down` breaks the connection before anything is done, of sockets too; `reset` does that to one
 * request; `lost-reply` does it and breaks off; `rate-limited` 429; `server-error` 5xx; `refuse` 200 with `ok: false` and the given error;
 * `slow` answers after `delay`; `hang` does nothing and never answers.
 */
export const SlackFault = z
  .strictObject({
    give: z.enum(['down', 'reset', 'lost-reply', 'rate-limited', 'server-error', 'refuse', 'slow', 'hang']),
    /** A method, or its beginning with a `*` at the end; absent: all. */
    method: z.string().optional(),
    /** Only where the argument `channel` is this id. */
    channel: z.string().optional(),
    /** Slack's name of the error, for `refuse`. */
    error: z.string().optional(),
    /** For `server-error`; default 500. */
    status: z.int().min(500).max(599).optional(),
    /** For `rate-limited`; default 1s. */
    retryAfter: Duration.optional(),
    /** For `slow`, default 1s; for any other one, how long it takes before. */
    delay: Duration.optional(),
    times: z.int().min(1).optional(),
    skip: z.int().min(0).optional(),
    lasts: Duration.optional(),
  })
  .refine(({ give, error }) => give !== 'refuse' || error !== undefined, 'refuse needs the error that Slack gives');
export type SlackFaultInput = z.input<typeof SlackFault>;
export type ReadSlackFault = z.output<typeof SlackFault>;

const App = z.strictObject({
  /** The only bot token that is let in; absent: any that begins with `xoxb-`. */
  botToken: z.string().optional(),
  /** The only app token; absent: any that begins with `xapp-`. */
  appToken: z.string().optional(),
  signingSecret: z.string().optional(),
  /** Where Slack posts to; with it the app is in HTTP mode, `null` goes back to Socket Mode. */
  requestUrl: z.url().nullable().optional(),
  /** Granted bot scopes; absent: those of a full installation. */
  scopes: z.array(z.string()).optional(),
  commands: z.array(z.strictObject({ command: z.string().startsWith('/'), escape: z.boolean().optional() })).optional(),
});

/** What a workspace looks like, and what happens to it: what is named is put or changed, what is not named stays. */
export const SlackScenario = z.strictObject({
  users: z.array(User).optional(),
  channels: z.array(Channel).optional(),
  groups: z.array(Group).optional(),
  app: App.optional(),
  /** False: no limit of calls in a time. */
  rateLimits: z.boolean().optional(),
  faults: z.array(SlackFault).optional(),
  clearFaults: z.boolean().optional(),
});
export type SlackScenario = z.input<typeof SlackScenario>;
export type ReadSlackScenario = z.output<typeof SlackScenario>;

/** A scenario as somebody wrote it, checked. Throws `config.invalid`, naming the field. */
export function scenarioOf(given: unknown): SlackScenario {
  if (isScenario(given)) return given;
  const problems = SlackScenario.safeParse(given).error?.issues.map(({ path, message }) => `slack.${path.join('.')}: ${message}`) ?? [];
  throw new SalvorError('config.invalid', `the scenario of the simulated Slack is wrong: ${problems.join('; ')}`);
}

function isScenario(given: unknown): given is SlackScenario {
  return SlackScenario.safeParse(given).success;
}
