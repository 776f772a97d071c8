import { expect, test } from 'vitest';
import { driveIncident } from '../../../src/incident/drive.ts';
import { headOfClosed, newIncident, putIncidentHead, readIncidentHead } from '../../../src/ingest/incident.ts';
import { findBreak } from '../../../src/model/entry.ts';
import { incidentHeadId } from '../../../src/model/identity.ts';
import type { IncidentMail } from '../../../src/model/mail.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { readMailed } from '../../../src/notify/lane.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Change, Guard, Store } from '../../../src/port/store.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const KEY = 'node-not-ready/prod';
const LEASE_MS = 6000;
const people = { need: [{ team: 'platform', count: 1 }], notRequester: false, typedConfirmation: false, withinMs: 1, remindMs: 1 };
const policy: Policy = {
  people: [],
  roles: {},
  rights: { read: 'everyone', run: [], pause: [], supersede: [], configure: [] },
  approvals: { reversible: people, destructive: people, stricter: [], auto: [] },
  ladders: {
    default: [
      { page: 'platform-primary', afterMs: 0 },
      { page: 'platform-secondary', afterMs: 900_000 },
    ],
  },
  gates: { blastRadius: {}, windows: [], freezes: [] },
  unrouted: {},
  severities: {},
};

/** One incident on the oracle, told by mail as the pipeline and runs do, driven as the loop does. */
async function scene() {
  const clock = virtualClock();
  const oracle = oracleStore({ clock });
  /** Called once, before the next commit of the driver. */
  const meddle: { before?: () => Promise<void> } = {};
  const store: Store = {
    ...oracle,
    async commit(commit) {
      const { before } = meddle;
      delete meddle.before;
      await before?.();
      return oracle.commit(commit);
    },
  };
  let ops = 0;
  const commit = (changes: readonly Change[], guards: readonly Guard[] = []) => {
    ops += 1;
    return oracle.commit({ partition: 'prod', opId: `test-${ops}`, guards, changes });
  };
  const { incident, put } = newIncident({
    key: KEY,
    ordinal: 1,
    cluster: 'prod',
    playbook: 'node-not-ready',
    title: 'KubeNodeNotReady on prod',
    severity: 'SEV2',
    nowMs: clock.nowMs(),
  });
  const { id } = incident;
  await commit([put, putIncidentHead(KEY, { ordinal: 1, open: id })], [{ is: 'absent', id }]);

  const started: string[] = [];
  const starting: { fails: boolean } = { fails: false };
  const deps = {
    store,
    clock,
    ids: { next: () => `op-${(ops += 1)}`, random: () => 0 },
    log: silentLog,
    policy: () => policy,
    startParked: async ({ cluster, episode }: { readonly cluster: string; readonly episode: string }) => {
      if (starting.fails) throw new Error('no');
      started.push(`${cluster} ${episode}`);
    },
  };
  let told = 0;
  const tell = async (...mail: readonly IncidentMail[]) => {
    await commit(mail.map((value): Change => ({ do: 'mail', to: id, key: `m${(told += 1)}`, value })));
  };
  const claim = async () => (await oracle.claim({ kinds: ['incident'], owner: 'test', limit: 1, leaseMs: LEASE_MS })).claimed;
  const drive = async () => {
    for (const one of await claim()) await driveIncident(deps, one);
  };
  const value = async () => (await oracle.get('prod', id))?.value;
  const entries = () => oracle.entries({ partition: 'prod', of: id });
  const texts = async () => (await entries()).map(({ data }) => data['text']);
  const lane = async (to: 'chat' | 'pager') => (await oracle.mail('prod', `lane/${to}/${id}`)).flatMap(({ value: mail }) => readMailed(to, mail) ?? []);
  const chat = async () => (await lane('chat')).flatMap((one) => (one.to === 'chat' ? [`${one.message.kind}: ${one.message.title}`] : []));
  const pages = async () => (await lane('pager')).flatMap((one) => (one.to === 'pager' ? [`${one.page.action} ${one.page.target}`] : []));
  const head = async () => readIncidentHead((await oracle.get('prod', incidentHeadId(KEY)))?.value);
  const dueInMs = async () => {
    const dueMs = (await oracle.get('prod', id))?.dueMs;
    return dueMs === undefined ? undefined : dueMs - clock.nowMs();
  };
  return { id, clock, oracle, commit, deps, meddle, started, starting, tell, claim, drive, value, entries, texts, chat, pages, head, dueInMs };
}

