import { type Change, type RemediationAction, remediation, z } from '../src/action/contract.ts';
import { namespaceRef } from '../src/domain/velero/restore/kinds.ts';
import { NamespaceName } from '../src/domain/velero/restore/params.ts';
import { readClaim, readDisk } from '../src/domain/volume/claim.ts';
import { claimRef, diskRef, reseat } from '../src/domain/volume/reseat.ts';
import { readSwapMark, SWAP_MARK, type SwapMark, Swapped, swapMarkText } from '../src/domain/volume/swap-marks.ts';
import { swapNotes } from '../src/domain/volume/swap-notes.ts';
import { type Pair, readSwapSight, SWAP_READS, type SwapSight } from '../src/domain/volume/swap-sight.ts';
import { SalvorError } from '../src/model/error.ts';
import { objectName } from '../src/model/object.ts';

type Reader = Parameters<RemediationAction['verify']>[0]['kube'];
type Writer = Parameters<RemediationAction['execute']>[0]['kube'];

const LOOK_AGAIN_MS = 2000;
const POLICY = 'spec.persistentVolumeReclaimPolicy';

const Params = z.strictObject({
  /** The namespace that lives. */
  target: NamespaceName,
  /** The one that a restore brought beside it. */
  beside: NamespaceName,
});
const Result = z.strictObject({ volumes: z.array(Swapped) });

/**
 * Give the claims of a living namespace the volumes that were restored beside it. What uses them stands still meanwhile; the old volumes are kept, and a
 * rollback gives them back. No data is copied, and no other object is touched: settings stay as they are.
 *
 * Writes  spec.replicas of what uses the claims; reclaim policy, claimRef and one annotation of both volumes of each claim; each claim, deleted and made
 *         again on its new volume; the claims of the copy, deleted.
 * Voids   an approval when one of the namespaces is another one under its name.
 * Errors  request.invalid where something would not stand still or not come back; action.failed where a volume is gone (never retried).
 * Source  Kubernetes documentation, "Persistent Volumes": a volume that is kept is had again by its claimRef and a claim that names it.
 */
