import { readFileSync } from 'node:fs';
import { afterEach, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { webhookBody } from '../../bench/alert.ts';
import { benchTouch } from '../../bench/handlers/bench-touch.ts';
import { makeCatalog } from '../../src/action/catalog.ts';
import { type App, buildApp } from '../../src/app.ts';
import { sleep, systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import { silentLog } from '../../src/port/log.ts';
import { INBOX, LEDGER, type RecordKind, type Store } from '../../src/port/store.ts';
import { rehearsalConfig } from '../../src/rehearse/site.ts';
import { openRedis, type RedisPlace } from '../../src/store/redis.ts';
import { type SimulatedWorld, simulatedWorld } from '../../src/world/world.ts';
import { playbookOf } from '../scenario/scene.ts';
import { eventually } from './server.ts';
import './shared.ts';

/** Two Salvors on one Redis, in front of one cluster. Nobody leads; who holds a run's lease drives it. */
type Replica = { readonly app: App; readonly store: Store /** How many runs it took up. */; readonly taken: () => number };

const PLAYBOOK = readFileSync(new URL('../../bench/playbooks/bench-touch.yaml', import.meta.url), 'utf8');
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function replica(place: RedisPlace, prefix: string, world: SimulatedWorld, around: (store: Store) => Store = (store) => store): Promise<Replica> {
  const opened = await openRedis({ place, prefix, clock: systemClock, ids: systemIds, log: silentLog });
  let taken = 0;
  const store: Store = around({
    ...opened,
    async claim(request) {
      const answer = await opened.claim(request);
      taken += answer.claimed.filter(({ record }) => record.kind === 'run').length;
      return answer;
    },
  });
  const app = buildApp({
    settings: {
      config: rehearsalConfig({ auto: ['bench.touch'] }),
      site: { catalog: makeCatalog([benchTouch]), playbooks: [playbookOf('bench-touch', PLAYBOOK)] },
    },
    store,
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    clusters: world.clusters,
    chat: world.chat,
    pager: world.pager,
    reread: async () => ({ failed: 'there is no Alertmanager here' }),
  });
  await app.start();
  return { app, store: opened, taken: () => taken };
}

const ALERTS = 80;

test.each(inject('redis') ?? [])(
  'on $name two replicas share the runs; one dies, the other ends them all, each effect once',
  { timeout: 60_000 },
  async ({ place }) => {
    const world = simulatedWorld({ clock: systemClock, ids: systemIds, clusters: [{ name: 'prod', scenario: { namespaces: ['bench'] } }] });
    const prefix = `two-${systemIds.next()}`;
    const [one, two] = [await replica(place, prefix, world), await replica(place, prefix, world)];
    endings.push(
      () => two.store.close(),
      () => two.app.stop(),
    );
    const send = async (mark: string, to: Replica): Promise<void> => {
      await to.store.accept({
        sender: 'prod',
        clusters: ['prod'],
        receivedMs: systemClock.nowMs(),
        body: webhookBody('night', [{ name: 'BenchTouch', mark }]),
        alerts: 1,
      });
    };
    for (let n = 0; n < ALERTS / 2; n += 1) {
      await send(`m${n}`, n % 2 === 0 ? one : two);
      await sleep(systemClock, 5);
    }
    // Its process is gone from one moment to the next: what it has in hand stays leased.
    await one.store.close();
    void one.app.stop();
    for (let n = ALERTS / 2; n < ALERTS; n += 1) await send(`m${n}`, two);

    const ended = async (): Promise<boolean> => (await two.store.list({ kind: 'run', where: { state: 'done' }, limit: ALERTS + 1 })).records.length === ALERTS;
    await eventually(ended, 'the end of all runs', 30_000);
    expect(world.writes().toSorted()).toEqual(Array.from({ length: ALERTS }, (_, n) => `create ConfigMap/bench/m${n}`).toSorted());
    expect(
      [one.taken(), two.taken()].every((taken) => taken > 5),
      `${one.taken()} and ${two.taken()}`,
    ).toBe(true);
    await eventually(async () => (await two.store.counts(INBOX, [LEDGER.pending]))[0] === 0, 'an empty inbox');
    expect(await two.store.counts(INBOX, [LEDGER.accepted, LEDGER.handled, LEDGER.quarantined])).toEqual([ALERTS, ALERTS, 0]);
    expect(await two.store.check()).toEqual({ ok: true, problems: [] });
  },
);

/** A store whose user dies with the first record of a kind in its hands: it asks nothing more, and hears nothing more. */
function dyingWith(kind: RecordKind): { readonly around: (store: Store) => Store; readonly died: Promise<void> } {
  const { promise: died, resolve } = Promise.withResolvers<void>();
  let dead = false;
  const forEver = new Promise<never>(() => {});
  const around = (store: Store): Store =>
    new Proxy(store, {
      get(target, name: keyof Store) {
        const real = target[name];
        if (name === 'onChange' || name === 'close') return real;
        return async (...given: readonly unknown[]) => {
          if (dead) return forEver;
          const answer: unknown = await Reflect.apply(real, target, given);
          if (name === 'claim' && ClaimedKinds.parse(answer).claimed.some(({ record }) => record.kind === kind)) {
            dead = true;
            resolve();
          }
          return dead ? forEver : answer;
        };
      },
    });
  return { around, died };
}
const ClaimedKinds = z.object({ claimed: z.array(z.object({ record: z.object({ kind: z.string() }) })) });

test.each(['inbox', 'run', 'incident', 'lane'] as const)(
  'a replica that dies with its %s in hand keeps nobody waiting for more than ten seconds',
  { timeout: 60_000 },
  async (kind) => {
    const [site] = inject('redis') ?? [];
    if (site === undefined) throw new Error('no Redis was started');
    const world = simulatedWorld({ clock: systemClock, ids: systemIds, clusters: [{ name: 'prod', scenario: { namespaces: ['bench'] } }] });
    const prefix = `dies-${systemIds.next()}`;
    const { around, died } = dyingWith(kind);
    const one = await replica(site.place, prefix, world, around);
    endings.push(() => one.store.close());
    const body = webhookBody('night', [{ name: 'BenchTouch', mark: 'm' }]);
    await one.store.accept({ sender: 'prod', clusters: ['prod'], receivedMs: systemClock.nowMs(), body, alerts: 1 });
    await died;
    const diedMs = systemClock.monotonicMs();
    const two = await replica(site.place, prefix, world);
    endings.push(
      () => two.store.close(),
      () => two.app.stop(),
    );
    const told = (): boolean => world.chat.messages().some(({ lines, title }) => [title, ...lines].some((line) => line.includes('Ended done')));
    await eventually(async () => told(), 'the end of the run in the chat', 20_000);
    const tookMs = Math.round(systemClock.monotonicMs() - diedMs);
    console.log(`${kind}: the other replica is through after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(10_000);
    expect(world.writes()).toEqual(['create ConfigMap/bench/m']);
  },
);
