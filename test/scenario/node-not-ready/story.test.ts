import { describe, expect, test } from 'vitest';
import { openScene } from '../scene.ts';
import { ANSWERS, AUTO, SILENT, W1_NOT_READY } from './stories.ts';

const onStage = (world = ANSWERS) => openScene({ world, auto: AUTO });
const EVICTED = ['evict Pod/shop/api-0', 'evict Pod/shop/web-1', 'evict Pod/shop/web-2'];

test('a kubelet that answers: cordoned at once, drained by approval at the pace of a budget, given back an hour later, and reported', async () => {
  const { alert, resolved, pass, change, approve, run, incident, writes, chat, proposals, pages, timeline, report, ledger, audit } = onStage();
  await alert(W1_NOT_READY);
  await pass('30s');
  expect(await run()).toMatchObject({ target: 'w1', state: 'waiting', finding: { kind: 'act' } });
  expect(writes()).toEqual([]); // it settles first
  await pass('32s');
  expect(writes()).toEqual(['patch Node/w1']);
  expect(proposals().at(-1)).toMatch(/^Approve [0-9a-f]{8}\? Evict 3 pods from w1\n/);

  // Cordoning it resolved the alert: that is our own work, and the run goes on.
  await resolved(W1_NOT_READY);
  await pass('5m');
  expect(await incident()).toMatchObject({ state: 'open', openRuns: 1 });
  expect(await run()).toMatchObject({ state: 'proposed' });

  await approve('ana');
  await pass('10m');
  expect(writes().slice(1).toSorted()).toEqual(EVICTED);
  expect(chat().join('\n')).toMatch(/waits? for budget shop\/web \(needs 1 healthy, has 2 as counted before the last eviction\)/);
  expect(await run()).toMatchObject({ state: 'waiting', stage: 'back' });
  await pass('1h');
  change({ nodes: [{ name: 'w1', ready: true }] });
  await pass('30s');
  expect(writes()).toHaveLength(4); // it has to stay ready first
  await pass('1m');

  expect(writes().at(-1)).toBe('patch Node/w1');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(await incident()).toMatchObject({ state: 'closed' });
  expect(await timeline()).toContainEqual(expect.stringContaining('Verified: w1 takes pods again'));
  expect(pages()).toEqual([]);
  expect(await report()).toContain('Uncordon w1');
  expect(await ledger()).toEqual({ accepted: 2, handled: 2, pending: 0, quarantined: 0 });
  expect(await audit()).toMatchObject({ ok: true, problems: [] });
});

test('the node is as it was before, but for what people did to it meanwhile', async () => {
  const { alert, pass, change, approve, world } = onStage();
  const nodeNow = (): unknown => {
    const { metadata, spec } = world.cluster().snapshot().get('Node/w1') as unknown as { metadata: { annotations?: object }; spec: object };
    return { annotations: metadata.annotations ?? {}, spec };
  };
  change({ nodes: [{ name: 'w1', ready: true }] });
  await pass('10s');
  const before = nodeNow();
  change({ nodes: [{ name: 'w1', ready: false, kubelet: 'answers', since: '2m' }] });
  await alert(W1_NOT_READY);
  await pass('62s');
  await approve('ana');
  await pass('10m');
  change({ nodes: [{ name: 'w1', ready: true }] });
  await pass('3m');
  expect(nodeNow()).toEqual(before);
});

test('a false alarm is told, and nobody is asked or called', async () => {
  const { alert, pass, run, writes, pages, proposals, incident, resolved } = onStage({ nodes: [{ name: 'w1', since: '20m' }, { name: 'w2' }, { name: 'w3' }] });
  await alert(W1_NOT_READY);
  await pass('2m');
  expect(await run()).toMatchObject({ state: 'recovered', finding: { reason: expect.stringContaining('w1 is ready since') } });
  await resolved(W1_NOT_READY);
  await pass('1m');
  expect([writes(), pages(), proposals(), (await incident()).state]).toEqual([[], [], [], 'closed']);
});