export const volumeSwap = remediation({
  id: 'volume.swap',
  summary: 'Give the claims of a namespace the volumes that were restored beside it, and keep the old ones',
  risk: 'destructive',
  needs: [...SWAP_READS, 'get namespaces', 'list persistentvolumes', 'get persistentvolumes', 'get persistentvolumeclaims'],
  // Who may patch a Deployment runs what they like in it, and who may patch a volume may take any: an operator gives these on purpose.
  offByDefault: [
    'patch persistentvolumes',
    'create persistentvolumeclaims',
    'delete persistentvolumeclaims',
    'delete pods',
    'patch deployments.apps',
    'patch statefulsets.apps',
  ],
  timeoutMs: 60_000,
  params: Params,
  result: Result,

  async plan({ params, kube }) {
    const { target, beside } = params;
    const sight = await readSwapSight((query) => kube.list(query), params);
    const { pairs, here, there, obstacles } = sight;
    if (obstacles.length > 0) throw new SalvorError('request.invalid', `the volumes of ${target} cannot be swapped: ${obstacles.join('; ')}`);
    if (pairs.length === 0) throw new SalvorError('request.invalid', `no claim of ${target} has a restored copy in ${beside}: there is nothing to swap`);
    return {
      summary: `Swap ${pairs.length === 1 ? 'the volume' : 'the volumes'} of ${target} for ${pairs.length === 1 ? 'the one' : 'those'} restored in ${beside}`,
      changes: [...standStill(sight), ...pairs.flatMap((pair) => changesOf(pair, params)), ...there.alone.map(({ name }) => podGoes(beside, name))],
      undo: [...here.workloads.map(({ ref, replicas }) => replicasChange(objectName(ref), replicas)), ...pairs.flatMap((pair) => undoOf(pair, target))],
      facts: await factsOf(kube, params),
      notes: swapNotes(sight, params),
    };
  },

  facts: ({ params, kube }) => factsOf(kube, params),

  async execute({ params, kube, stepKey, approved = [] }) {
    const { target, beside } = params;
    const wanted = approved.filter(({ verb, object }) => verb === 'create' && object.startsWith('PersistentVolumeClaim/')).length;
    const marks = await marksOf(kube, stepKey, 'restored');
    if (marks.length < wanted) {
      const { pairs } = await readSwapSight((query) => kube.list(query), params);
      for (const pair of pairs) await keepBoth(kube, pair, stepKey);
      return { more: 0, progress: 'both volumes of each claim outlive it now' };
    }
    const seats = marks.map(({ claim, volume, draft }) => ({ claim, volume, draft }));
    const progress = await reseat(kube, { target, emptied: beside, seats, key: stepKey });
    if (progress !== undefined) return { more: LOOK_AGAIN_MS, progress };
    for (const { volume, policy } of marks) await givePolicy(kube, volume, { policy });
    return { volumes: marks.map(({ claim, other, volume }) => ({ claim, old: other, restored: volume })) };
  },

  async verify({ params, kube, result }) {
    const { target } = params;
    for (const { claim, restored } of result.volumes) {
      const found = await kube.find(claimRef(target, claim));
      const now = found && readClaim(found);
      if (now?.volume !== restored) return { ok: false, reason: `the claim ${claim} does not have ${restored}: somebody changed it` };
      if (!now.isBound) return { ok: false, again: true, reason: `the claim ${claim} is not bound yet` };
    }
    return { ok: true, evidence: result.volumes.map(({ claim, old, restored }) => `${claim} is on ${restored}; what it had before is kept on ${old}`) };
  },

  async rollback({ params, kube, stepKey }) {
    const { target } = params;
    const [old, restored] = [await marksOf(kube, stepKey, 'old'), await marksOf(kube, stepKey, 'restored')];
    // What the restored ones got since they were swapped in is somebody's data, too.
    for (const { volume } of restored) await givePolicy(kube, volume, { policy: 'Retain' });
    const seats = old.map(({ claim, volume, draft }) => ({ claim, volume, draft }));
    const progress = await reseat(kube, { target, seats, key: stepKey });
    if (progress !== undefined) return { kind: 'more', more: LOOK_AGAIN_MS, progress };
    for (const { volume, policy } of old) await givePolicy(kube, volume, { policy, forget: true });
    for (const { volume } of restored) await givePolicy(kube, volume, { policy: 'Retain', forget: true });
    if (old.length === 0) return { kind: 'undone', evidence: 'no claim was touched' };
    const words = old.map(({ claim, volume, other }) => `${claim} has ${volume} again; the restored one is kept as ${other}`);
    return { kind: 'undone', evidence: words.join('; ') };
  },
});

const replicasChange = (object: string, replicas: number): Change => ({
  verb: 'patch',
  object,
  field: 'spec.replicas',
  from: replicas,
  to: 0,
  note: `to 0 while the claims change, then ${replicas} again`,
});
const podGoes = (namespace: string, name: string): Change => ({ verb: 'delete', object: objectName({ kind: 'Pod', namespace, name }), risk: 'reversible' });

function standStill({ here, there }: SwapSight): readonly Change[] {
  const copies = there.workloads.map(
    ({ ref, replicas }): Change => ({ verb: 'patch', object: objectName(ref), field: 'spec.replicas', from: replicas, to: 0, risk: 'reversible' }),
  );
  return [...here.workloads.map(({ ref, replicas }) => replicasChange(objectName(ref), replicas)), ...copies];
}

