import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openScene, type Scene } from './scene.ts';

const AUTOMATED = { prune: true };
/** A shop with a database whose data is bad, kept by Argo CD, and a backup of ten hours ago. */
const SHOP = {
  nodes: [{ name: 'w1' }, { name: 'w2' }],
  claims: [{ name: 'shop/data-0' }],
  pods: [{ name: 'shop/api-0', node: 'w1', volumes: ['data-0'] }],
  objects: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' }, data: { apple: '3' } },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shop', namespace: 'argocd' },
      spec: { destination: { namespace: 'shop' }, syncPolicy: { automated: AUTOMATED } },
    },
  ],
  backups: [{ name: 'daily-20261121020000', namespaces: ['shop'], ago: '10h' }],
};
const OLD = 'pvc-shop-data-0';

const Claim = z.looseObject({ spec: z.looseObject({ volumeName: z.string() }), status: z.looseObject({ phase: z.string() }) });
const Disk = z.looseObject({ spec: z.looseObject({ persistentVolumeReclaimPolicy: z.string() }) });
const Application = z.looseObject({ spec: z.looseObject({ syncPolicy: z.looseObject({ automated: z.json().optional() }) }) });
const Counted = z.looseObject({ spec: z.looseObject({ replicas: z.number() }), status: z.looseObject({ readyReplicas: z.number().optional() }) });

/** How it stands in the cluster: on which volume the claim is, whether GitOps acts, what runs, what is left of the copy. */
function stands({ world }: Scene) {
  const objects = world.cluster('prod').snapshot();
  const claim = Claim.parse(objects.get('PersistentVolumeClaim/shop/data-0'));
  const application = Application.parse(objects.get('Application/argocd/shop'));
  const set = Counted.parse(objects.get('StatefulSet/shop/api'));
  const policies = [...objects]
    .filter(([name]) => name.startsWith('PersistentVolume/'))
    .map(([name, disk]) => [name.slice('PersistentVolume/'.length), Disk.parse(disk).spec.persistentVolumeReclaimPolicy]);
  return {
    volume: claim.status.phase === 'Bound' ? claim.spec.volumeName : claim.status.phase,
    gitops: application.spec.syncPolicy.automated,
    pods: `${set.status.readyReplicas ?? 0} of ${set.spec.replicas}`,
    policies: Object.fromEntries(policies),
    copies: [...objects.keys()].filter((name) => name.startsWith('Namespace/shop-test-')),
    marks: [...objects]
      .filter(([name, object]) => !name.startsWith('PersistentVolume/') && /salvor\.io\/(?:halted|suspended)/.test(JSON.stringify(object)))
      .map(([name]) => name),
  };
}

const RESTORED = expect.stringMatching(/^pvc-shop-test-[0-9a-f]{8}-data-0$/);
const BEFORE = { volume: OLD, gitops: AUTOMATED, pods: '1 of 1', copies: [], marks: [] };
const SWAPPED = { ...BEFORE, volume: RESTORED };

/** As far as the question whether the restored data is good. */
async function restored(): Promise<Scene> {
  const scene = openScene({ world: SHOP });
  await scene.pass('1m');
  await scene.start('ana', 'restore-swap', { into: 'shop' });
  await scene.pass('1m');
  expect((await scene.run()).plan?.risk).toBe('reversible');
  await scene.approve('ben');
  await scene.pass('10m');
  return scene;
}

/** And on to the second proposal. */
async function looked(): Promise<Scene> {
  const scene = await restored();
  const { id } = await scene.run();
  await scene.as('ben', (commands, caller) => commands.answer(caller, id, { ask: 'validate', value: true }));
  await scene.pass('1m');
  return scene;
}

async function decided(): Promise<Scene> {
  const scene = await looked();
  await scene.approve('ben', { confirmation: 'shop' });
  await scene.approve('cleo', { confirmation: 'shop' });
  return scene;
}

test('the plan says what stands still, which volumes change, what is kept and what is not swapped; then it is done, and GitOps goes on', async () => {
  const scene = await looked();
  const { plan } = await scene.run();
  expect(plan?.risk).toBe('destructive');
  expect(plan?.steps.flatMap(({ notes }) => notes)).toEqual([
    'They go on exactly as before at every end of this run, good or bad',
    'Stands still meanwhile, a minute or more: StatefulSet api (1 pod)',
    expect.stringMatching(/^data-0: from pvc-shop-data-0 to pvc-shop-test-[0-9a-f]{8}-data-0$/),
    'What was written into these volumes since the backup is not in the restored ones. The old volumes are kept, and nobody deletes them but you: pvc-shop-data-0',
    'Only volumes are swapped: ConfigMaps, Secrets and all other objects of shop stay as they are. For those: /dr restore resource',
    'An autoscaler that aims at what stands still rests while it has no pods, and goes on behind',
  ]);
  expect(stands(scene)).toMatchObject({ ...BEFORE, copies: [expect.anything()] });
  await expect(scene.approve('ben')).rejects.toThrow(/shop/);
  await scene.approve('ben', { confirmation: 'shop' });
  await scene.pass('1m');
  expect(stands(scene)).toMatchObject({ ...BEFORE, copies: [expect.anything()] });
  await scene.approve('cleo', { confirmation: 'shop' });
  await scene.pass('10m');
  expect(await scene.run()).toMatchObject({ state: 'done' });
  expect(stands(scene)).toMatchObject(SWAPPED);
  // The volume with the bad data is kept; the other one is as such a volume was before.
  const { policies } = stands(scene);
  expect(policies[OLD]).toBe('Retain');
  expect(new Set(Object.values(policies))).toEqual(new Set(['Delete', 'Retain']));
  expect((await scene.timeline()).join('\n')).toMatch(/data-0 is on pvc-shop-test-[0-9a-f]{8}-data-0; what it had before is kept on pvc-shop-data-0/);
});

