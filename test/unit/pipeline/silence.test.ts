import { describe, expect, test } from 'vitest';
import { readWebhook } from '../../../src/ingest/alertmanager.ts';
import { parseReread } from '../../../src/ingest/reread.ts';
import { expireEpisodes, watchdogDue } from '../../../src/pipeline.ts';
import { bodyAlert, fixture, sampleBody } from '../ingest/samples.ts';
import { firstIncident, firstRun, intakeScene, nodeLabels, nodes, type Scene, told } from './scene.ts';

describe('the Watchdog', () => {
  const beat = sampleBody({ alerts: [bodyAlert({ alertname: 'Watchdog', cluster: 'prod', severity: 'none' })] });
  async function due(scene: Scene): Promise<boolean> {
    const { claimed } = await scene.store.claim({ kinds: ['slot'], owner: 'me', limit: 10, leaseMs: 6000 });
    for (const one of claimed) await watchdogDue(scene.intake, one);
    return claimed.length > 0;
  }

  test('is a sign of life, and no incident', async () => {
    const scene = intakeScene();
    await told(scene, beat);
    expect(await scene.incidents()).toEqual([]);
    expect(await scene.ledger()).toMatchObject({ handled: 1 });
    await scene.clock.pass(299_000);
    expect(await due(scene)).toBe(false);
  });

  test('that stays away pages by its own ladder, once, and is told to be back', async () => {
    const scene = intakeScene();
    await told(scene, beat);
    await scene.clock.pass(300_000);
    expect(await due(scene)).toBe(true);
    const incident = await firstIncident(scene);
    expect(incident.key).toBe('unrouted/prod/WatchdogAbsent');
    expect(await scene.mailTo(incident.id)).toMatchObject([
      { kind: 'alert', status: 'firing', summary: expect.stringContaining('since 2026-11-21 12:00:00 UTC') },
      { kind: 'escalate', ladder: 'watch' },
    ]);
    expect(await due(scene)).toBe(false);

    await scene.clock.pass(4 * 3_600_000);
    expect(await due(scene)).toBe(true);
    expect(await scene.mailTo(incident.id)).toHaveLength(2);

    await told(scene, beat);
    expect((await scene.mailTo(incident.id)).at(-1)).toMatchObject({ kind: 'alert', status: 'resolved' });
    expect(await scene.episodes()).toMatchObject([{ state: 'ended', alert: { name: 'WatchdogAbsent' } }]);
    await scene.clock.pass(300_000);
    expect(await due(scene)).toBe(true);
    expect(await scene.episodes()).toMatchObject([{ state: 'firing', ordinal: 2 }]);
  });

  test('that comes while its absence is being noted has the last word', async () => {
    const scene = intakeScene();
    await told(scene, beat);
    await scene.clock.pass(300_000);
    const { claimed } = await scene.store.claim({ kinds: ['slot'], owner: 'me', limit: 10, leaseMs: 6000 });
    await told(scene, beat);
    for (const one of claimed) await watchdogDue(scene.intake, one);
    expect(await scene.incidents()).toEqual([]);
  });

  test('of the fixture is taken for one', async () => {
    const scene = intakeScene({ clusters: [{ name: 'prod-eu1' }] });
    await told(scene, fixture('v0.33.1/from-prometheus/prometheus-Watchdog-firing.json'));
    expect(scene.counted.get('heartbeat')).toBe(1);
  });
});

