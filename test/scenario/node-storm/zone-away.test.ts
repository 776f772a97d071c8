import { expect, test } from 'vitest';
import { openScene } from '../scene.ts';
import { back, bodyOf, cluster, LOST, nodeAlert, zoneAlerts } from './zone.ts';

const ANSWER = 'zone b is gone: 6 of 6 nodes of it are silent since 2026-11-21 11:44 UTC, 0 of 12 elsewhere';
/** An operator who lets cordons happen by themselves: also then a zone is not cordoned away. */
const AUTO = ['node.cordon', 'node.uncordon', 'pod.restart'];

test('500 alerts of a zone that is gone are one incident, one run, one card and one page, and no node is touched', async () => {
  const { post, pass, clock, change, runs, run, incidents, timeline, writes, pages, ledger, world, proposals, card } = openScene({
    world: cluster(),
    auto: AUTO,
  });
  await Promise.all(zoneAlerts().map((group) => post(bodyOf(group))));
  await pass('10s');

  expect(await incidents()).toMatchObject([{ firing: 500, openRuns: 0, severity: 'SEV1', playbook: 'node-not-ready' }]);
  expect((await runs()).map(({ playbook, state }) => `${playbook} ${state}`).toSorted()).toEqual([
    'az-failure handed-over',
    ...Array.from({ length: 3 }, () => 'node-not-ready superseded'),
  ]);
  expect(await run('az-failure')).toMatchObject({ requestedBy: 'storm', target: 'prod', finding: { kind: 'hand-over', reason: ANSWER } });
  expect([writes(), proposals(), pages()]).toEqual([[], [], ['12:00 platform-primary']]);
  expect(world.pager.pages()[0]).toMatchObject({ severity: 'critical', summary: expect.stringContaining(ANSWER) });
  expect(card()).toContain('500 alerts firing, 0 of 4 runs open');

  // One thread, which a person can read.
  const thread = world.chat.messages();
  expect(new Set(thread.map((message) => message.thread)).size).toBe(1);
  expect(thread.filter(({ kind }) => kind === 'card')).toHaveLength(1);
  expect(thread.length).toBeLessThan(20);
  expect(thread.map(({ title }) => title)).toContainEqual(expect.stringMatching(/^\d+ alerts fire: 380 KubePodNotReady, 60 KubeDeploymentReplicasMismatch/));
  const told = thread.find(({ title }) => title.startsWith('A person has to take over'));
  expect(told?.title).toContain(ANSWER);
  expect(told?.lines.join('\n')).toMatch(/7 pods of 2 workloads are on these nodes.*\nnothing of these runs elsewhere: StatefulSet shop\/db \(1\)/);
  expect(told?.lines).toContainEqual(expect.stringMatching(/^1\. Look at the provider/));

  // Alertmanager repeats all of it: nobody hears anything new.
  const before = (await timeline()).length;
  await pass('10m');
  await Promise.all(zoneAlerts().map((group) => post(bodyOf(group))));
  await pass('1m');
  expect(await timeline()).toHaveLength(before);
  expect(await ledger()).toEqual({ accepted: 1000, handled: 1000, pending: 0, quarantined: 0 });

  change(back(...LOST));
  await pass('1m');
  await Promise.all(zoneAlerts().map((group) => post(bodyOf(group, 'resolved', clock.nowMs()))));
  await pass('1m');
  expect(await incidents()).toMatchObject([{ firing: 0, openRuns: 0 }]);
  expect(await timeline()).toContainEqual(expect.stringMatching(/^\d+ alerts no longer fire: .*KubePodNotReady/));
  expect(writes()).toEqual([]);
});

