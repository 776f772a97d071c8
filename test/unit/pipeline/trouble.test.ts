import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import { fanOut } from '../../../src/pipeline.ts';
import { INBOX } from '../../../src/port/store.ts';
import { bodyAlert, sampleBody } from '../ingest/samples.ts';
import { intakeScene, nodeLabels, nodes, plain, told } from './scene.ts';

describe('what cannot be read', () => {
  test('is quarantined alone, with its reason; the rest is handled', async () => {
    const scene = intakeScene();
    await told(
      scene,
      sampleBody({ alerts: [bodyAlert(nodeLabels('w1')), { status: 'firing', labels: { alertname: null } }, bodyAlert({ alertname: 'A', cluster: 'mars' })] }),
    );
    expect(await scene.ledger()).toEqual({ accepted: 3, pending: 0, handled: 1, quarantined: 2 });
    expect(Object.fromEntries(scene.counted)).toMatchObject({ handled: 1, quarantined: 2 });
    const { records } = await scene.store.list({ partition: INBOX, kind: 'quarantine', limit: 10 });
    expect(records.map(({ value }) => value)).toMatchObject([
      { reason: 'label "alertname": found null, expected text', sender: 'loopback' },
      { reason: expect.stringContaining('mars'), cluster: 'mars' },
    ]);
    expect(await scene.runs()).toHaveLength(1);
  });

  test('as one of five hundred costs no other its answer, also when it breaks what reads it', async () => {
    const scene = intakeScene();
    const { catalog } = scene;
    scene.catalog = catalog.map((one) => ({
      ...one,
      matchers: one.matchers.map((matcher) => ({ ...matcher, accepts: (value: string) => (value === 'Poison' ? fail() : matcher.accepts(value)) })),
    }));
    for (let index = 0; index < 20; index += 1) await scene.accept(plain(index === 7 ? 'Poison' : `Fine${index}`, 'warning'));
    await scene.settle();
    expect(await scene.ledger()).toEqual({ accepted: 20, pending: 1, handled: 19, quarantined: 0 });
    await scene.clock.pass(5000);
    await scene.settle();
    expect(await scene.ledger()).toEqual({ accepted: 20, pending: 0, handled: 19, quarantined: 1 });
    expect(Object.fromEntries(scene.counted)).toMatchObject({ handled: 19, quarantined: 1 });
    const { records } = await scene.store.list({ partition: INBOX, kind: 'quarantine', limit: 10 });
    expect(records[0]?.value).toMatchObject({ reason: 'it breaks what reads it: poison', tries: 2 });
  });

  function fail(): never {
    throw new Error('poison');
  }

  test('of more than a hundred keeps a hundred to look at, and counts all', async () => {
    const scene = intakeScene();
    await told(scene, sampleBody({ alerts: Array.from({ length: 250 }, () => ({})) }));
    expect(await scene.ledger()).toMatchObject({ quarantined: 250, pending: 0 });
    const { records } = await scene.store.list({ partition: INBOX, kind: 'quarantine', limit: 500 });
    expect(records).toHaveLength(100);
    expect(records.some(({ value }) => JSON.stringify(value).includes('"more":150'))).toBe(true);
  });
});

