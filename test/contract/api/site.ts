import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { makeCatalog } from '../../../src/action/catalog.ts';
import { remediation, z } from '../../../src/action/contract.ts';
import { callerOf } from '../../../src/command/access.ts';
import { createCommands } from '../../../src/command/create-commands.ts';
import type { CommandDeps } from '../../../src/command/deps.ts';
import { authenticator } from '../../../src/http/api/authenticate.ts';
import { apiRouter } from '../../../src/http/api/router.ts';
import { indexOf as incidentIndex } from '../../../src/incident/drive.ts';
import { chain, type EntryDraft, emptyChain } from '../../../src/model/entry.ts';
import { incidentId, runId } from '../../../src/model/identity.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { RunMail } from '../../../src/model/mail.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { Playbook } from '../../../src/model/playbook.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Run } from '../../../src/model/run.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Change, Store } from '../../../src/port/store.ts';
import { routePlaybook } from '../../../src/route/choose.ts';
import { everyNamespace } from '../../../src/route/name-scope.ts';
import { advance } from '../../../src/run/advance.ts';
import { indexOf, openSession } from '../../../src/run/session.ts';
import { oracleStore } from '../../../src/store/oracle.ts';

/** A site without clusters or engine: the store, the commands over it, the API on a port of its own, and records made by hand. */
export const DIGEST = 'd1d1d1d1'.repeat(8);
const CLUSTER = 'prod';

const PLAYBOOK = `
summary: Keep new work away from a node.
match: ['alertname = "KubeNodeNotReady"']
command: node isolate
params:
  node: { type: node, from: alert.labels.node }
  grace: { type: number, default: 30 }
target: { from: params.node }
stages:
  - id: isolate
    steps: [{ id: cordon, action: node.cordon, with: { node: { from: params.node } } }]
  - id: confirm
    ask:
      text: Is the load gone?
      show: [{ from: params.node }]
      role: approver
      answer: { type: yes-no, goOn: [true] }
      within: 1h
`;

export function playbook(id = 'node-isolate'): Playbook {
  const parsed = parsePlaybook({ id, text: PLAYBOOK, file: `${id}.yaml` });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.playbook;
}

const cordon = remediation({
  id: 'node.cordon',
  summary: 'Stop new pods from landing on a node',
  risk: 'reversible',
  needs: ['patch nodes'],
  params: z.strictObject({ node: z.string() }),
  result: z.strictObject({}),
  plan: async () => ({ summary: '', changes: [], undo: [], facts: {} }),
  execute: async () => ({}),
  verify: async () => ({ ok: true, evidence: [] }),
  rollback: { impossible: 'a test' },
});

const asks = { need: [{ team: 'platform', count: 1 }], notRequester: false, typedConfirmation: false, withinMs: 900_000, remindMs: 0 };

export const policy: Policy = {
  people: [
    { name: 'ana', teams: ['platform'] },
    { name: 'ben', teams: ['platform'] },
    { name: 'cleo', teams: ['shop'] },
    { name: 'dina', teams: ['incident-command', 'leads'] },
  ],
  roles: { approver: ['platform'] },
  rights: { read: 'everyone', run: ['platform'], pause: ['platform'], supersede: ['incident-command'], configure: ['leads'] },
  approvals: { reversible: asks, destructive: { ...asks, typedConfirmation: true }, stricter: [], auto: [] },
  ladders: { default: [] },
  gates: { blastRadius: {}, windows: [], freezes: [] },
  unrouted: { default: 'count' },
  severities: { default: 'SEV3' },
};

export const TOKENS = policy.people.map(({ name }) => ({ person: name, token: `token-of-${name}` }));