const fires: IncidentMail = { kind: 'alert', status: 'firing', name: 'KubeNodeNotReady', episode: 'episode/1', summary: 'w1 is not ready' };
const ends: IncidentMail = { ...fires, status: 'resolved' };
const told = (state: string): IncidentMail => ({ kind: 'run', run: 'run/a-1', n: 1, type: `run.${state}`, text: `the run is ${state}`, state, facts: {} });
const escalate: IncidentMail = { kind: 'escalate', key: 'k', ladder: 'default', reason: 'nobody decided' };

test('what happens is an entry first, chained, and then a card and a message each', async () => {
  const { id, tell, drive, texts, entries, chat, oracle } = await scene();
  await tell(fires, told('queued'));
  await drive();
  expect(await texts()).toEqual(['SEV2 KubeNodeNotReady on prod', 'KubeNodeNotReady fires: w1 is not ready', 'the run is queued']);
  expect(findBreak(id, await entries())).toBeUndefined();
  expect(await chat()).toEqual([
    'card: SEV2 KubeNodeNotReady on prod: open',
    'timeline: SEV2 KubeNodeNotReady on prod',
    'timeline: KubeNodeNotReady fires: w1 is not ready',
    'timeline: the run is queued',
  ]);
  expect(await oracle.get('prod', `lane/chat/${id}`)).toMatchObject({ kind: 'lane', indexed: { to: 'chat', incident: id } });
  expect(await oracle.mail('prod', id)).toEqual([]);
});

test('the chain goes on over many turns, and lists find the incident by its state', async () => {
  const { id, tell, drive, entries, oracle } = await scene();
  for (const mail of [fires, told('queued'), told('done'), ends]) {
    await tell(mail);
    await drive();
  }
  const journal = await entries();
  expect(journal.map(({ type }) => type)).toEqual([
    'incident.opened',
    'alert.joined',
    'run.queued',
    'run.done',
    'incident.mitigated',
    'alert.resolved',
    'incident.closed',
  ]);
  expect(findBreak(id, journal)).toBeUndefined();
  expect((await oracle.list({ kind: 'incident', where: { state: 'closed' }, limit: 10 })).records).toHaveLength(1);
});

test('a ladder is walked by time alone, and each page is on the timeline', async () => {
  const { tell, drive, texts, pages, clock, dueInMs, value } = await scene();
  await tell(fires, escalate);
  await drive();
  expect(await pages()).toEqual(['trigger platform-primary']);
  expect(await dueInMs()).toBe(900_000);
  await clock.pass(899_999);
  await drive();
  expect(await pages()).toHaveLength(1);
  await clock.pass(1);
  await drive();
  expect(await pages()).toEqual(['trigger platform-primary', 'trigger platform-secondary']);
  expect(await texts()).toContain('paged platform-secondary: nobody decided');
  expect(await dueInMs()).toBeUndefined();
  expect(await value()).toMatchObject({ state: 'open' });
});

test('an answer stops the ladder', async () => {
  const { tell, drive, pages, clock } = await scene();
  await tell(fires, escalate);
  await drive();
  await tell({ kind: 'calm', key: 'k', by: 'ana' });
  await drive();
  await clock.pass(1_000_000);
  await drive();
  expect(await pages()).toEqual(['trigger platform-primary', 'acknowledge platform-primary']);
});

test('closing resolves the pager, announces the report, and the next alert opens the next incident', async () => {
  const { tell, drive, pages, chat, head, value } = await scene();
  await tell(fires, escalate);
  await drive();
  await tell({ kind: 'close', by: 'ana', surface: 'cli', reason: 'false alarm' });
  await drive();
  expect(await value()).toMatchObject({ state: 'closed', closedBecause: 'Closed by ana: false alarm' });
  expect(await pages()).toEqual(['trigger platform-primary', 'resolve platform-primary']);
  expect(await chat()).toContain('report: Closed by ana: false alarm');
  expect(await head()).toEqual({ ordinal: 1 });
});

