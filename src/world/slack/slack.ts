import { SalvorError } from '../../model/error.ts';
import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { type Answered, type Asked, webApi } from './api/call.ts';
import { upload } from './api/files.ts';
import { type Call, slackCore } from './core.ts';
import { events } from './deliver/events.ts';
import type { Outcome, Way } from './deliver/outcome.ts';
import { requests } from './deliver/requests.ts';
import { responseUrls } from './deliver/response-urls.ts';
import { type Sockets, sockets } from './deliver/sockets.ts';
import { type Person, person } from './person/person.ts';
import { DEFAULTS, populate } from './populate.ts';
import { type SlackFaultInput, SlackScenario, scenarioOf } from './scenario.ts';
import { findChannel, type Message, shownTo, type Workspace } from './workspace.ts';

/** A whole simulated Slack: its Web API, both ways to the app, the people in it, and its switches. */
export type SimulatedSlack = {
  readonly workspace: Workspace;
  /** Names of the Web API methods that it knows. */
  readonly methods: readonly string[];
  readonly call: (asked: Asked) => Promise<Answered>;
  /** What is posted to a response address, and to an upload address. */
  readonly respond: (id: string, body: string) => { readonly code: number; readonly body: unknown };
  readonly upload: (id: string, content: Buffer) => { readonly code: number; readonly text: string };
  readonly sockets: Sockets;
  /** A person by name or id; the same one each time. Throws where there is none. */
  readonly user: (who: string) => Person;
  /** The last event once more, as Slack's own retry. */
  readonly eventAgain: () => Promise<Outcome | undefined>;
  /** Asks the app's address whether it is the app's, as Slack does when it is set. */
  readonly verifyRequestUrl: () => Promise<boolean>;
  /** Messages of a channel that everybody sees, in posted order. */
  readonly messages: (channel?: string) => readonly Message[];
  /** Every call of the Web API. */
  readonly calls: (method?: string) => readonly Call[];
  /** Puts, changes, breaks and mends. Throws `config.invalid`. */
  readonly apply: (scenario: SlackScenario) => void;
  /** Answers how to take the fault away. */
  readonly fault: (fault: SlackFaultInput) => () => void;
  readonly clearFaults: () => void;
  /** The app's tokens are refused from now on with this error; undefined: they are good again. */
  readonly revoke: (error?: 'token_revoked' | 'account_inactive' | 'invalid_auth') => void;
  readonly restore: () => void;
  /** The granted scopes, or those without one. */
  readonly grant: (scopes: readonly string[]) => void;
  readonly takeScope: (scope: string) => void;
  readonly archive: (channel: string) => void;
  /** The app is thrown out of a channel. */
  readonly kick: (channel: string) => void;
  /** Calls back after each change that people can see; the answer ends that. */
  readonly onChange: (listener: () => void) => () => void;
  /** Waits for something to come about. Throws after `withinMs` of the clock, 10 s by default, naming what was waited for. */
  readonly until: <T>(what: string, read: () => T | undefined | false, withinMs?: number) => Promise<T>;
  /** Where it is served, without a slash at the end. */
  readonly serveAt: (url: string) => void;
  readonly baseUrl: () => string;
};

const UNTIL_MS = 10_000;

type SlackOptions = {
  readonly clock: Clock;
  readonly ids: Ids;
  /** How what people do gets to the app; absent: by sockets, or to its address. */
  readonly ways?: Way;
};

/** A workspace with `#dr`, the people ana, ben, cleo and dan, and the app in it. */
export function simulatedSlack({ clock, ids, ways }: SlackOptions): SimulatedSlack {
  const core = slackCore({ clock, ids });
  const { workspace } = core;
  const links = sockets(core);
  const posts = requests(core);
  const away: Way = { send: () => Promise.resolve({ acknowledged: false, afterMs: 0, why: 'nobody listens' }) };
  // What people do while Slack is down never gets to the app, and is not made up for.
  const way = (): Way => (core.faults.isDown() ? away : (ways ?? (workspace.app.requestUrl === undefined ? links : posts)));
  const told = events(core, way);
  const answers = responseUrls(core);
  const api = webApi(core, { 'apps.connections.open': links.open });
  const persons = new Map<string, Person>();

  const channelNamed = (name: string) => {
    const channel = findChannel(workspace, name);
    if (channel === undefined) throw new SalvorError('config.invalid', `the simulated Slack has no channel ${name}`);
    return channel;
  };

  const slack: SimulatedSlack = {
    workspace,
    methods: api.names,
    call: api.call,
    respond: answers.take,
    upload: (id, content) => upload(core, id, content),
    sockets: links,
    user(who) {
      const one = persons.get(who) ?? person({ core, way, events: told, responseUrls: answers }, who);
      const same = persons.get(one.id) ?? one;
      persons.set(who, same).set(same.id, same);
      return same;
    },
    eventAgain: told.again,
    async verifyRequestUrl() {
      const challenge = core.secret();
      const outcome = await posts.send({ kind: 'events_api', payload: { type: 'url_verification', token: 'verification', challenge } });
      if (!outcome.acknowledged) return false;
      const { answer } = outcome;
      return answer === challenge || (typeof answer === 'object' && answer !== null && 'challenge' in answer && answer.challenge === challenge);
    },
    messages: (channel = 'dr') => shownTo(channelNamed(channel)),
    calls: (method) => (method === undefined ? core.calls : core.calls.filter((call) => call.method === method)),
    apply(given) {
      const read = SlackScenario.parse(scenarioOf(given));
      populate(workspace, read, clock.nowMs());
      if (read.rateLimits !== undefined) core.limits.enforce(read.rateLimits);
      if (read.clearFaults) core.faults.clear();
      for (const fault of given.faults ?? []) core.faults.add(fault);
      core.changed();
    },
    fault: core.faults.add,
    clearFaults: core.faults.clear,
    revoke(error = 'token_revoked') {
      workspace.app.refusedWith = error;
      links.cut();
    },
    restore: () => void (workspace.app.refusedWith = undefined),
    grant: (scopes) => void (workspace.app.scopes = scopes),
    takeScope: (scope) => void (workspace.app.scopes = workspace.app.scopes.filter((one) => one !== scope)),
    archive(name) {
      channelNamed(name).isArchived = true;
      core.changed();
    },
    kick(name) {
      channelNamed(name).members.delete(workspace.app.userId);
      core.changed();
    },
    onChange: core.onChange,
    until: (what, read, withinMs = UNTIL_MS) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = read();
          if (found === undefined || found === false) return;
          end();
          resolve(found);
        };
        const stop = core.onChange(look);
        const cancel = clock.after(withinMs, () => {
          end();
          reject(new Error(`the simulated Slack waited ${withinMs} ms in vain for ${what}`));
        });
        const end = (): void => {
          stop();
          cancel();
        };
        look();
      }),
    serveAt: core.serveAt,
    baseUrl: core.baseUrl,
  };
  slack.apply(DEFAULTS);
  return slack;
}