export type Site = {
  readonly url: string;
  readonly store: Store;
  readonly deps: CommandDeps;
  readonly drain: AbortController;
  get(path: string, person?: string): Promise<Answer>;
  post(path: string, body: unknown, person?: string, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
};

export type Answer = { readonly status: number; readonly body: JsonObject; readonly headers: Headers };

type Options = {
  readonly clock?: Clock;
  readonly pressWaitMs?: number;
  readonly policy?: Policy;
  readonly mostStreams?: number;
  readonly deps?: Partial<CommandDeps>;
};

export async function openSite(options: Options = {}): Promise<Site> {
  const { clock = systemClock, pressWaitMs = 2000, policy: rules = policy, mostStreams = 3 } = options;
  const store = oracleStore({ clock });
  const routed = routePlaybook(playbook());
  if ('error' in routed) throw new Error(routed.error);
  const clusters = ['prod', 'staging'].map((name) => ({
    name,
    isDefault: name === CLUSTER,
    repeatIntervalMs: 14_400_000,
    rereads: false,
    namespaces: everyNamespace,
  }));
  const deps: CommandDeps = {
    store,
    clock,
    ids: systemIds,
    policy: () => rules,
    intake: {
      store,
      clock,
      ids: systemIds,
      log: silentLog,
      catalog: () => [routed],
      clusters: () => clusters,
      policy: () => rules,
      watchdog: () => ({ alertname: 'Watchdog', withinMs: 300_000, ladder: 'default' }),
      findTargets: async () => [],
      reread: async () => ({ failed: 'not in tests' }),
    },
    actions: makeCatalog([cordon]),
    rehearsePlan: async () => ({ finding: { kind: 'act', reason: 'it is silent' }, evidence: ['no lease for 5m'], plan: plan(), holds: [] }),
    explain: async ({ body, atMs }) => ({ alerts: [], body, atMs }),
    report: async ({ incident, timeline, runs }, format) =>
      format === 'json' ? JSON.stringify({ id: incident.id, lines: timeline.length, runs: runs.length }) : `# ${incident.title}`,
    pressWaitMs,
    ...options.deps,
  };
  const commands = createCommands(deps);
  const drain = new AbortController();
  const app = express();
  app.use(
    apiRouter({
      commands,
      clock,
      log: silentLog,
      version: '0.0.0-test',
      draining: drain.signal,
      mostStreams,
      authenticate: authenticator({ tokens: () => TOKENS, callerOf: (person) => callerOf(rules, person, 'api') }),
      anonymous: () => callerOf(rules, undefined, 'api'),
    }),
  );
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string, init: RequestInit, person?: string): Promise<Answer> => {
    const headers = new Headers(init.headers);
    if (person !== undefined) headers.set('authorization', `Bearer token-of-${person}`);
    const response = await fetch(url + path, { ...init, headers });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as JsonObject), headers: response.headers };
  };
  return {
    url,
    store,
    deps,
    drain,
    get: (path, person) => ask(path, {}, person),
    post: (path, body, person, headers = {}) =>
      ask(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }, person),
    async close() {
      drain.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}

export function plan(digest = DIGEST, stage = 'isolate'): Plan {
  const change = { verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: false, to: true } as const;
  return {
    stage,
    generation: 1,
    digest,
    risk: 'reversible',
    steps: [
      {
        step: 'cordon',
        action: 'node.cordon',
        cluster: CLUSTER,
        params: { node: 'w1' },
        stepKey: 'key',
        risk: 'reversible',
        summary: 'Cordon w1',
        changes: [change],
        undo: [{ ...change, from: true, to: false }],
        facts: { node: 'uid-1' },
      },
    ],
  };
}

/** A run that waits for approval. */
export function proposedRun(change: Partial<Run> = {}): Run {
  const target = change.target ?? 'w1';
  const nowMs = Date.now();
  return {
    id: runId({ playbook: 'node-isolate', cluster: CLUSTER, target, ordinal: change.ordinal ?? 1 }),
    playbook: 'node-isolate',
    playbookDigest: playbook().digest,
    cluster: CLUSTER,
    target,
    lockKeys: [`${CLUSTER}/Node//${target}`],
    ordinal: 1,
    incident: incidentId('node-isolate/prod', 1),
    start: { by: 'alert', episode: 'episode/1', labels: [], startsAtMs: nowMs - 60_000, receivedMs: nowMs - 1000 },
    params: { node: target, grace: 30 },
    found: {},
    state: 'proposed',
    stage: 0,
    generation: 1,
    finding: { kind: 'act', reason: 'it is silent' },
    diagnosis: {},
    checks: {},
    answers: {},
    measured: {},
    plan: plan(),
    approval: {
      requirement: {
        kind: 'people',
        need: [{ team: 'platform', count: 2 }],
        notRequester: false,
        withinMs: 900_000,
        remindMs: 0,
        words: 'needs 2 of platform, within 15m',
      },
      askedMs: nowMs,
      expiresMs: nowMs + 900_000,
      votes: [],
    },
    steps: [],
    voids: 0,
    locked: false,
    clusterUids: {},
    openIntents: [],
    refusals: 0,
    createdMs: nowMs - 1000,
    chain: emptyChain,
    ...change,
  };
}

