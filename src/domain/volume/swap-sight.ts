import type { KubeObject } from '../../model/object.ts';
import { type Claim, type Disk, draftOf, readClaim, readDisk } from './claim.ts';
import type { ClaimDraft } from './swap-marks.ts';
import { type Inside, type Users, usersOf } from './swap-users.ts';

/** One claim that gets another volume: the one that it has, and the one that was restored beside. */
export type Pair = { readonly claim: string; readonly old: Disk; readonly restored: Disk; readonly draft: ClaimDraft; readonly beside: Claim };

export type SwapSight = {
  readonly pairs: readonly Pair[];
  readonly here: Users;
  readonly there: Users;
  /** Claims that only one of the two namespaces has: nothing is done with them. */
  readonly onlyHere: readonly string[];
  readonly onlyThere: readonly string[];
  readonly obstacles: readonly string[];
};

type Lists = (query: { readonly apiVersion: string; readonly kind: string; readonly namespace?: string }) => Promise<readonly KubeObject[]>;

/** As rights are written in an action's `needs`. */
export const SWAP_READS: readonly string[] = [
  'list persistentvolumeclaims',
  'list pods',
  'list deployments.apps',
  'list statefulsets.apps',
  'list replicasets.apps',
];

/** What a swap writes in the namespace, for those who ask beforehand whether it may. */
export const SWAP_WRITES = [
  { verb: 'patch', group: 'apps', resource: 'deployments' },
  { verb: 'patch', group: 'apps', resource: 'statefulsets' },
  { verb: 'create', group: '', resource: 'persistentvolumeclaims' },
  { verb: 'delete', group: '', resource: 'persistentvolumeclaims' },
  { verb: 'patch', group: '', resource: 'persistentvolumes' },
] as const;

/** The claims, and who uses them, of a namespace that lives; `beside`, where its restored copy is. */
export async function readSwapSight(list: Lists, { target, beside }: { readonly target: string; readonly beside: string }): Promise<SwapSight> {
  const [claims, copies, disks] = await Promise.all([
    list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: target }),
    list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: beside }),
    list({ apiVersion: 'v1', kind: 'PersistentVolume' }),
  ]);
  const diskOf = new Map(disks.map((disk) => [disk.metadata.name, readDisk(disk)] as const));
  const there = new Map(copies.map((copy) => [copy.metadata.name, readClaim(copy)] as const));
  const obstacles: string[] = [];
  const pairs = claims.flatMap((found) => {
    const claim = readClaim(found);
    const copy = there.get(claim.name);
    if (copy === undefined) return [];
    const [old, restored] = [diskOf.get(claim.volume), diskOf.get(copy.volume)];
    const why = faultOf(claim, copy, { old, restored });
    if (why !== undefined) obstacles.push(`${claim.name}: ${why}`);
    return old === undefined || restored === undefined || why !== undefined ? [] : [{ claim: claim.name, old, restored, draft: draftOf(found), beside: copy }];
  });
  const names = pairs.map(({ claim }) => claim);
  const [here, copied] = await Promise.all([inside(list, target), inside(list, beside)]);
  const users = usersOf(names, here);
  const all = new Set(claims.map(({ metadata }) => metadata.name));
  return {
    pairs: pairs.toSorted((a, b) => (a.claim < b.claim ? -1 : 1)),
    here: users,
    there: usersOf(names, copied),
    onlyHere: [...all].filter((name) => !there.has(name)).sort(),
    onlyThere: [...there.keys()].filter((name) => !all.has(name)).sort(),
    obstacles: [...obstacles, ...users.obstacles],
  };
}

function faultOf(claim: Claim, copy: Claim, { old, restored }: { readonly old: Disk | undefined; readonly restored: Disk | undefined }): string | undefined {
  if (!claim.isBound || old === undefined) return 'it has no volume of its own yet';
  if (!copy.isBound || restored === undefined) return 'its restored copy has no volume yet';
  if (restored.bytes > 0 && restored.bytes < claim.bytes) return `its restored volume ${restored.name} is smaller than what the claim asks for`;
  return undefined;
}

export async function inside(list: Lists, namespace: string): Promise<Inside> {
  const apps = 'apps/v1';
  const [deployments, sets, replicaSets, pods] = await Promise.all([
    list({ apiVersion: apps, kind: 'Deployment', namespace }),
    list({ apiVersion: apps, kind: 'StatefulSet', namespace }),
    list({ apiVersion: apps, kind: 'ReplicaSet', namespace }),
    list({ apiVersion: 'v1', kind: 'Pod', namespace }),
  ]);
  return { workloads: [...deployments, ...sets], replicaSets, pods };
}
