import { describe, expect, test } from 'vitest';
import { headOfClosed } from '../../../src/ingest/incident.ts';
import { blobId, episodeId } from '../../../src/model/identity.ts';
import { startParked } from '../../../src/pipeline.ts';
import { bodyAlert, fixture, sampleBody } from '../ingest/samples.ts';
import { NODE_NOT_READY, sampleRoute } from '../route/samples.ts';
import { firstIncident, firstRun, intakeScene, nodeLabels, nodes, plain, resolved, type Scene, told } from './scene.ts';

describe('an alert that a playbook answers', () => {
  test('becomes an episode, an incident and a queued run, and leaves the inbox', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    const run = await firstRun(scene);
    const incident = await firstIncident(scene);
    expect(run).toMatchObject({
      playbook: 'node-not-ready',
      target: 'w1',
      state: 'queued',
      incident: incident.id,
      params: { node: 'w1' },
      start: { by: 'alert' },
    });
    expect(incident).toMatchObject({
      key: 'node-not-ready/prod',
      playbook: 'node-not-ready',
      severity: 'SEV2',
      state: 'open',
      title: 'KubeNodeNotReady on prod',
    });
    expect(await scene.episodes()).toMatchObject([{ state: 'firing', incident: incident.id, runs: [run.id] }]);
    expect(await scene.mailTo(incident.id)).toMatchObject([
      { kind: 'alert', status: 'firing', name: 'KubeNodeNotReady' },
      { kind: 'run', run: run.id, type: 'run.queued', state: 'queued' },
    ]);
    expect(await scene.ledger()).toEqual({ accepted: 1, pending: 0, handled: 1, quarantined: 0 });
    expect((await scene.store.get('prod', blobId(run.playbookDigest)))?.value).toBe(NODE_NOT_READY);
    expect((await scene.store.get('prod', run.id))?.dueMs).toBe(scene.clock.nowMs());
  });

  test('is answered once, however often and from wherever it is told', async () => {
    const scene = intakeScene();
    for (const externalURL of ['http://a', 'http://b', 'http://a']) await scene.accept(sampleBody({ externalURL, alerts: [bodyAlert(nodeLabels('w1'))] }));
    await scene.settle();
    await told(scene, nodes('w1'));
    expect(await scene.runs()).toHaveLength(1);
    expect(await scene.incidents()).toHaveLength(1);
    expect(await scene.episodes()).toMatchObject([{ times: 4 }]);
    expect(await scene.ledger()).toMatchObject({ accepted: 4, handled: 4, pending: 0 });
  });

  test('of another node joins the incident, with a run of its own', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1', 'w2'));
    expect(await scene.incidents()).toHaveLength(1);
    expect((await scene.runs()).map(({ target }) => target).sort()).toEqual(['w1', 'w2']);
  });

  test('of another name joins the open run of its target', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    await told(scene, sampleBody({ alerts: [bodyAlert({ ...nodeLabels('w1'), alertname: 'NodeNotReady' })] }));
    const run = await firstRun(scene);
    expect(await scene.runs()).toHaveLength(1);
    expect(await scene.mailTo(run.id)).toMatchObject([{ kind: 'joined' }]);
  });

  test('that resolves is news for its run and its incident', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    await told(scene, resolved('w1'));
    const run = await firstRun(scene);
    expect(await scene.mailTo(run.id)).toMatchObject([{ kind: 'resolved' }]);
    expect((await scene.mailTo(run.incident)).at(-1)).toMatchObject({ kind: 'alert', status: 'resolved' });
    expect(await scene.episodes()).toMatchObject([{ state: 'ended', ended: { by: 'resolved' } }]);
  });

  test('that resolves when its run is over wakes nobody', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    const run = await firstRun(scene);
    await scene.end(run, 'done');
    await told(scene, resolved('w1'));
    expect(await scene.mailTo(run.id)).toEqual([]);
  });

  test('whose end is the first that is heard of it is recorded, and starts nothing', async () => {
    const scene = intakeScene();
    await told(scene, resolved('w1'));
    expect(await scene.runs()).toEqual([]);
    expect(await scene.incidents()).toEqual([]);
    expect(await scene.episodes()).toMatchObject([{ state: 'ended' }]);
    expect(await scene.ledger()).toMatchObject({ handled: 1, pending: 0 });
  });

  test('fires and ends and fires in one batch: two episodes, one open run that the second joins', async () => {
    const scene = intakeScene();
    await scene.accept(nodes('w1'));
    await scene.accept(resolved('w1', { endsAt: '2026-11-21T11:59:30Z' }));
    await scene.accept(sampleBody({ alerts: [bodyAlert(nodeLabels('w1'), { startsAt: '2026-11-21T11:59:50Z' })] }));
    await scene.settle();
    expect(await scene.episodes()).toMatchObject([{ state: 'firing', ordinal: 2 }]);
    const run = await firstRun(scene);
    expect((await scene.mailTo(run.id)).map(({ kind }) => kind)).toEqual(['resolved', 'joined']);
  });

  test('opens the next incident once the last was closed', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    await close(scene);
    await told(scene, nodes('w2'));
    expect((await scene.incidents()).map(({ ordinal, state }) => `${ordinal} ${state}`).sort()).toEqual(['1 closed', '2 open']);
  });

  test('opens the next incident also when the last is closed while it is folded', async () => {
    const scene = intakeScene();
    await told(scene, plain('Unknown', 'warning'));
    scene.beforeCommit = async () => {
      scene.beforeCommit = () => {};
      await close(scene);
    };
    await told(scene, sampleBody({ alerts: [bodyAlert({ alertname: 'Unknown', cluster: 'prod', severity: 'warning', pod: 'other' })] }));
    expect((await scene.incidents()).map(({ ordinal, state }) => `${ordinal} ${state}`).sort()).toEqual(['1 closed', '2 open']);
  });

  test('joins no run that ends while it is folded', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    const run = await firstRun(scene);
    scene.beforeCommit = async () => {
      scene.beforeCommit = () => {};
      await scene.end(run, 'done');
    };
    await told(scene, sampleBody({ alerts: [bodyAlert({ ...nodeLabels('w1'), alertname: 'NodeNotReady' })] }));
    expect(await scene.mailTo(run.id)).toEqual([]);
    expect((await scene.mailTo(run.incident)).at(-1)).toMatchObject({ kind: 'park' });
  });

  /** Closes the first incident, as its keeper does. */
  async function close(scene: Scene): Promise<void> {
    const incident = await firstIncident(scene);
    const record = await scene.store.get('prod', incident.id);
    const closed = { do: 'put', id: incident.id, kind: 'incident', value: { ...incident, state: 'closed' } } as const;
    await scene.store.commit({
      partition: 'prod',
      opId: 'close',
      guards: [{ is: 'seq', id: incident.id, seq: record?.seq ?? 0 }],
      changes: [closed, headOfClosed(incident)],
    });
  }
});