export function openIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: incidentId('node-isolate/prod', 1),
    key: 'node-isolate/prod',
    ordinal: 1,
    cluster: CLUSTER,
    playbook: 'node-isolate',
    title: 'KubeNodeNotReady w1',
    state: 'open',
    severity: 'SEV2',
    openedMs: Date.now(),
    openRuns: [],
    firing: ['episode/1'],
    runs: [],
    climbs: [],
    parked: [],
    chain: emptyChain,
    ...change,
  };
}

/** Stores a run with its journal, as the engine does. */
export async function putRun(store: Store, run: Run, lines: readonly EntryDraft[] = []): Promise<Run> {
  const { entries, head } = chain(run.id, run.chain, lines);
  const stored: Run = { ...run, chain: head };
  await put(store, stored.cluster, { do: 'put', id: run.id, kind: 'run', indexed: indexOf(stored), value: stored }, { of: run.id, entries });
  return stored;
}

/** Stores an incident with its timeline. */
export async function putIncident(store: Store, incident: Incident, lines: readonly EntryDraft[] = []): Promise<Incident> {
  const { entries, head } = chain(incident.id, incident.chain, lines);
  const stored: Incident = { ...incident, chain: head };
  const indexed = incidentIndex(stored);
  await put(store, stored.cluster, { do: 'put', id: incident.id, kind: 'incident', indexed, value: stored }, { of: incident.id, entries });
  return stored;
}

export function line(type: string, data: JsonObject, atMs = Date.now()): EntryDraft {
  return { type, data, atMs };
}

type Lines = { readonly of: string; readonly entries: ReturnType<typeof chain>['entries'] };

async function put(store: Store, partition: string, change: Extract<Change, { do: 'put' }>, { of, entries }: Lines): Promise<void> {
  const before = await store.get(partition, change.id);
  const guard = before === undefined ? ({ is: 'absent', id: change.id } as const) : ({ is: 'seq', id: change.id, seq: before.seq } as const);
  const result = await store.commit({
    partition,
    opId: systemIds.next(),
    guards: [guard],
    changes: [change, ...(entries.length === 0 ? [] : [{ do: 'append', of, entries } as const])],
  });
  if (result.kind !== 'done') throw new Error(`not stored: ${result.kind}`);
}

/** Reads the mail of runs as the engine does, with the engine's own judgement, but does nothing that follows from it. */
export function readMail({ store, deps }: Pick<Site, 'store' | 'deps'>): () => void {
  let busy: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    const { claimed } = await store.claim({ kinds: ['run'], owner: 'reader', limit: 10, leaseMs: 6000 });
    for (const { record, mail } of claimed) {
      const session = openSession({ store, clock: deps.clock, ids: systemIds }, record, new AbortController().signal);
      const about = { playbook: playbook(), policy: deps.policy(), nowMs: deps.clock.nowMs() };
      for (const { value, atMs, order } of mail) {
        const next = advance(session.run(), { kind: 'mail', mail: value as unknown as RunMail, atMs }, about);
        session.take(
          next.run,
          next.entries.map((entry) => ({ ...entry, atMs: about.nowMs })),
          [],
        );
        session.read(order);
      }
      await session.commit({ release: true });
      session.close();
    }
  };
  busy = read();
  return store.onChange(() => {
    busy = busy.then(read);
  });
}
