import { describe, expect, test } from 'vitest';
import { textIn } from '../../../src/model/json.ts';
import { bodyAlert, sampleBody } from '../ingest/samples.ts';
import { sampleRoute } from '../route/samples.ts';
import { firstIncident, intakeScene, nodes, told } from './scene.ts';

describe('a playbook that has to look first', () => {
  const full = sampleBody({ alerts: [bodyAlert({ alertname: 'BackupStorageFull', cluster: 'prod' })] });

  test('starts one run for each thing that is found, in one incident', async () => {
    const scene = intakeScene();
    scene.found = ({ playbook, cluster }) =>
      Promise.resolve(playbook.id === 'storage-full' && cluster === 'prod' ? [{ location: 'velero/a' }, { location: 'velero/b' }] : []);
    await told(scene, full);
    expect((await scene.runs()).map(({ target, found }) => `${target} ${JSON.stringify(found)}`).sort()).toEqual([
      'velero/a {"location":"velero/a"}',
      'velero/b {"location":"velero/b"}',
    ]);
    expect(await scene.incidents()).toHaveLength(1);
    expect(await scene.episodes()).toMatchObject([{ runs: [expect.any(String), expect.any(String)] }]);
  });

  test('hands over when it finds nothing', async () => {
    const scene = intakeScene();
    await told(scene, full);
    const mail = await scene.mailTo((await firstIncident(scene)).id);
    expect(mail.at(-1)).toMatchObject({ kind: 'escalate', key: 'found-nothing' });
  });

  test('comes again once when the cluster does not answer, and is then handed over', async () => {
    const scene = intakeScene();
    let asked = 0;
    scene.found = () => {
      asked += 1;
      return Promise.reject(new Error('connection refused'));
    };
    await told(scene, full);
    expect(await scene.ledger()).toMatchObject({ pending: 1, handled: 0 });
    expect(await scene.incidents()).toEqual([]);
    await scene.clock.pass(5000);
    await scene.settle();
    expect(asked).toBe(2);
    expect(await scene.ledger()).toMatchObject({ pending: 0, handled: 1 });
    expect((await scene.mailTo((await firstIncident(scene)).id)).at(-1)).toMatchObject({
      key: 'find-failed',
      reason: expect.stringContaining('connection refused'),
    });
  });

  test('delays no alert beside it', async () => {
    const scene = intakeScene();
    scene.found = async () => {
      expect(await scene.runs()).toHaveLength(1);
      return [{ location: 'velero/a' }];
    };
    await scene.accept(full);
    await scene.accept(nodes('w1'));
    await scene.settle();
    expect(await scene.runs()).toHaveLength(2);
  });
});