describe('the cooldown', () => {
  async function refired(): Promise<Scene> {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    await scene.end(await firstRun(scene), 'done');
    await told(scene, resolved('w1'));
    await scene.clock.pass(60_000);
    await told(scene, sampleBody({ alerts: [bodyAlert(nodeLabels('w1'), { startsAt: '2026-11-21T12:00:50Z' })] }));
    return scene;
  }

  test('parks an alert that fires right behind the end of a run, until it is over', async () => {
    const scene = await refired();
    expect(await scene.runs()).toHaveLength(1);
    const incident = await firstIncident(scene);
    const [episode] = await scene.episodes();
    const parked = (await scene.mailTo(incident.id)).find(({ kind }) => kind === 'park');
    expect(parked).toMatchObject({ episode: `episode/${episode?.labelsDigest}`, untilMs: scene.clock.nowMs() - 60_000 + 900_000 });

    await scene.clock.pass(900_000);
    const told = (await scene.mailTo(incident.id)).length;
    await startParked(scene.intake, { cluster: 'prod', episode: episodeId(episode?.labelsDigest ?? '') });
    expect((await scene.runs()).map(({ ordinal, state }) => `${ordinal} ${state}`).sort()).toEqual(['1 done', '2 queued']);
    // The incident knows the alert already, and hears of the run alone.
    expect((await scene.mailTo(incident.id)).slice(told)).toMatchObject([{ kind: 'run' }]);

    await startParked(scene.intake, { cluster: 'prod', episode: episodeId(episode?.labelsDigest ?? '') });
    expect(await scene.runs()).toHaveLength(2);
  });

  test('starts nothing for an alert that stopped meanwhile', async () => {
    const scene = await refired();
    await told(scene, resolved('w1', { startsAt: '2026-11-21T12:00:50Z', endsAt: '2026-11-21T12:00:55Z' }));
    await scene.clock.pass(900_000);
    const [episode] = await scene.episodes();
    await startParked(scene.intake, { cluster: 'prod', episode: `episode/${episode?.labelsDigest}` });
    expect(await scene.runs()).toHaveLength(1);
  });
});

