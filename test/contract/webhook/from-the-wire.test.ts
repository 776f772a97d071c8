import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SalvorError } from '../../../src/model/error.ts';
import { label } from '../../../src/model/label.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { bodyAlert, fixture, fixtures, sampleBody } from '../../unit/ingest/samples.ts';
import { intakeScene, nodeLabels, type Scene } from '../../unit/pipeline/scene.ts';
import { type Door, openDoor } from './server.ts';

const open: Door[] = [];
/** The real endpoint in front of a store, and what is behind the store. */
async function house(cluster = 'prod'): Promise<{ readonly door: Door; readonly scene: Scene }> {
  const scene = intakeScene({ clusters: [{ name: cluster }] });
  const door = await openDoor({
    accept: (webhook) => scene.store.accept({ ...webhook, receivedMs: scene.clock.nowMs() }),
    bindings: [{ cluster, tokens: [] }],
  });
  open.push(door);
  return { door, scene };
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const Manifest = z.array(z.object({ file: z.string(), alerts: z.number(), firing: z.number() }));
const bodies = Manifest.parse(JSON.parse(readFileSync(join(fixtures, 'manifest.json'), 'utf8')));

test.each(bodies)('from the wire to the end of the inbox: $file', async ({ file, alerts, firing }) => {
  const body = fixture(file);
  const { door, scene } = await house(/"cluster":"([^"]+)"/.exec(body)?.[1]);
  expect((await door.post(body)).json).toEqual({ accepted: alerts, quarantined: 0 });
  expect((await door.post(body)).status).toBe(200);
  await scene.settle();
  expect(await scene.ledger()).toEqual({ accepted: 2 * alerts, pending: 0, handled: 2 * alerts, quarantined: 0 });
  const heartbeats = scene.counted.get('heartbeat') ?? 0;
  expect((await scene.episodes()).filter(({ state }) => state === 'firing')).toHaveLength(firing - heartbeats / 2);
  // A run is started by one episode, never by two bodies about the same.
  const started = (await scene.runs()).filter(({ start }) => start.by === 'alert');
  expect(new Set(started.map(({ start }) => (start.by === 'alert' ? start.episode : ''))).size).toBe(started.length);
});

describe('from the wire', () => {
  test('the same body a thousand times at once is one run', async () => {
    const { door, scene } = await house();
    const body = sampleBody({ alerts: [bodyAlert(nodeLabels('w1'))] });
    await Promise.all(Array.from({ length: 1000 }, () => door.post(body)));
    await scene.settle();
    expect(await scene.runs()).toHaveLength(1);
    expect(await scene.episodes()).toMatchObject([{ times: 1000 }]);
    expect(await scene.ledger()).toEqual({ accepted: 1000, pending: 0, handled: 1000, quarantined: 0 });
  });

  test('one fingerprint for two label sets is two episodes, and a warning', async () => {
    const { door, scene } = await house();
    const warned: string[] = [];
    Object.assign(scene.intake, { log: { ...scene.intake.log, warn: (name: string) => warned.push(name) } });
    await door.post(sampleBody({ alerts: [bodyAlert(nodeLabels('w1')), bodyAlert(nodeLabels('w2'))] }));
    await scene.settle();
    expect(await scene.episodes()).toHaveLength(2);
    expect(warned).toEqual(['ingest.fingerprint-collision']);
  });

  test.each(['2999-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'yesterday', ''])(
    'a start at %j sets no timer that overflows',
    async (startsAt) => {
      const { door, scene } = await house();
      await door.post(sampleBody({ alerts: [bodyAlert(nodeLabels('w1'), { startsAt })] }));
      await scene.settle();
      const [episode] = await scene.episodes();
      expect(episode?.alert.startsAtMs).toBeLessThanOrEqual(scene.clock.nowMs() + 86_400_000);
      expect((await scene.store.list({ kind: 'episode', limit: 1 })).records[0]?.dueMs).toBe(scene.clock.nowMs() + 8 * 3_600_000);
    },
  );

  test('text that means to do something is text: it reaches a run as a value, or a person', async () => {
    const { door, scene } = await house();
    const evil = ['worker-1; rm -rf /', '$(id)', '{{ .Values.secret }}', '${process.env.X}', '../../kube-system', '<!channel> <@U1>', '`id`'];
    await door.post(sampleBody({ alerts: evil.map((node) => bodyAlert(nodeLabels(node))) }));
    await scene.settle();
    expect(await scene.runs()).toEqual([]);
    expect((await scene.episodes()).map(({ alert }) => label(alert.labels, 'node') ?? '').sort()).toEqual([...evil].sort());
    expect((await scene.incidents()).map(({ key }) => key)).toEqual(['node-not-ready/prod']);
  });

  test('a megabyte in a label and ten thousand labels are cut and handled', async () => {
    const { door, scene } = await house();
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`l${index}`, 'x']));
    await door.post(sampleBody({ alerts: [bodyAlert({ ...nodeLabels('w1'), long: 'x'.repeat(1_000_000) }), bodyAlert({ ...many, ...nodeLabels('w2') })] }));
    await scene.settle();
    expect((await scene.runs()).map(({ target }) => target).sort()).toEqual(['w1', 'w2']);
    for (const { alert } of await scene.episodes()) expect(alert.cut).toBeGreaterThan(0);
    expect(JSON.stringify(await scene.episodes()).length).toBeLessThan(40_000);
  });

  test('an inbox that is full answers 503, and loses nothing that it accepted', async () => {
    const scene = intakeScene();
    const small = oracleStore({ clock: scene.clock, limits: { inbox: 3 } });
    const door = await openDoor({ accept: (webhook) => small.accept(webhook) });
    open.push(door);
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await door.post(sampleBody({ alerts: [bodyAlert(nodeLabels(`w${index}`))] }))).status);
    expect(statuses).toEqual([200, 200, 200, 503, 503]);
    expect((await small.list({ kind: 'inbox', limit: 10 })).records).toHaveLength(3);
    expect(await small.accept({ sender: '', clusters: [], receivedMs: 0, body: '', alerts: 1 }).catch((error: unknown) => error)).toBeInstanceOf(SalvorError);
  });
});