describe('a crash', () => {
  test.each([1, 2, 3, 4])('before commit %i changes nothing twice', async (which) => {
    const scene = intakeScene({ clusters: [{ name: 'prod' }, { name: 'staging' }] });
    await scene.accept(
      sampleBody({ alerts: [...['w1', 'w2', 'w3'].map((node) => bodyAlert(nodeLabels(node))), bodyAlert({ ...nodeLabels('w1'), cluster: 'staging' }), {}] }),
    );
    let commits = 0;
    scene.beforeCommit = () => {
      commits += 1;
      if (commits === which) throw new SalvorError('store.unavailable', 'crash');
    };
    const { claimed } = await scene.store.claim({ kinds: ['inbox'], owner: 'first', limit: 500, leaseMs: 6000 });
    await fanOut(scene.intake, claimed).catch(() => undefined);
    scene.beforeCommit = () => {};
    await scene.clock.pass(7000);
    await scene.settle();
    const ledger = await scene.ledger();
    expect(ledger).toEqual({ accepted: 5, pending: 0, handled: 4, quarantined: 1 });
    expect((await scene.runs()).map(({ cluster, target }) => `${cluster} ${target}`).sort()).toEqual([
      'prod prod',
      'prod w1',
      'prod w2',
      'prod w3',
      'staging w1',
    ]);
    expect((await scene.episodes()).map(({ times }) => times)).toEqual([1, 1, 1, 1]);
  });

  test('and a slow first hand: what it folds late changes nothing', async () => {
    const scene = intakeScene();
    await scene.accept(nodes('w1'));
    const { claimed } = await scene.store.claim({ kinds: ['inbox'], owner: 'slow', limit: 500, leaseMs: 6000 });
    await scene.clock.pass(7000);
    await scene.settle();
    await fanOut(scene.intake, claimed);
    expect(await scene.ledger()).toEqual({ accepted: 1, pending: 0, handled: 1, quarantined: 0 });
    expect(await scene.episodes()).toMatchObject([{ times: 1 }]);
  });
});

test('two hands at once make one run of one alert', async () => {
  const scene = intakeScene();
  for (let index = 0; index < 40; index += 1) await scene.accept(nodes('w1', `n${index}`));
  const claims = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => scene.store.claim({ kinds: ['inbox'], owner, limit: 10, leaseMs: 6000 })));
  await Promise.all(claims.map(({ claimed }) => fanOut(scene.intake, claimed)));
  const runs = await scene.runs();
  expect(runs.filter(({ target }) => target === 'w1')).toHaveLength(1);
  expect(runs.filter(({ playbook }) => playbook === 'az-failure')).toHaveLength(1);
  expect(await scene.ledger()).toEqual({ accepted: 80, pending: 0, handled: 80, quarantined: 0 });
});

test('a webhook of several thousand alerts is folded in parts, each once', async () => {
  const scene = intakeScene();
  await told(
    scene,
    sampleBody({
      alerts: Array.from({ length: 2500 }, (_, index) => bodyAlert({ alertname: `A${index % 3}`, cluster: 'prod', severity: 'warning', n: String(index) })),
    }),
  );
  expect(await scene.episodes()).toHaveLength(2500);
  expect(await scene.incidents()).toHaveLength(3);
  expect(await scene.ledger()).toMatchObject({ handled: 2500, pending: 0 });
});

test('whatever is sent twice, out of order or in other batches, the end state is the same, and runs are episodes', async () => {
  const told3 = (node: string): readonly string[] => [
    sampleBody({ alerts: [bodyAlert(nodeLabels(node), { startsAt: '2026-11-21T11:58:00Z' })] }),
    sampleBody({ alerts: [bodyAlert(nodeLabels(node), { status: 'resolved', startsAt: '2026-11-21T11:58:00Z', endsAt: '2026-11-21T11:58:30Z' })] }),
    sampleBody({ alerts: [bodyAlert(nodeLabels(node), { startsAt: '2026-11-21T11:59:00Z' })] }),
  ];
  const last = ['w1', 'w2'].map((node) => told3(node)[2] ?? '');
  const every = ['w1', 'w2'].flatMap(told3);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...every), { maxLength: 8 }).chain((some) => fc.shuffledSubarray([...some, ...last], { minLength: some.length + last.length })),
      fc.integer({ min: 1, max: 4 }),
      async (sent, batch) => {
        const scene = intakeScene();
        for (const [index, body] of sent.entries()) {
          await scene.accept(body);
          if (index % batch === 0) await scene.settle();
        }
        await scene.settle();
        expect((await scene.episodes()).map(({ state }) => state)).toEqual(['firing', 'firing']);
        // One open run for each node, which every episode of that node started or joined.
        const runs = await scene.runs();
        expect(runs.map(({ target }) => target).sort()).toEqual(['w1', 'w2']);
        for (const episode of await scene.episodes()) expect(episode.runs).toHaveLength(1);
        expect(await scene.ledger()).toMatchObject({ accepted: sent.length, handled: sent.length, pending: 0 });
      },
    ),
    { numRuns: 150 },
  );
});
