import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { onTestFinished } from 'vitest';
import { callerOf } from '../../../../src/command/access.ts';
import { createCommands } from '../../../../src/command/create-commands.ts';
import type { CommandDeps } from '../../../../src/command/deps.ts';
import { recordRefusal } from '../../../../src/command/refusal.ts';
import { shortId } from '../../../../src/model/identity.ts';
import type { Incident } from '../../../../src/model/incident.ts';
import type { Policy } from '../../../../src/model/policy.ts';
import type { Run } from '../../../../src/model/run.ts';
import { systemClock } from '../../../../src/port/clock.ts';
import type { Commands } from '../../../../src/port/commands.ts';
import { systemIds } from '../../../../src/port/ids.ts';
import type { Log, LogFacts } from '../../../../src/port/log.ts';
import type { Store } from '../../../../src/port/store.ts';
import { readRun } from '../../../../src/run/stored.ts';
import { slackClient } from '../../../../src/slack/client.ts';
import { type Hearing, openHearing } from '../../../../src/slack/hearing.ts';
import type { SlackScenario } from '../../../../src/world/slack/scenario.ts';
import type { SimulatedSlack } from '../../../../src/world/slack/slack.ts';
import { DIGEST, openIncident, openSite, plan, proposedRun, putIncident, putRun, readMail, policy as siteRules } from '../../api/site.ts';
import { APP, BOT, stage as slackStage } from '../../world/slack/stage.ts';

/** The hearing half of Slack over real Bolt, between a simulated Slack and the commands over a store; mail of runs is judged by the engine's own rules. */
export type HearingStage = {
  readonly slack: SimulatedSlack;
  readonly hearing: Hearing;
  /** A second server beside it, over the same store. */
  readonly another: () => Hearing;
  /** Posts to the events address as nobody; answers the status. */
  readonly posted: (body: string) => Promise<number>;
  readonly store: Store;
  /** The configuration is read again. */
  readonly policyIs: (change: Partial<Policy>) => void;
  /** Names of log lines with their facts. */
  readonly logged: (name: string) => readonly LogFacts[];
  /** A run that waits for a decision, with its incident and its buttons in `#dr`; answers its name of 8 characters. */
  readonly propose: (change?: Partial<Run>) => Promise<Proposal>;
  /** A message in `#dr` with the buttons of this run and plan. */
  readonly buttons: (of: {
    readonly run: Pick<Run, 'id'>;
    readonly incident: Pick<Incident, 'id'>;
    readonly digest: string;
    readonly text: string;
    /** Absent: `#dr`. */
    readonly channel?: string;
  }) => Promise<void>;
  /** Stores a run as it is now. */
  readonly change: (run: Run) => Promise<Run>;
  /** Adds lines to the journal of a run. */
  readonly journal: (id: string, lines: Parameters<typeof putRun>[2]) => Promise<void>;
  readonly run: (id: string) => Promise<Awaited<ReturnType<Commands['run']>>>;
  /** What the person alone was told, newest last. */
  readonly told: (who: string, channel?: string) => readonly string[];
  /** Waits for the next text that only this person sees. */
  readonly tellsNext: (who: string, channel?: string) => Promise<string>;
};

export type Proposal = { readonly run: Run; readonly incident: Incident; readonly name: string; readonly digest: string };

export type Options = {
  readonly mode?: 'socket' | 'http';
  readonly slack?: SlackScenario;
  readonly policy?: Partial<Policy>;
  /** Changes what Commands do, such as never to answer. */
  readonly commands?: (commands: Commands) => Partial<Commands>;
  readonly channel?: string;
  readonly deps?: Partial<CommandDeps>;
  /** Not connected yet when the stage is there. */
  readonly alone?: true;
};

/** `dan` is in Slack, and nobody here; `cleo` may decide nothing. */
export const PEOPLE: Policy['people'] = [
  { name: 'ana', slack: 'U0ANA', teams: ['platform'] },
  { name: 'ben', slack: 'U0BEN', teams: ['platform'] },
  { name: 'cleo', slack: 'U0CLEO', teams: ['shop'] },
];