describe('an alert that nothing answers', () => {
  test('and that is critical opens an incident and pages', async () => {
    const scene = intakeScene();
    await told(scene, plain('Unknown', 'critical'));
    const incident = await firstIncident(scene);
    expect(incident).toMatchObject({ key: 'unrouted/prod/Unknown', severity: 'SEV1' });
    expect(incident.playbook).toBeUndefined();
    expect(await scene.mailTo(incident.id)).toMatchObject([{ kind: 'alert' }, { kind: 'escalate', key: 'unrouted', ladder: 'default' }]);
  });

  test('and that is a warning opens an incident', async () => {
    const scene = intakeScene();
    await told(scene, plain('Unknown', 'warning'));
    expect(await scene.mailTo((await firstIncident(scene)).id)).toMatchObject([{ kind: 'alert' }]);
  });

  test('and that is neither is counted, until a playbook answers it', async () => {
    const scene = intakeScene();
    await told(scene, sampleBody({ alerts: [bodyAlert({ alertname: 'Odd', cluster: 'prod', node: 'w1' })] }));
    expect(await scene.incidents()).toEqual([]);
    expect(await scene.ledger()).toMatchObject({ handled: 1 });
    scene.catalog = [...scene.catalog, sampleRoute('odd', NODE_NOT_READY.replace('KubeNodeNotReady|NodeNotReady', 'Odd'))];
    await told(scene, sampleBody({ alerts: [bodyAlert({ alertname: 'Odd', cluster: 'prod', node: 'w1' })] }));
    expect(await scene.runs()).toMatchObject([{ playbook: 'odd', target: 'w1' }]);
  });

  test('is told apart although its name holds a slash', async () => {
    const scene = intakeScene();
    await told(scene, plain('a/b', 'warning'));
    expect((await firstIncident(scene)).key).toBe('unrouted/prod/a%2Fb');
  });

  test('has no name, and is answered by its severity all the same', async () => {
    const scene = intakeScene({ clusters: [{ name: 'lab-noname' }] });
    await told(scene, fixture('v0.33.1/no-alertname.json'));
    expect(await firstIncident(scene)).toMatchObject({ key: 'unrouted/lab-noname/', title: '(an alert without a name) on lab-noname' });
  });
});

describe('an alert that its playbook cannot work with', () => {
  test('is handed over with the reason, and pages', async () => {
    const scene = intakeScene();
    await told(scene, sampleBody({ alerts: [bodyAlert({ alertname: 'KubeNodeNotReady', cluster: 'prod' })] }));
    expect(await scene.runs()).toEqual([]);
    const incident = await firstIncident(scene);
    expect(await scene.mailTo(incident.id)).toMatchObject([
      { kind: 'alert' },
      { kind: 'escalate', key: 'hand-over', reason: 'node-not-ready needs the label node, which the alert does not have' },
    ]);
  });
});