function changesOf({ claim, old, restored, draft }: Pair, { target, beside }: z.output<typeof Params>): readonly Change[] {
  const [mine, copy] = [objectName(claimRef(target, claim)), objectName(claimRef(beside, claim))];
  return [
    { verb: 'patch', object: objectName(diskRef(old.name)), field: POLICY, from: old.policy, to: 'Retain', risk: 'reversible' },
    {
      verb: 'patch',
      object: objectName(diskRef(restored.name)),
      field: POLICY,
      from: restored.policy,
      to: 'Retain',
      risk: 'reversible',
      note: `${restored.policy} again at the end`,
    },
    { verb: 'delete', object: copy, risk: 'reversible' },
    { verb: 'delete', object: mine, note: `its volume ${old.name} is kept` },
    { verb: 'patch', object: objectName(diskRef(restored.name)), field: 'spec.claimRef', to: { namespace: target, name: claim } },
    { verb: 'create', object: mine, to: { ...draft, spec: { ...draft.spec, volumeName: restored.name } } },
  ];
}

function undoOf({ claim, old, restored }: Pair, target: string): readonly Change[] {
  const mine = objectName(claimRef(target, claim));
  return [
    { verb: 'delete', object: mine, note: `${restored.name}, with what was written since, is kept` },
    { verb: 'patch', object: objectName(diskRef(old.name)), field: 'spec.claimRef', to: { namespace: target, name: claim } },
    { verb: 'create', object: mine, note: `on ${old.name}, as it was` },
    { verb: 'patch', object: objectName(diskRef(old.name)), field: POLICY, from: 'Retain', to: old.policy },
    { verb: 'patch', object: objectName(diskRef(restored.name)), field: POLICY, to: 'Retain' },
  ];
}

async function factsOf(kube: Reader, { target, beside }: z.output<typeof Params>): Promise<{ readonly [name: string]: string }> {
  const [here, there] = await Promise.all([kube.find(namespaceRef(target)), kube.find(namespaceRef(beside))]);
  return { target: here?.metadata.uid ?? 'absent', beside: there?.metadata.uid ?? 'absent' };
}

type Marked = SwapMark & { readonly volume: string };

/** The volumes of one side that this swap has marked, by their claims. */
async function marksOf(kube: Reader, key: string, role: SwapMark['role']): Promise<readonly Marked[]> {
  const disks = await kube.list({ apiVersion: 'v1', kind: 'PersistentVolume' });
  const marks = disks.flatMap((disk) => {
    const mark = readSwapMark(disk, key);
    return mark?.role === role ? [{ ...mark, volume: disk.metadata.name }] : [];
  });
  return marks.toSorted((a, b) => (a.claim < b.claim ? -1 : 1));
}

/** Before anything is deleted: both volumes outlive their claims, and say what they were. The restored one is marked last. */
async function keepBoth(kube: Writer, { claim, old, restored, draft }: Pair, key: string): Promise<void> {
  for (const [disk, role, other] of [
    [old, 'old', restored.name],
    [restored, 'restored', old.name],
  ] as const) {
    const found = await kube.find(diskRef(disk.name));
    if (found === undefined || readSwapMark(found, key) !== undefined) continue;
    const text = swapMarkText({ key, role, claim, policy: disk.policy, other, draft });
    await kube.patch(
      diskRef(disk.name),
      { metadata: { annotations: { [SWAP_MARK]: text } }, spec: { persistentVolumeReclaimPolicy: 'Retain' } },
      { uid: disk.uid },
    );
  }
}

/** `forget`: the volume belongs to this swap no longer. */
async function givePolicy(kube: Writer, name: string, { policy, forget = false }: { readonly policy: string; readonly forget?: boolean }): Promise<void> {
  const found = await kube.find(diskRef(name));
  if (found === undefined) return;
  if (readDisk(found).policy === policy && !forget) return;
  const mark = forget ? { metadata: { annotations: { [SWAP_MARK]: null } } } : {};
  await kube.patch(diskRef(name), { ...mark, spec: { persistentVolumeReclaimPolicy: policy } }, { uid: found.metadata.uid ?? '' });
}