describe('nothing of the living namespace is changed, GitOps acts, and the copy is gone', () => {
  test('when a person says that the restored data is not good', async () => {
    const scene = await restored();
    const { id } = await scene.run();
    await scene.as('ben', (commands, caller) => commands.answer(caller, id, { ask: 'validate', value: false }));
    await scene.pass('5h');
    expect(stands(scene)).toMatchObject(BEFORE);
    expect((await scene.run()).end).not.toBeUndefined();
  });

  test('when nobody looks at it', async () => {
    const scene = await restored();
    await scene.pass('14h');
    expect(stands(scene)).toMatchObject(BEFORE);
  });

  test('when the swap is refused', async () => {
    const scene = await looked();
    const { id } = await scene.run();
    await scene.as('ben', (commands, caller) => commands.reject(caller, id, { reason: 'we wait for the vendor' }));
    await scene.pass('5h');
    expect(await scene.run()).toMatchObject({ state: 'rejected' });
    expect(stands(scene)).toMatchObject(BEFORE);
  });

  test('when nobody decides about the swap', async () => {
    const scene = await looked();
    await scene.pass('6h');
    expect(await scene.run()).toMatchObject({ state: 'expired' });
    expect(stands(scene)).toMatchObject(BEFORE);
  });
});

test.each(Array.from({ length: 14 }, (_, at) => `${at * 700 + 50}ms`))(
  'killed %s after the decision it goes on where it was, and swaps once',
  async (after) => {
    const scene = await decided();
    await scene.pass(after);
    scene.kill();
    await scene.pass('15m');
    expect(await scene.run()).toMatchObject({ state: 'done' });
    expect(stands(scene)).toMatchObject(SWAPPED);
    const claims = scene.writes().filter((write) => write.endsWith('PersistentVolumeClaim/shop/data-0'));
    expect(claims).toEqual(['delete PersistentVolumeClaim/shop/data-0', 'create PersistentVolumeClaim/shop/data-0']);
  },
);

test('what does not start on the restored volume gets its old one back, and GitOps goes on', async () => {
  const scene = await looked();
  scene.change({
    nodes: [
      { name: 'w1', cordoned: true },
      { name: 'w2', cordoned: true },
    ],
  });
  await scene.approve('ben', { confirmation: 'shop' });
  await scene.approve('cleo', { confirmation: 'shop' });
  await scene.pass('10m');
  expect(stands(scene)).toMatchObject({ volume: RESTORED, pods: '0 of 1', gitops: undefined });
  await scene.pass('30m');
  scene.change({
    nodes: [
      { name: 'w1', cordoned: false },
      { name: 'w2', cordoned: false },
    ],
  });
  await scene.pass('5h');
  expect(await scene.run()).toMatchObject({ state: 'rolled-back' });
  expect(stands(scene)).toMatchObject(BEFORE);
  expect(stands(scene).policies[OLD]).toBe('Delete');
});

test.each(['1s', '3s', '6s', '9s'])('called off %s after the decision, the old volume is there again, and GitOps goes on', async (after) => {
  const scene = await decided();
  await scene.pass(after);
  const { id } = await scene.run();
  await scene.as('ana', (commands, caller) => commands.cancel(caller, id, { reason: 'wrong namespace' }));
  scene.kill();
  await scene.pass('5h');
  expect(await scene.run()).toMatchObject({ state: 'cancelled' });
  expect(stands(scene)).toMatchObject(BEFORE);
});

test('a pod that nobody would make again is named before anything is restored', async () => {
  const scene = openScene({ world: { ...SHOP, pods: [{ name: 'shop/by-hand', node: 'w1', owner: 'none', volumes: ['data-0'] }] } });
  await scene.pass('1m');
  await scene.start('ana', 'restore-swap', { into: 'shop' });
  await scene.pass('1m');
  expect(await scene.run()).toMatchObject({
    state: 'handed-over',
    finding: { reason: 'the volumes of shop cannot be swapped: the pod by-hand uses it and belongs to nothing that would make it again: end it first' },
  });
  expect(scene.writes()).toEqual([]);
});