test('pods that are told half a minute before their nodes make the same one incident, whatever dies meanwhile, and none is restarted', async () => {
  const { post, pass, kill, runs, incidents, writes, pages, world } = openScene({ world: cluster(), auto: AUTO });
  for (const group of zoneAlerts()) {
    await post(bodyOf(group));
    kill();
    await pass('5s');
  }
  await pass('5m');
  expect(await incidents()).toMatchObject([{ firing: 500, openRuns: 0 }]);
  expect((await runs()).map(({ playbook, state }) => `${playbook} ${state}`).toSorted()).toEqual([
    'az-failure handed-over',
    ...Array.from({ length: 10 }, () => 'pod-restart superseded'),
  ]);
  expect([writes(), pages()]).toEqual([[], ['12:00 platform-primary']]);
  expect(world.chat.messages().length).toBeLessThan(50);
});

test('500 alerts in a body each are one incident as well', async () => {
  const { post, pass, runs, incidents, writes, pages } = openScene({ world: cluster(), auto: AUTO });
  const bodies = zoneAlerts().flatMap(({ alertname, alerts }) => alerts.map((alert) => bodyOf({ alertname, alerts: [alert] })));
  await Promise.all(bodies.map((body) => post(body)));
  await pass('1m');
  expect(await incidents()).toMatchObject([{ firing: 500, openRuns: 0 }]);
  expect(await runs('az-failure')).toHaveLength(1);
  expect([writes(), pages()]).toEqual([[], ['12:00 platform-primary']]);
});

test('a node whose run somebody approved before the others went keeps its cordon until it is back: then what was ours is given back', async () => {
  const { alert, pass, run, runs, approve, change, writes, pages } = openScene({
    world: cluster({
      nodes: ['a-1', 'a-2', 'c-1', 'c-2', ...LOST].map((name) => ({ name, zone: name.slice(0, 1), ...(name === 'b-1' ? { ready: false, since: '16m' } : {}) })),
    }),
  });
  await alert(nodeAlert('KubeNodeNotReady', 'b-1'));
  await pass('1m');
  await approve('ana');
  await pass('1m');
  expect(writes()).toEqual(['patch Node/b-1']);

  change({ nodes: LOST.slice(1).map((name) => ({ name, ready: false })) });
  await pass('1m');
  for (const name of LOST.slice(1)) await alert(nodeAlert('KubeNodeNotReady', name));
  await pass('1m');
  expect(await run('az-failure')).toMatchObject({ state: 'handed-over' });
  const states = async (): Promise<readonly string[]> => (await runs('node-not-ready')).map(({ target, state }) => `${target} ${state}`).toSorted();
  expect(await states()).toEqual(['b-1 waiting', 'b-2 superseded', 'b-3 superseded']);
  expect([writes(), pages().length]).toEqual([['patch Node/b-1'], 1]);

  change(back(...LOST));
  await pass('5m');
  const returned = (await runs('node-not-ready')).find(({ target }) => target === 'b-1');
  if (returned?.state === 'proposed') await approve('ana', { run: returned });
  await pass('2m');
  expect(await states()).toEqual(['b-1 done', 'b-2 superseded', 'b-3 superseded']);
  expect(writes()).toEqual(['patch Node/b-1', 'patch Node/b-1']);
});

test('a node that was cordoned by itself is given back as soon as it turns out to be a storm and nobody has approved more', async () => {
  const { alert, pass, runs, change, writes } = openScene({
    auto: AUTO,
    world: cluster({
      nodes: ['a-1', 'a-2', 'c-1', 'c-2', ...LOST].map((name) => ({
        name,
        zone: name.slice(0, 1),
        ...(name === 'b-1' ? { ready: false, kubelet: 'answers', since: '16m' } : {}),
      })),
      // All others have been moved by the control plane after five minutes.
      pods: [{ name: 'shop/api-7d4-b1', node: 'b-1', tolerates: 'node.kubernetes.io/not-ready' }],
    }),
  });
  await alert(nodeAlert('KubeNodeNotReady', 'b-1'));
  await pass('2m');
  // Its drain is proposed, and nobody has said yes.
  expect(writes()).toEqual(['patch Node/b-1']);
  change({ nodes: LOST.slice(1).map((name) => ({ name, ready: false, kubelet: 'answers' })) });
  for (const name of LOST.slice(1)) await alert(nodeAlert('KubeNodeNotReady', name));
  await pass('1m');
  expect((await runs('node-not-ready')).map(({ target, state }) => `${target} ${state}`).toSorted()).toEqual([
    'b-1 superseded',
    'b-2 superseded',
    'b-3 superseded',
  ]);
  expect(writes()).toEqual(['patch Node/b-1', 'patch Node/b-1']);
});