describe('a storm', () => {
  test('of three runs in one incident is taken over by one run; later alerts join that', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1', 'w2'));
    await told(scene, nodes('w3'));
    const runs = await scene.runs();
    const taker = runs.find(({ playbook }) => playbook === 'az-failure');
    expect(runs.map(({ playbook, target }) => `${playbook} ${target}`).sort()).toEqual([
      'az-failure prod',
      'node-not-ready w1',
      'node-not-ready w2',
      'node-not-ready w3',
    ]);
    expect(taker).toMatchObject({ start: { by: 'storm', playbook: 'node-not-ready' }, lockKeys: ['prod/Cluster//prod'] });
    for (const run of runs.filter(({ playbook }) => playbook !== 'az-failure')) {
      expect(await scene.mailTo(run.id)).toMatchObject([{ kind: 'supersede', surface: 'storm', newRun: taker?.id }]);
    }
    await told(scene, nodes('w4', 'w5'));
    expect(await scene.runs()).toHaveLength(4);
    expect((await scene.episodes()).filter(({ runs: of }) => of.includes(taker?.id ?? ''))).toHaveLength(3);
  });

  test('is none when the runs start minutes apart', async () => {
    const scene = intakeScene();
    for (const node of ['w1', 'w2', 'w3']) {
      await told(scene, nodes(node));
      await scene.clock.pass(90_000);
    }
    expect((await scene.runs()).map(({ playbook }) => playbook)).not.toContain('az-failure');
  });

  test('that is over lets single runs start again', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1', 'w2', 'w3'));
    const taker = (await scene.runs()).find(({ playbook }) => playbook === 'az-failure');
    if (taker !== undefined) await scene.end(taker, 'done');
    await told(scene, nodes('w9'));
    expect((await scene.runs()).map(({ target }) => target)).toContain('w9');
  });

  test('that people have is still the same one for a while: what fires joins it, and is looked at alone only when it has rested', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1', 'w2', 'w3'));
    const taker = (await scene.runs()).find(({ playbook }) => playbook === 'az-failure');
    if (taker !== undefined) await scene.end(taker, 'handed-over');
    await scene.clock.pass(14 * 60_000);
    await told(scene, nodes('w4', 'w5', 'w6'));
    expect(await scene.runs()).toHaveLength(4);
    expect((await scene.episodes()).filter(({ runs: of }) => of.includes(taker?.id ?? ''))).toHaveLength(4);
    await scene.clock.pass(2 * 60_000);
    await told(scene, nodes('w9'));
    expect((await scene.runs()).map(({ target }) => target)).toContain('w9');
  });

  test('takes in what nobody answers, also where that came first in the same moment; what must be looked at by somebody still calls them', async () => {
    const scene = intakeScene();
    const pod = (name: string, severity: string) => ({ alertname: `Kube${name}`, cluster: 'prod', pod: name, severity });
    await scene.accept(sampleBody({ alerts: [bodyAlert(pod('PodNotReady', 'warning')), bodyAlert(pod('Quorum', 'critical'))] }));
    await told(scene, nodes('w1', 'w2', 'w3'));
    await told(scene, sampleBody({ alerts: [bodyAlert(pod('ReplicasMismatch', 'warning'))] }));
    const [storm, alone] = (await scene.incidents()).toSorted((a, b) => Number(b.key.startsWith('node')) - Number(a.key.startsWith('node')));
    expect([storm?.key, alone?.key]).toEqual(['node-not-ready/prod', 'unrouted/prod/KubeQuorum']);
    expect(await scene.incidents()).toHaveLength(2);
    const names = (await scene.mailTo(storm?.id ?? '')).flatMap((mail) => (mail['kind'] === 'alert' ? textIn(mail['name']) : []));
    expect(names.toSorted()).toEqual(['KubeNodeNotReady', 'KubeNodeNotReady', 'KubeNodeNotReady', 'KubePodNotReady', 'KubeReplicasMismatch']);
  });

  test('takes in what a playbook answers that says so, and only while it is on', async () => {
    const scene = intakeScene();
    const text =
      'summary: s\nmatch: [\'alertname = "KubePodCrashLooping"\']\nparams: { pod: { type: text, from: alert.labels.pod } }\ntarget: { from: params.pod }\nstorm: { start: az-failure }\n';
    scene.catalog = [...scene.catalog, sampleRoute('pod-restart', text)];
    const crashing = (pod: string): string => sampleBody({ alerts: [bodyAlert({ alertname: 'KubePodCrashLooping', cluster: 'prod', pod })] });
    await told(scene, crashing('before'));
    await told(scene, nodes('w1', 'w2', 'w3'));
    await told(scene, crashing('during'));
    expect((await scene.runs()).flatMap(({ playbook, target }) => (playbook === 'pod-restart' ? [target] : []))).toEqual(['before']);
  });

  test('whose incident was closed takes in nothing', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1', 'w2', 'w3'));
    const { id } = await firstIncident(scene);
    await scene.close(id);
    await told(scene, sampleBody({ alerts: [bodyAlert({ alertname: 'KubePodNotReady', cluster: 'prod', severity: 'warning' })] }));
    expect((await scene.incidents()).map(({ key }) => key)).toContain('unrouted/prod/KubePodNotReady');
  });

  test('whose playbook is not loaded is told to people', async () => {
    const scene = intakeScene();
    scene.catalog = scene.catalog.filter(({ playbook }) => playbook.id !== 'az-failure');
    await told(scene, nodes('w1', 'w2', 'w3'));
    expect(await scene.runs()).toHaveLength(3);
    expect((await scene.mailTo((await firstIncident(scene)).id)).find(({ kind }) => kind === 'escalate')).toMatchObject({
      key: 'storm',
      reason: expect.stringContaining('az-failure is not loaded'),
    });
  });
});
