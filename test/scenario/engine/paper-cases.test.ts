import { describe, expect, test } from 'vitest';
import { clocksOf } from '../../../src/model/clocks.ts';
import { findBreak } from '../../../src/model/entry.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { policy as sample } from '../../unit/run/samples.ts';
import { stage } from './stage.ts';

/** The hard cases that the playbook language was made for, each told from its alert to its end. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));
const auto = (...actions: readonly string[]): Partial<Policy> => ({
  approvals: { ...sample.approvals, auto: actions.map((action) => ({ action, limit: { count: 3, perMs: HOUR_MS } })) },
});

test('a storage that returns two hours later: the backup waits for it, is made once, and the alert that ended meanwhile changed nothing', async () => {
  const story = await stage({
    playbook: `
diagnose: [{ id: look, action: test.look }]
stages:
  - id: retry
    settle: 60s
    steps: [{ id: backup, action: test.begin, within: 2h }]
    verify: [{ id: proof, action: test.ready }]
`,
    policy: auto('test.begin'),
  });
  story.set('finding', { kind: 'wait' });
  story.set('ready', { level: '1', recoveryPointMs: String(story.clock.nowMs() + 2 * HOUR_MS) });
  const id = await story.start('daily', { alert: [['alertname', 'BackupFailed']] });
  await story.clock.pass(HOUR_MS);
  // The rule counts failures of the last hour, so the alert ends by itself.
  await story.resolve(id);
  expect(await story.state(id)).toBe('waiting');
  story.restart();
  await story.clock.pass(HOUR_MS);
  expect(story.sim().writes()).toEqual([]);

  story.unset('finding');
  await story.clock.pass(30_000 + MINUTE_MS + 5000);
  expect((await story.run(id)).steps[0]).toMatchObject({ phase: 'observing' });
  await story.clock.pass(20 * MINUTE_MS);
  story.restart();
  story.set('outcome', { state: 'done' });
  await story.clock.pass(10_000);
  expect(await story.state(id)).toBe('done');
  expect(plain(story.sim().writes())).toEqual(['create ConfigMap/app/begun']);
  const run = await story.run(id);
  const clocks = clocksOf(run, await story.journal(id), story.clock.nowMs());
  expect(clocks.decide).toBeGreaterThan(2 * HOUR_MS);
  expect(clocks.act).toBeGreaterThan(20 * MINUTE_MS);
  expect(run.measured.recoveryPointMs).toBeGreaterThan(run.createdMs);
});

describe('a node that stopped reporting', () => {
  const isolate = `
diagnose: [{ id: look, action: test.look }]
stages:
  - id: isolate
    settle: 60s
    steps: [{ id: cordon, action: test.set, with: { name: node, to: cordoned } }]
  - id: move
    when: { from: diagnosis.look.answers, is: true }
    steps: [{ id: drain, action: test.clean }]
    onFailure: stop
    onExpire: escalate
  - id: back
    await: { action: test.ready, within: 24h, otherwise: escalate }
  - id: return
    when: { from: steps.cordon.wasSet, is: false }
    steps: [{ id: uncordon, action: test.set, with: { name: node, to: open } }]
`;

  async function silent() {
    const story = await stage({ playbook: isolate, policy: auto('test.set') });
    story.set('node', { state: 'open' });
    for (const name of ['a', 'b', 'c', 'd']) story.set(name, {}, { labels: { old: 'yes' } });
    const id = await story.start('w1', { alert: [['alertname', 'KubeNodeNotReady']], kind: 'Node' });
    return { ...story, id };
  }

  test('is cordoned now, drained by approval, and given back when it returns', async () => {
    const { id, clock, state, get, approve, resolve, set, sim, journal } = await silent();
    await clock.pass(61_000);
    expect([get('node'), await state(id)]).toEqual(['cordoned', 'proposed']);
    // A cordon resolves the alert by itself in the common rules.
    await resolve(id);
    expect(await state(id)).toBe('proposed');
    await approve(id, 'ana', 'w1');
    await approve(id, 'cleo', 'w1');
    await clock.pass(30_000);
    expect(await state(id)).toBe('waiting');
    await clock.pass(2 * HOUR_MS);
    set('ready', { level: '1' });
    await clock.pass(20_000);
    expect([get('node'), await state(id)]).toEqual(['open', 'done']);
    expect(sim().writes()).toEqual(['patch ConfigMap/app/node', 'delete ConfigMap/app/a', 'delete ConfigMap/app/b', 'patch ConfigMap/app/node']);
    expect(findBreak(id, await journal(id))).toBeUndefined();
  });

  test('is left cordoned where a person had cordoned it before', async () => {
    const { id, clock, state, get, set, approve, sim } = await silent();
    set('node', { state: 'cordoned' });
    await clock.pass(61_000);
    await approve(id, 'ana', 'w1');
    await approve(id, 'cleo', 'w1');
    await clock.pass(30_000);
    set('ready', { level: '1' });
    await clock.pass(20_000);
    expect([get('node'), await state(id)]).toEqual(['cordoned', 'done']);
    expect(sim().writes()).toEqual(['delete ConfigMap/app/a', 'delete ConfigMap/app/b']);
  });

  test('that comes back while people decide is uncordoned, and nothing is drained', async () => {
    const { id, clock, state, get, set, resolve, sim } = await silent();
    await clock.pass(61_000);
    set('finding', { kind: 'recovered' });
    await resolve(id);
    await clock.pass(1000);
    expect([get('node'), await state(id)]).toEqual(['open', 'recovered']);
    expect(sim().writes()).toEqual(['patch ConfigMap/app/node', 'patch ConfigMap/app/node']);
  });

  test('that recovered before anything settled is not touched', async () => {
    const { id, clock, state, set, sim } = await silent();
    set('finding', { kind: 'recovered' });
    await clock.pass(61_000);
    expect([await state(id), sim().writes()]).toEqual(['recovered', []]);
  });
});

describe('a restore beside what runs', () => {
  const swap = `
stages:
  - id: beside
    steps:
      - { id: suspend, action: test.set, with: { name: owner, to: suspended }, undo: always }
      - { id: restore, action: test.begin, within: 6h }
  - { id: validated, await: { action: test.ready, within: 1h, otherwise: rollback } }
  - { id: swap, steps: [{ id: route, action: test.set, with: { name: route, to: restored } }], onReject: rollback }
`;

  async function restored() {
    const story = await stage({ playbook: swap });
    story.set('owner', { state: 'active' });
    story.set('route', { state: 'old' });
    const id = await story.start('shop');
    await story.approve(id);
    await story.clock.pass(1000);
    expect(story.get('owner')).toBe('suspended');
    await story.clock.pass(5 * HOUR_MS);
    story.set('outcome', { state: 'done' });
    await story.clock.pass(MINUTE_MS);
    return { ...story, id };
  }

  test('is validated by what was looked at, and swapped by a second approval; the suspended owner is given back at the end', async () => {
    const { id, clock, state, get, set, approve, lines } = await restored();
    expect(await state(id)).toBe('waiting');
    set('ready', { level: '1' });
    await clock.pass(20_000);
    expect([await state(id), get('route')]).toEqual(['proposed', 'old']);
    await approve(id);
    await clock.pass(1000);
    expect([await state(id), get('route'), get('owner')]).toEqual(['done', 'restored', 'active']);
    expect((await lines(id)).filter((type) => type === 'approval.granted')).toHaveLength(2);
  });

  test('that does not validate is not swapped, and the suspended owner is given back all the same', async () => {
    const { id, clock, state, get } = await restored();
    await clock.pass(HOUR_MS + MINUTE_MS);
    expect([await state(id), get('route'), get('owner')]).toEqual(['rolled-back', 'old', 'active']);
  });

  test('whose swap is rejected gives the owner back, too', async () => {
    const { id, clock, state, get, set, reject } = await restored();
    set('ready', { level: '1' });
    await clock.pass(20_000);
    await reject(id, 'ben');
    await clock.pass(1000);
    expect([await state(id), get('route'), get('owner')]).toEqual(['rejected', 'old', 'active']);
  });
});

test('deletions keep a floor: two stay whatever else is deleted meanwhile, and a legal hold in between stops the rest', async () => {
  const story = await stage({ playbook: 'stages: [{ id: prune, steps: [{ id: prune, action: test.clean }] }]' });
  for (const name of ['b1', 'b2', 'b3', 'b4', 'b5', 'b6']) story.set(name, {}, { labels: { old: 'yes' } });
  const id = await story.start('daily');
  await story.approve(id, 'ana', 'daily');
  await story.approve(id, 'cleo', 'daily');
  await story.clock.pass(1000);
  story.unset('b6');
  await story.clock.pass(10_000);
  story.set('legal-hold', {});
  await story.clock.pass(10_000);
  expect(await story.state(id)).toBe('proposed');
  expect(story.sim().writes()).toEqual(['delete ConfigMap/app/b1', 'delete ConfigMap/app/b2']);
  story.unset('b3');
  await story.approve(id, 'ana', 'daily');
  await story.approve(id, 'cleo', 'daily');
  await story.clock.pass(30_000);
  // Somebody deleted the one that was left to delete: the plan is empty now, asks nobody, and the two stay.
  expect(await story.state(id)).toBe('done');
  expect(story.sim().writes()).toHaveLength(2);
  expect((await story.run(id)).steps.at(-1)?.result).toEqual({ left: 2 });
});

describe('a drill', () => {
  const drill = `
stages:
  - id: isolated
    steps:
      - { id: space, action: test.write, with: { prefix: drill }, undo: always, keepOnFailure: 4h }
      - { id: restore, action: test.begin }
    verify: [{ id: proof, action: test.ready, within: 10m }]
    onFailure: stop
`;

  async function drilled() {
    const story = await stage({ playbook: drill });
    const id = await story.start('monthly');
    await story.approve(id);
    await story.clock.pass(20 * MINUTE_MS);
    story.set('outcome', { state: 'done' });
    await story.clock.pass(10_000);
    return { ...story, id };
  }

  test('measures what a recovery takes from its first write to proven, and leaves nothing behind', async () => {
    const { id, clock, set, state, run, journal, sim } = await drilled();
    set('ready', { level: '1', recoveryPointMs: String(clock.nowMs() - 30 * MINUTE_MS) });
    await clock.pass(10_000);
    expect(await state(id)).toBe('done');
    const entries = await journal(id);
    const first = entries.find(({ type }) => type === 'write.intent')?.atMs ?? 0;
    const proven = entries.find(({ type }) => type === 'run.verified')?.atMs ?? 0;
    expect(proven - first).toBeGreaterThan(20 * MINUTE_MS);
    expect(proven - first).toBeLessThan(21 * MINUTE_MS);
    expect((await run(id)).measured.recoveryPointMs).toBeDefined();
    expect(plain(sim().writes()).at(-1)).toBe('delete ConfigMap/app/drill');
  });

  test('that fails keeps its evidence for four hours, and is then cleaned up', async () => {
    const { id, clock, state, sim } = await drilled();
    await clock.pass(11 * MINUTE_MS);
    expect([await state(id), plain(sim().writes())]).toEqual(['closing', ['create ConfigMap/app/drill', 'create ConfigMap/app/begun']]);
    await clock.pass(4 * HOUR_MS + MINUTE_MS);
    expect([await state(id), plain(sim().writes()).at(-1)]).toEqual(['failed', 'delete ConfigMap/app/drill']);
  });
});

test('two days of a lost cluster: people work, another cluster appears midway, and the run never lets go', async () => {
  const story = await stage({
    playbook: `
diagnose: [{ id: look, action: test.look }]
stages:
  - { id: lost, ask: { text: Is the cluster lost for good?, role: commander, answer: { type: yes-no, goOn: [true] }, confirm: typed, within: 4h, remind: 1h } }
  - { id: name, ask: { text: What is the new cluster called?, role: owner, answer: { type: name }, within: 2d, remind: 12h } }
  - { id: there, cluster: { from: answers.name.value }, await: { action: test.ready, within: 24h, every: 5m } }
  - id: restore
    cluster: { from: answers.name.value }
    approval: { within: 1d }
    steps: [{ id: restore, action: test.begin, within: 12h }]
  - { id: open, ask: { text: Do the shops sell?, show: [{ from: steps.restore.name }], role: owner, answer: { type: yes-no, goOn: [true] }, within: 1d } }
`,
  });
  const id = await story.start('prod', { kind: 'Cluster', alert: [['alertname', 'WatchdogAbsent']] });
  await story.answer(id, 'lost', true, { by: 'cleo', confirmation: 'prod' });
  await story.clock.pass(HOUR_MS);
  story.restart();
  await story.answer(id, 'name', 'west', { by: 'ben' });
  expect(await story.hold(id)).toBe('cluster: The cluster west is not configured');
  await story.clock.pass(DAY_MS - 2 * HOUR_MS);
  expect(await story.state(id)).toBe('waiting');

  story.connect('west');
  await story.clock.pass(6 * MINUTE_MS);
  expect(await story.hold(id)).toBeUndefined();
  story.restart();
  story.set('ready', { level: '1' }, { cluster: 'west' });
  await story.clock.pass(6 * MINUTE_MS);
  expect(await story.state(id)).toBe('proposed');
  await story.clock.pass(6 * HOUR_MS);
  await story.approve(id);
  await story.clock.pass(5 * HOUR_MS);
  story.set('outcome', { state: 'done' }, { cluster: 'west' });
  await story.clock.pass(MINUTE_MS);
  expect(await story.line(id, 'ask.asked')).toMatchObject({ shown: { 'steps.restore.name': expect.stringMatching(/^begun-/) } });
  await story.answer(id, 'open', 'yes', { by: 'ana' });
  expect(await story.state(id)).toBe('done');
  expect([story.sim().writes(), plain(story.sim('west').writes())]).toEqual([[], ['create ConfigMap/app/begun']]);
  expect((await story.lines(id)).length).toBeLessThan(60);
  expect(findBreak(id, await story.journal(id))).toBeUndefined();
});

describe('a failover over two clusters', () => {
  const failover = `
stages:
  - { id: fence, steps: [{ id: fence, action: test.set, with: { name: traffic, to: stopped } }] }
  - { id: caught-up, cluster: west, await: { action: test.ready, with: { name: replica }, within: 30m, otherwise: rollback } }
  - id: database
    ask:
      text: Promote the database in west, and say so
      show: [{ from: checks.caught-up.level }]
      role: owner
      answer: { type: choice, choose: [promoted, impossible], goOn: [promoted] }
      within: 1h
      otherwise: rollback
  - { id: serve, cluster: west, steps: [{ id: serve, action: test.set, with: { name: traffic, to: served } }], onFailure: stop }
`;

  async function failingOver() {
    const story = await stage({ playbook: failover, clusters: ['prod', 'west'] });
    story.set('traffic', { state: 'served' });
    story.set('traffic', { state: 'idle' }, { cluster: 'west' });
    const id = await story.start('shop', { kind: 'Namespace', locks: [{ kind: 'Cluster', value: 'west' }] });
    await story.approve(id);
    await story.clock.pass(1000);
    expect(story.get('traffic')).toBe('stopped');
    story.set('replica', { level: '17' }, { cluster: 'west' });
    await story.clock.pass(20_000);
    return { ...story, id };
  }

  test('stops here, waits for the replica there, has a person promote the database, and serves there', async () => {
    const { id, answer, approve, clock, state, get, locks, line } = await failingOver();
    expect(await line(id, 'ask.asked')).toMatchObject({ shown: { 'checks.caught-up.level': 17 } });
    expect(await locks('west')).toEqual(['lock/west/Cluster//west']);
    await answer(id, 'database', 'promoted', { by: 'ben' });
    await approve(id);
    await clock.pass(1000);
    expect([await state(id), get('traffic'), get('traffic', 'state', 'west')]).toEqual(['done', 'stopped', 'served']);
    expect([await locks(), await locks('west')]).toEqual([[], []]);
  });

  test('gives the traffic back where the database cannot be promoted', async () => {
    const { id, answer, clock, state, get, locks } = await failingOver();
    await answer(id, 'database', 'impossible', { by: 'ben' });
    await clock.pass(1000);
    expect([await state(id), get('traffic'), get('traffic', 'state', 'west')]).toEqual(['rolled-back', 'served', 'idle']);
    expect(await locks('west')).toEqual([]);
  });

  test('holds where the other cluster is another one than at the beginning', async () => {
    const { id, connect, answer, set, clock, state, hold } = await failingOver();
    connect('west');
    set('traffic', { state: 'idle' }, { cluster: 'west' });
    await answer(id, 'database', 'promoted', { by: 'ben' });
    await clock.pass(60_000);
    expect([await state(id), await hold(id)]).toEqual(['diagnosing', expect.stringMatching(/^cluster: The cluster west is another one now/)]);
  });
});