test('later in the same outage alerts join it; when it has rested, one node is one node again', async () => {
  const { alert, pass, change, runs, run, incidents } = openScene({ world: cluster() });
  for (const name of LOST.slice(0, 4)) await alert(nodeAlert('KubeNodeNotReady', name));
  await pass('1m');
  expect(await run('az-failure')).toMatchObject({ state: 'handed-over' });
  await pass('5m');
  // The next group, five minutes later; and the exporter that moved to another node tells all of it anew.
  for (const name of LOST) await alert({ ...nodeAlert('KubeNodeNotReady', name), instance: '10.0.3.9:8080' });
  await pass('15m');
  expect(await runs()).toHaveLength(4);
  expect(await incidents()).toMatchObject([{ firing: 10 }]);

  change(back(...LOST));
  await pass('20m');
  change({ nodes: [{ name: 'c-1', ready: false }] });
  await pass('1m');
  await alert(nodeAlert('KubeNodeNotReady', 'c-1'));
  await pass('1m');
  expect((await runs('node-not-ready')).map(({ target }) => target)).toContain('c-1');
  expect(await runs('az-failure')).toHaveLength(1);
});

test('cordons that happen by themselves do not take a zone away: the cluster itself is counted, not only what was reported', async () => {
  const { alert, pass, runs, writes, pages } = openScene({ world: cluster(), auto: AUTO });
  await alert(nodeAlert('KubeNodeNotReady', 'b-1'));
  await alert(nodeAlert('KubeNodeNotReady', 'b-2'));
  await pass('4m');
  expect((await runs()).map(({ target, state }) => `${target} ${state}`).toSorted()).toEqual(['b-1 waiting', 'b-2 waiting']);
  expect([writes(), pages()]).toEqual([[], []]);
});

test('a cordon that settles is not made when the rest of the zone goes meanwhile', async () => {
  const { alert, pass, run, change, writes } = openScene({
    auto: AUTO,
    world: cluster({
      nodes: ['a-1', 'a-2', 'c-1', 'c-2', ...LOST].map((name) => ({
        name,
        zone: name.slice(0, 1),
        ...(name === 'b-1' ? { ready: false, since: '16m' } : {}),
      })),
    }),
  });
  await alert(nodeAlert('KubeNodeNotReady', 'b-1'));
  await pass('30s');
  expect(await run()).toMatchObject({ state: 'waiting', waiting: { reason: expect.stringContaining('settling') } });
  change({ nodes: LOST.slice(1).map((name) => ({ name, ready: false })) });
  await pass('2m');
  expect(await run()).toMatchObject({ state: 'waiting', finding: { kind: 'wait', reason: expect.stringContaining('zone b') } });
  expect(writes()).toEqual([]);
});

test('a third node that is reported nearly six minutes after the first still makes one run of all, and people are called once', async () => {
  const { alert, pass, runs, pages } = openScene({ world: cluster(), auto: AUTO });
  await alert(nodeAlert('KubeNodeNotReady', 'b-1'));
  await alert(nodeAlert('KubeNodeNotReady', 'b-2'));
  await pass('340s');
  await alert(nodeAlert('KubeNodeNotReady', 'b-3'));
  await pass('5m');
  expect((await runs()).map(({ playbook, state }) => `${playbook} ${state}`).toSorted()).toEqual([
    'az-failure handed-over',
    ...Array.from({ length: 3 }, () => 'node-not-ready superseded'),
  ]);
  expect(pages()).toHaveLength(1);
});
