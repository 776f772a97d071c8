import { SalvorError } from '../../model/error.ts';
import type { JsonObject } from '../../model/json.ts';
import type { KubeObject, Manifest, ObjectRef } from '../../model/object.ts';
import { readReplicas } from '../pod/replicas.ts';
import { readClaim, readDisk } from './claim.ts';
import { type ClaimDraft, HALT_MARK, haltText, readHalt } from './swap-marks.ts';
import { inside } from './swap-sight.ts';
import { usersOf } from './swap-users.ts';

type Query = { readonly apiVersion: string; readonly kind: string; readonly namespace?: string };
type Only = { readonly uid: string; readonly resourceVersion?: string };

/** What it is written with: any guarded view of a cluster. */
export type Writes = {
  readonly list: (query: Query) => Promise<readonly KubeObject[]>;
  readonly find: (ref: ObjectRef) => Promise<KubeObject | undefined>;
  readonly create: (manifest: Manifest) => Promise<KubeObject>;
  readonly patch: (ref: ObjectRef, patch: JsonObject, only: Only) => Promise<KubeObject>;
  readonly delete: (ref: ObjectRef, only: Only) => Promise<'deleted' | 'gone'>;
};

/** A claim is to have this volume. */
export type Seat = { readonly claim: string; readonly volume: string; readonly draft: ClaimDraft };

export type Reseating = {
  /** The namespace of the claims. */
  readonly target: string;
  /** Another namespace, whose claims of the same names hold the volumes now and are given up. */
  readonly emptied?: string;
  readonly seats: readonly Seat[];
  readonly key: string;
};

export const claimRef = (namespace: string, name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name });
export const diskRef = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'PersistentVolume', name });

/**
 * One round of giving claims other volumes: who uses them stands still, the claims are deleted and made again on their new volumes, and what stood still
 * runs again. Everything is read from the cluster, so it can be called at any time and however often; undefined once all is as it should be.
 */
export async function reseat(kube: Writes, reseating: Reseating): Promise<string | undefined> {
  const { target, emptied, seats, key } = reseating;
  const names = seats.map(({ claim }) => claim);
  const open = await notSeated(kube, target, seats);
  if (open.length === 0) return resume(kube, target, key);

  const going = [
    await halt(kube, { namespace: target, names, key }),
    ...(emptied === undefined ? [] : [await halt(kube, { namespace: emptied, names, key, isCopy: true })]),
  ];
  const pods = going.reduce((sum, one) => sum + one, 0);
  if (pods > 0) return `standing still: ${pods} pod${pods === 1 ? '' : 's'} still use${pods === 1 ? 's' : ''} the claims`;
  for (const { claim } of seats) if (emptied !== undefined) await giveUp(kube, claimRef(emptied, claim));
  for (const seat of open) if (seat.now !== undefined) await giveUp(kube, claimRef(target, seat.claim));
  const left = [
    ...(await leftOf(
      kube,
      target,
      open.filter(({ now }) => now !== undefined).map(({ claim }) => claim),
    )),
    ...(emptied === undefined ? [] : await leftOf(kube, emptied, names)),
  ];
  if (left.length > 0) return `claims are being deleted: ${left.join(', ')}`;
  for (const seat of open.filter(({ isWaiting }) => !isWaiting)) await sit(kube, target, seat);
  return `waiting until the claims have their volumes: ${open.map(({ claim }) => claim).join(', ')}`;
}

type Open = Seat & {
  /** The claim is there, on another volume. */
  readonly now?: KubeObject;
  /** It is there on this volume, and not bound yet. */
  readonly isWaiting: boolean;
};

async function notSeated(kube: Writes, target: string, seats: readonly Seat[]): Promise<readonly Open[]> {
  const found = await Promise.all(seats.map(async (seat) => [seat, await kube.find(claimRef(target, seat.claim))] as const));
  return found.flatMap(([seat, now]): readonly Open[] => {
    if (now === undefined) return [{ ...seat, isWaiting: false }];
    const claim = readClaim(now);
    if (claim.volume !== seat.volume) return [{ ...seat, now, isWaiting: false }];
    return claim.isBound && now.metadata.deletionTimestamp === undefined ? [] : [{ ...seat, isWaiting: true }];
  });
}

type Halted = { readonly namespace: string; readonly names: readonly string[]; readonly key: string; readonly isCopy?: boolean };

/** Scales to nothing what uses the claims, and answers how many pods are still on them. A copy does not come back, so nothing is noted on it. */
async function halt(kube: Writes, { namespace, names, key, isCopy = false }: Halted): Promise<number> {
  const read = await inside(kube.list, namespace);
  const { workloads, pods, alone } = usersOf(names, read);
  for (const { ref, uid, replicas } of workloads) {
    const found = read.workloads.find(({ metadata }) => metadata.uid === uid);
    if (replicas === 0 || found === undefined) continue;
    const before = readHalt(found, key) ?? replicas;
    const mark = isCopy ? {} : { metadata: { annotations: { [HALT_MARK]: haltText(key, before) } } };
    await kube.patch(ref, { ...mark, spec: { replicas: 0 } }, { uid });
  }
  if (isCopy)
    for (const { name, uid, deletionMs } of alone) if (deletionMs === undefined) await kube.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name }, { uid });
  return pods.length;
}

async function giveUp(kube: Writes, ref: ObjectRef): Promise<void> {
  const found = await kube.find(ref);
  if (found !== undefined && found.metadata.deletionTimestamp === undefined) await kube.delete(ref, { uid: found.metadata.uid ?? '' });
}

async function leftOf(kube: Writes, namespace: string, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => kube.find(claimRef(namespace, name))));
  return found.flatMap((one) => (one === undefined ? [] : [`${namespace}/${one.metadata.name}`]));
}

/** The volume is reserved for the claim by its name, and the claim is made on it. */
async function sit(kube: Writes, target: string, { claim, volume, draft }: Seat): Promise<void> {
  const found = await kube.find(diskRef(volume));
  if (found === undefined) throw new SalvorError('action.failed', `the volume ${volume} is gone: somebody deleted it`);
  const { claimRef: reserved, uid } = readDisk(found);
  if (reserved['namespace'] !== target || reserved['name'] !== claim || reserved['uid'] !== undefined) {
    const own = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: target, name: claim, uid: null, resourceVersion: null };
    await kube.patch(diskRef(volume), { spec: { claimRef: own } }, { uid });
  }
  const { labels, annotations, spec } = draft;
  const ref = claimRef(target, claim);
  await kube.create({
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: { name: claim, namespace: target, labels, annotations },
    spec: { ...spec, volumeName: volume },
  });
}

/** Gives back their pods to those that stood still; a number that somebody set meanwhile stays. */
async function resume(kube: Writes, target: string, key: string): Promise<undefined> {
  const { workloads } = await inside(kube.list, target);
  for (const workload of workloads) {
    const replicas = readHalt(workload, key);
    if (replicas === undefined) continue;
    const { apiVersion, kind, metadata } = workload;
    const spec = (readReplicas(workload) ?? 0) === 0 ? { spec: { replicas } } : {};
    const ref = { apiVersion, kind, namespace: target, name: metadata.name };
    await kube.patch(ref, { metadata: { annotations: { [HALT_MARK]: null } }, ...spec }, { uid: metadata.uid ?? '' });
  }
  return undefined;
}