test('a dead machine is cordoned and not drained; what proves that it is off, and what is next, is on the card', async () => {
  const { alert, pass, change, run, writes, pages, chat, card } = onStage(SILENT);
  await alert({ ...W1_NOT_READY, alertname: 'KubeNodeUnreachable' });
  await pass('3m');
  expect(await run()).toMatchObject({ state: 'waiting', finding: { kind: 'wait' } });
  expect(writes()).toEqual([]); // until five minutes are over it may be a reboot
  await pass('3m');
  expect(writes()).toEqual(['patch Node/w1']);
  const told = [card(), ...chat()].join('\n');
  expect(told).toContain('dead or cut off');
  expect(await run()).toMatchObject({ state: 'waiting', stage: 'back' });
  expect((await run()).journal.flatMap(({ data }) => JSON.stringify(data)).join('\n')).toContain('salvor run node-out-of-service --param node=w1');

  // A day without a sign: people are called, and it waits on.
  await pass('24h');
  expect(pages()).toHaveLength(1);
  change({ nodes: [{ name: 'w1', ready: true }] });
  await pass('2m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
}, 60_000);

describe('people change their mind, or do it by hand', () => {
  test('the approver cancels in the middle of the drain: what is not evicted yet stays, and the cordon is given back', async () => {
    const { alert, pass, approve, as, run, writes } = onStage({ ...ANSWERS, budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 2 }] });
    await alert(W1_NOT_READY);
    await pass('62s');
    await approve('ana');
    await pass('3m');
    expect(writes()).toEqual(['patch Node/w1', 'evict Pod/shop/api-0']);
    const { id } = await run();
    await as('ana', (commands, ana) => commands.cancel(ana, id, { reason: 'the budget is there for a reason' }));
    await pass('1m');
    expect(await run()).toMatchObject({ state: 'cancelled' });
    expect(writes()).toEqual(['patch Node/w1', 'evict Pod/shop/api-0', 'patch Node/w1']);
  });

  test('somebody uncordons the node in the middle of the drain: nothing more is taken from it, and it is not cordoned again', async () => {
    const { alert, pass, change, approve, run, writes, pages } = onStage({
      ...ANSWERS,
      budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 2 }],
    });
    await alert(W1_NOT_READY);
    await pass('62s');
    await approve('ana');
    await pass('3m');
    change({ nodes: [{ name: 'w1', cordoned: false }] });
    await pass('2m');
    expect(await run()).toMatchObject({ state: 'failed', end: expect.stringContaining('somebody uncordoned it') });
    expect(writes()).toEqual(['patch Node/w1', 'evict Pod/shop/api-0']);
    expect(pages()).toHaveLength(1);
  });

  test('somebody uncordons the node while it is waited for: there is nothing to give back', async () => {
    const { alert, pass, change, approve, run, writes } = onStage();
    await alert(W1_NOT_READY);
    await pass('62s');
    await approve('ana');
    await pass('10m');
    change({ nodes: [{ name: 'w1', cordoned: false }] });
    await pass('10m');
    change({ nodes: [{ name: 'w1', ready: true }] });
    await pass('3m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toHaveLength(4); // the cordon and three evictions
  });

  test('the node returns while people decide: a press finds it back, evicts nothing, and the cordon is given back', async () => {
    const { alert, pass, change, approve, run, writes } = onStage();
    await alert(W1_NOT_READY);
    await pass('62s');
    change({ nodes: [{ name: 'w1', ready: true }] });
    await pass('5m');
    await approve('ana');
    await pass('3m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
  });

  test('the node returns while nobody answers: before anybody is called it is looked at once more, and the cordon is given back', async () => {
    const { alert, pass, change, run, writes, pages } = onStage();
    await alert(W1_NOT_READY);
    await pass('62s');
    change({ nodes: [{ name: 'w1', ready: true }] });
    await pass('20m');
    expect(await run()).toMatchObject({ state: 'recovered' });
    expect(writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
    expect(pages()).toEqual([]);
  });

  test('nobody answers: people are called up the ladder, and the proposal ends without a change', async () => {
    const { alert, pass, run, writes, pages } = onStage();
    await alert(W1_NOT_READY);
    await pass('17m');
    expect(pages()).toHaveLength(1);
    await pass('20m');
    expect(await run()).toMatchObject({ state: 'expired' });
    expect(pages().length).toBeGreaterThan(1);
    expect(writes()).toEqual(['patch Node/w1']);
  });

  test('somebody works on the node by hand: it is left alone until they uncordon it', async () => {
    const { alert, pass, change, run, writes, pages } = onStage({
      ...ANSWERS,
      nodes: [{ name: 'w1', ready: false, kubelet: 'answers', since: '2m', cordoned: true }, { name: 'w2' }, { name: 'w3' }],
    });
    await alert(W1_NOT_READY);
    await pass('1h');
    expect(await run()).toMatchObject({ state: 'waiting', waiting: { reason: expect.stringContaining('somebody cordoned it') } });
    expect([writes(), pages()]).toEqual([[], []]);
    change({ nodes: [{ name: 'w1', cordoned: false }] });
    await pass('90s');
    expect(writes()).toEqual(['patch Node/w1']);
  });
});

describe('what is not one machine', () => {
  test('three nodes within two minutes become one look at all of them: nothing is cordoned, and people are called once', async () => {
    const sick = ['w1', 'w2', 'w3'].map((name) => ({ name, ready: false, kubelet: 'silent', since: '10m', zone: 'a' }));
    const well = ['w4', 'w5', 'w6', 'w7', 'w8'].map((name) => ({ name, zone: 'b' }));
    const { alert, pass, runs, writes, pages } = onStage({ nodes: [...sick, ...well] });
    for (const node of ['w1', 'w2', 'w3']) {
      await alert({ ...W1_NOT_READY, node });
      await pass('10s');
    }
    await pass('10m');
    expect((await runs('node-not-ready')).map(({ state }) => state)).toEqual(['superseded', 'superseded', 'superseded']);
    expect((await runs('az-failure')).map(({ state }) => state)).toEqual(['handed-over']);
    expect(writes()).toEqual([]);
    expect(pages()).toHaveLength(1);
  });

  test('the node is cordoned when the others follow: it is given back, and the storm goes on without it', async () => {
    const { alert, pass, change, runs, run, writes } = onStage({
      ...ANSWERS,
      nodes: [
        ...['w1'].map((name) => ({ name, ready: false, kubelet: 'answers', since: '2m' })),
        ...['w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8'].map((name) => ({ name })),
      ],
    });
    await alert(W1_NOT_READY);
    await pass('62s');
    expect(writes()).toEqual(['patch Node/w1']);
    change({ nodes: ['w2', 'w3'].map((name) => ({ name, ready: false, kubelet: 'answers', since: '2m' })) });
    for (const node of ['w2', 'w3']) await alert({ ...W1_NOT_READY, node });
    await pass('5m');
    expect(await run('az-failure')).toMatchObject({ state: 'handed-over' });
    expect((await runs('node-not-ready')).every(({ state }) => state === 'superseded')).toBe(true);
    expect(writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
  });
});

test('an alert without the label "node" is nobody\'s node: `instance` is never taken for one', async () => {
  const { alert, pass, runs, writes, pages } = onStage();
  await alert({ alertname: 'KubeNodeNotReady', instance: 'w1', severity: 'warning' });
  await pass('2m');
  expect(writes()).toEqual([]);
  expect((await runs('node-not-ready')).filter(({ target }) => target === 'w1')).toEqual([]);
  expect(pages()).toHaveLength(1);
});

test('an approval that a person gave is asked again when somebody else has begun to work on the node', async () => {
  const { alert, pass, change, approve, run, writes } = openScene({ world: ANSWERS });
  await alert(W1_NOT_READY);
  await pass('10s');
  expect(await run()).toMatchObject({ state: 'proposed' });
  change({ objects: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1', annotations: { 'weave.works/kured-reboot-in-progress': 'now' } } }] });
  await approve('ana');
  await pass('1m');
  expect(await run()).toMatchObject({ hold: { gate: 'other-owner' } });
  expect(writes()).toEqual([]);
});