export async function openStage({
  mode = 'socket',
  slack: scenario = {},
  policy: rules = {},
  commands: changed,
  channel = '#dr',
  deps = {},
  alone,
}: Options = {}): Promise<HearingStage> {
  const { slack, served, call } = await slackStage({ rateLimits: false, ...scenario });
  let policy: Policy = { ...siteRules, people: PEOPLE, ...rules };
  const site = await openSite({ policy, pressWaitMs: 500, deps });
  onTestFinished(() => site.close());
  onTestFinished(readMail(site));
  const commands = createCommands(site.deps);
  const lines: { readonly name: string; readonly facts: LogFacts }[] = [];
  const put = (name: string, facts: LogFacts = {}): void => void lines.push({ name, facts });
  const log: Log = { debug: put, info: put, warn: put, error: put };
  const open = (): Hearing =>
    openHearing({
      commands: { ...commands, ...changed?.(commands) },
      callerOf: (person) => callerOf(policy, person, 'slack'),
      policy: () => policy,
      client: slackClient({ token: () => BOT, apiUrl: served.apiUrl }),
      channel: () => channel,
      apiUrl: () => served.apiUrl,
      record: recordRefusal(site.deps),
      socket: () => (mode === 'socket' ? { appToken: APP, apiUrl: served.apiUrl } : undefined),
      signingSecret: () => (mode === 'http' ? slack.workspace.app.signingSecret : undefined),
      clock: systemClock,
      ids: systemIds,
      log,
    });
  const hearing = open();
  if (mode === 'http') slack.apply({ app: { requestUrl: await listen(hearing) } });
  hearing.start();
  onTestFinished(() => hearing.stop());
  if (mode === 'socket' && alone === undefined) await slack.until('a socket', () => slack.sockets.count() > 0);

  const buttons: HearingStage['buttons'] = async ({ run, incident, digest, text, channel: where = 'C0DR' }) => {
    const button = (action: string, value: string): object => ({ type: 'button', action_id: action, value, text: { type: 'plain_text', text: action } });
    const elements = [
      ...['approve', 'reject', 'hold', 'release', 'withdraw', 'ask', 'show'].map((action) => button(action, `${shortId(run.id)}:${digest}`)),
      ...['acknowledge', 'lead'].map((action) => button(action, shortId(incident.id))),
    ];
    const { body } = await call('chat.postMessage', { channel: where, text, blocks: [{ type: 'actions', elements }] });
    if (!body.ok) throw new Error(`the buttons are not there: ${body.error ?? ''}`);
  };
  const told = (who: string, where = 'dr'): readonly string[] =>
    slack
      .user(who)
      .sees(where)
      .filter(({ onlyFor }) => onlyFor !== undefined)
      .map(({ text }) => text);
  return {
    slack,
    hearing,
    another() {
      const other = open();
      other.start();
      onTestFinished(() => other.stop());
      return other;
    },
    posted: async (body) => (await fetch(await listen(hearing), { method: 'POST', body })).status,
    store: site.store,
    policyIs: (change) => void (policy = { ...policy, ...change }),
    buttons,
    change: (run) => putRun(site.store, run),
    async journal(id, lines) {
      const record = await site.store.get('prod', id);
      if (record !== undefined) await putRun(site.store, readRun(record), lines);
    },
    logged: (name) => lines.filter((line) => line.name === name).map(({ facts }) => facts),
    told,
    async tellsNext(who, where) {
      const before = told(who, where).length;
      return slack.until(`${who} is told`, () => told(who, where)[before]);
    },
    run: (id) => commands.run(callerOf(policy, 'ana', 'slack'), id),
    async propose(change = {}) {
      const incident = await putIncident(site.store, openIncident());
      const run = await putRun(site.store, proposedRun({ incident: incident.id, ...change }));
      const digest = run.plan?.digest ?? DIGEST;
      await buttons({ run, incident, digest, text: 'a proposal' });
      return { run, incident, name: shortId(run.id).slice(0, 8), digest };
    },
  };
}

async function listen(hearing: Hearing): Promise<string> {
  const app = express();
  app.use(hearing.events);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/slack/events`;
}

/** A plan that asks for a typed word. */
export function typedRun(word = 'w1'): Partial<Run> {
  const base = proposedRun();
  if (base.approval === undefined || base.plan === undefined) throw new Error('the sample is not proposed');
  return {
    plan: { ...plan(), risk: 'destructive', steps: plan().steps.map((step) => ({ ...step, risk: 'destructive' as const })) },
    approval: {
      ...base.approval,
      requirement: {
        kind: 'people',
        need: [{ team: 'platform', count: 1 }],
        notRequester: true,
        withinMs: 900_000,
        remindMs: 0,
        words: 'needs 1 of platform, not the requester, within 15m',
        confirmation: word,
      },
    },
  };
}