test('one that opens again is the open one of its key, unless another took its place', async () => {
  const { tell, drive, head, id, commit, oracle } = await scene();
  const close: IncidentMail = { kind: 'close', by: 'ana', surface: 'cli', reason: 'x' };
  await tell(fires, close);
  await drive();
  await tell({ ...fires, episode: 'episode/2' });
  await drive();
  expect(await head()).toMatchObject({ ordinal: 1, open: id });
  await tell(close);
  await drive();
  const record = await oracle.get('prod', incidentHeadId(KEY));
  await commit([putIncidentHead(KEY, { ordinal: 2, open: 'incident/other-2' })], [{ is: 'seq', id: incidentHeadId(KEY), seq: record?.seq ?? 0 }]);
  await tell({ ...fires, episode: 'episode/3' });
  await drive();
  expect(await head()).toMatchObject({ ordinal: 2, open: 'incident/other-2' });
});

test('an episode whose rest is over is started, once', async () => {
  const { tell, drive, started, clock, dueInMs, value } = await scene();
  await tell(fires, { kind: 'park', episode: 'episode/1', untilMs: clock.nowMs() + 60_000 });
  await drive();
  expect(await dueInMs()).toBe(60_000);
  await clock.pass(60_000);
  await drive();
  await drive();
  expect(started).toEqual(['prod episode/1']);
  expect(await value()).toMatchObject({ parked: [] });
});

test('a start that fails is tried again, and keeps no other news waiting', async () => {
  const { tell, drive, started, starting, clock, texts } = await scene();
  await tell(fires, { kind: 'park', episode: 'episode/1', untilMs: clock.nowMs() + 1000 });
  await drive();
  starting.fails = true;
  await clock.pass(1000);
  await tell({ kind: 'note', by: 'ana', surface: 'cli', text: 'looking' });
  await drive();
  expect(await texts()).toContain('ana: looking');
  expect(await texts()).not.toContain('It still fires after its rest: a run starts');
  starting.fails = false;
  await clock.pass(30_000);
  await drive();
  expect(started).toEqual(['prod episode/1']);
});

test('who lost the claim stores nothing, and nothing is lost', async () => {
  const { tell, claim, deps, clock, drive, texts, entries, id } = await scene();
  await tell(fires);
  const [zombie] = await claim();
  await clock.pass(LEASE_MS + 1);
  await tell(told('queued'));
  await drive();
  if (zombie === undefined) throw new Error('nothing was claimed');
  await driveIncident(deps, zombie);
  expect(await texts()).toEqual(['SEV2 KubeNodeNotReady on prod', 'KubeNodeNotReady fires: w1 is not ready', 'the run is queued']);
  expect(findBreak(id, await entries())).toBeUndefined();
});

test('a head that moves while the incident closes is looked at again', async () => {
  const { tell, drive, meddle, commit, oracle, value, head, id } = await scene();
  await tell(fires);
  await drive();
  meddle.before = async () => {
    const record = await oracle.get('prod', incidentHeadId(KEY));
    await commit(
      [putIncidentHead(KEY, { ordinal: 1, open: id, recent: [{ run: 'run/a-1', atMs: 1 }] })],
      [{ is: 'seq', id: incidentHeadId(KEY), seq: record?.seq ?? 0 }],
    );
  };
  await tell(ends);
  await drive();
  expect(await value()).toMatchObject({ state: 'closed' });
  expect(await head()).toEqual({ ordinal: 1 });
  expect(headOfClosed({ key: KEY, ordinal: 1 })).toMatchObject({ do: 'put' });
});

test('mail that arrives during a turn is due at once, and told by the next', async () => {
  const { tell, drive, meddle, texts, dueInMs } = await scene();
  await tell(fires);
  meddle.before = () => tell(told('queued'));
  await drive();
  expect(await texts()).not.toContain('the run is queued');
  expect(await dueInMs()).toBe(0);
  await drive();
  expect(await texts()).toContain('the run is queued');
});

test('mail that nobody can read is passed over', async () => {
  const { commit, tell, drive, texts, id, oracle } = await scene();
  await commit([{ do: 'mail', to: id, key: 'odd', value: { kind: 'riddle' } }]);
  await tell(fires);
  await drive();
  expect(await texts()).toContain('KubeNodeNotReady fires: w1 is not ready');
  expect(await oracle.mail('prod', id)).toEqual([]);
});

test('a turn without news changes no timeline and sends nothing', async () => {
  const { tell, drive, commit, entries, chat, id } = await scene();
  await tell(fires);
  await drive();
  const before = [(await entries()).length, (await chat()).length];
  await commit([{ do: 'wake', id }]);
  await drive();
  expect([(await entries()).length, (await chat()).length]).toEqual(before);
});
