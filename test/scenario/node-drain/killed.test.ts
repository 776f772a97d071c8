import { describe, expect, test } from 'vitest';
import { behindChange } from '../behind-change.ts';
import type { Scene } from '../scene.ts';
import { evictions, proposedDrain, TEN } from './scene.ts';

async function ends(scene: Scene): Promise<object> {
  await scene.pass('5m');
  const { state, steps } = await scene.run();
  const drain = steps.find(({ step }) => step === 'drain');
  return { state, gone: drain?.result?.['gone'], evicted: evictions(scene).toSorted(), audit: (await scene.audit()).problems };
}

const ONCE = { state: 'done', gone: 10, evicted: TEN, audit: [] };

async function approved(before: (scene: Scene) => void): Promise<Scene> {
  const scene = await proposedDrain();
  before(scene);
  await scene.approve('ben').catch(() => undefined);
  // Whoever is not heard presses again.
  await scene.pass('1s');
  if ((await scene.run()).state === 'proposed') await scene.approve('ben');
  return scene;
}

describe('a drain of ten pods', () => {
  test('killed behind every single change of what is stored, it evicts each pod once', async () => {
    let changes = (): number => 0;
    const undisturbed = await approved((scene) => void ({ changes } = behindChange(scene, 0, () => {})));
    expect(await ends(undisturbed)).toEqual(ONCE);
    expect(changes()).toBeGreaterThan(30);

    const different: unknown[] = [];
    const most = changes();
    for (let n = 1; n <= most; n += 1) {
      const scene = await approved((one) => void behindChange(one, n, () => one.kill()));
      const ended = await ends(scene);
      if (JSON.stringify(ended) !== JSON.stringify(ONCE)) different.push({ killedBehind: n, ...ended });
    }
    expect(different).toEqual([]);
  }, 120_000);

  test.each(TEN.map((_, n) => n))('killed when eviction %i was carried out and nobody has read the answer, it evicts each pod once', async (skip) => {
    const scene = await approved((one) => {
      one.change({ faults: [{ give: 'lost-reply', verb: 'create', subresource: 'eviction', skip, times: 1 }] });
      let seen = 0;
      one.world.cluster('prod').objects.onChange(({ kind, object, before }) => {
        const isAsked = kind.kind === 'Pod' && object.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined;
        if (isAsked && seen++ === skip) queueMicrotask(() => one.kill());
      });
    });
    expect(await ends(scene)).toEqual(ONCE);
    expect(scene.state.boot).toBe(2);
  });

  test.each(['hang', 'lost-reply', 'reset', 'reset-after', 'timeout', 'internal', 'unavailable', 'too-many-requests', 'conflict'] as const)(
    'three evictions that meet "%s" are made once',
    async (give) => {
      const scene = await approved((one) => one.change({ faults: [{ give, verb: 'create', subresource: 'eviction', skip: 2, times: 3 }] }));
      expect(await ends(scene)).toEqual(ONCE);
    },
  );

  test('killed every three seconds, it gets there', async () => {
    const scene = await approved((one) => {
      const again = (): void => {
        one.kill();
        one.clock.after(3000, again);
      };
      one.clock.after(3000, again);
    });
    expect(await ends(scene)).toEqual(ONCE);
  });
});

test('the API server goes away in the middle for an hour: nothing is assumed, and the rest goes when it is back', async () => {
  const scene = await proposedDrain();
  const away = ['read', 'write'].map((verb) => ({ give: 'reset', verb, lasts: '1h' }) as const);
  const { objects } = scene.world.cluster('prod');
  const stop = objects.onChange(({ kind, object }) => {
    if (kind.kind !== 'Pod' || object.metadata.deletionTimestamp === undefined || evictions(scene).length < 3) return;
    stop();
    scene.change({ faults: [...away] });
  });
  await scene.approve('ben');
  await scene.pass('50m');
  const parked = await scene.run();
  expect(parked.state).toBe('executing');
  expect(evictions(scene).length).toBeLessThan(6);
  expect((await scene.timeline()).some((line) => line.startsWith('Trying again'))).toBe(true);
  expect(await ends(scene)).toMatchObject({ state: 'executing' });
  await scene.pass('10m');
  expect(await ends(scene)).toEqual(ONCE);
});