describe('an episode that is not heard of any more', () => {
  async function expire(scene: Scene): Promise<number> {
    const { claimed } = await scene.store.claim({ kinds: ['episode'], owner: 'me', limit: 10, leaseMs: 6000 });
    await expireEpisodes(scene.intake, claimed);
    return claimed.length;
  }

  test('expires behind twice the repeat interval, and its run looks again', async () => {
    const scene = intakeScene();
    await told(scene, nodes('w1'));
    await scene.clock.pass(3_600_000);
    await told(scene, nodes('w1'));
    await scene.clock.pass(7 * 3_600_000);
    expect(await expire(scene)).toBe(0);
    await scene.clock.pass(3_600_000);
    expect(await expire(scene)).toBe(1);
    expect(await scene.episodes()).toMatchObject([{ state: 'ended', ended: { by: 'expired' } }]);
    const run = await firstRun(scene);
    expect(await scene.mailTo(run.id)).toMatchObject([{ kind: 'resolved' }]);
    expect((await scene.mailTo(run.incident)).at(-1)).toMatchObject({ summary: expect.stringContaining('Not heard of any more') });
    expect(await expire(scene)).toBe(0);
  });
});

describe('a group that Alertmanager cut', () => {
  const group = { groupLabels: { cluster: 'prod' }, groupKey: 'g' };
  const cut = (status: 'firing' | 'resolved'): string => sampleBody({ ...group, truncatedAlerts: 1, alerts: [bodyAlert(nodeLabels('w1'), { status })] });
  const listed = (node: string, state = 'active'): object => ({
    ...bodyAlert(nodeLabels(node)),
    status: { state, silencedBy: [], inhibitedBy: [] },
    receivers: [{ name: 'dr' }],
  });
  const rereads = (scene: Scene, ...alerts: readonly object[]): void => {
    scene.reread = () => {
      const asked = readWebhook({ sender: '', clusters: ['*'], receivedMs: 0, body: cut('firing'), alerts: 1 }, { clusters: ['prod'] });
      const answer = parseReread(alerts, { cluster: 'prod', group: asked.group, nowMs: scene.clock.nowMs() });
      return Promise.resolve(answer ?? { failed: 'no list' });
    };
  };

  test('is read again: what it hid fires, and what is not there is over', async () => {
    const scene = intakeScene({ clusters: [{ name: 'prod', rereads: true }] });
    await told(scene, sampleBody({ ...group, alerts: [bodyAlert(nodeLabels('w1')), bodyAlert(nodeLabels('w2')), bodyAlert(nodeLabels('w3'))] }));
    rereads(scene, listed('w2', 'suppressed'), listed('w4'));
    await scene.clock.pass(1000);
    await told(scene, cut('resolved'));
    const states = new Map(
      (await scene.episodes()).map(({ alert, state, ended }) => [alert.labels.find(([name]) => name === 'node')?.[1], ended?.by ?? state]),
    );
    expect(Object.fromEntries(states)).toEqual({ w1: 'resolved', w2: 'firing', w3: 'disproved', w4: 'firing' });
    for (const { runs } of await scene.episodes()) expect(runs.length).toBeGreaterThan(0);
  });

  test('ends nothing when Alertmanager does not answer; it is asked once more', async () => {
    const scene = intakeScene({ clusters: [{ name: 'prod', rereads: true }] });
    let asked = 0;
    scene.reread = () => {
      asked += 1;
      return Promise.resolve({ failed: 'timeout' });
    };
    await told(scene, nodes('w2'));
    await told(scene, cut('resolved'));
    expect(await scene.ledger()).toMatchObject({ pending: 1 });
    await scene.clock.pass(5000);
    await scene.settle();
    expect(asked).toBe(2);
    expect(await scene.ledger()).toMatchObject({ pending: 0, handled: 2 });
    expect((await scene.episodes()).filter(({ state }) => state === 'firing')).toHaveLength(1);
  });

  test('ends nothing where Alertmanager cannot be asked', async () => {
    const scene = intakeScene({ clusters: [{ name: 'edge-fr2' }] });
    await told(scene, fixture('v0.33.1/truncated-hides-firing-alert.json'));
    expect((await scene.episodes()).every(({ ordinal }) => ordinal === 0)).toBe(true);
    expect(await scene.ledger()).toMatchObject({ pending: 0, handled: 2 });
  });
});
