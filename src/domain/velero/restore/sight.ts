import { SalvorError } from '../../../model/error.ts';
import type { KubeObject, ObjectRef } from '../../../model/object.ts';
import { type Backup, readBackup } from '../backup.ts';
import { backupRef } from '../kinds.ts';
import { classTexts, releasedTexts, versionText } from './around.ts';
import { type Held, kindName, readContents, restorable } from './contents.ts';
import { type Difference, differenceOf } from './difference.ts';
import { ownersByMark, ownersOf } from './git-ops.ts';
import { isLeftOut } from './isolation.ts';
import { namespaceRef } from './kinds.ts';
import { CLAIMS, type KindLooked, LOOKED_AT } from './looked-at.ts';
import { type WrittenSince, writtenSince } from './written-since.ts';

type Query = { readonly apiVersion: string; readonly kind: string; readonly namespace?: string; readonly labelSelector?: string };

/** What it is read with: any view of a cluster that can ask for files of the storage. */
export type Sees = {
  readonly list: (query: Query) => Promise<readonly KubeObject[]>;
  readonly find: (ref: ObjectRef) => Promise<KubeObject | undefined>;
  readonly download: (target: {
    readonly namespace: string;
    readonly kind: string;
    readonly name: string;
    readonly limitBytes: number;
  }) => Promise<{ readonly text: string; readonly cut: boolean } | undefined>;
};

export type Scope = {
  /** Where Velero lives. */
  readonly namespace: string;
  readonly backup: string;
  readonly source: string;
  readonly target: string;
  /** Plural names of the only kinds that are wanted. */
  readonly resources?: readonly string[] | undefined;
  /** It goes into a closed namespace: what would reach out of it is left behind. */
  readonly isolated?: boolean | undefined;
};

/** What a restore is planned from: the backup's list of resources beside what is there now. */
export type RestoreSight = {
  readonly backup: Backup;
  /** Everything that the backup holds, of all namespaces. */
  readonly contents: readonly Held[];
  readonly held: readonly Held[];
  readonly target: KubeObject | undefined;
  readonly difference: Difference;
  /** Objects that are there and that the backup does not hold: no restore takes them away. */
  readonly beside: number;
  /** Claims of the backup that exist: nothing is written into their volumes. */
  readonly claimsKept: readonly string[];
  readonly since: WrittenSince;
  readonly owners: readonly string[];
  /** Versions and classes. */
  readonly around: readonly string[];
};

/** The list of a backup with 100,000 objects has about this size. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Throws `kube.not-found` for a backup that is gone, and what `download` throws; `kube.invalid` for a list that cannot be read. */
export async function readRestoreSight(kube: Sees, scope: Scope): Promise<RestoreSight> {
  const { namespace, source, target: into } = scope;
  const [found, target, file] = await Promise.all([
    kube.find(backupRef(namespace, scope.backup)),
    kube.find(namespaceRef(into)),
    kube.download({ namespace, kind: 'BackupResourceList', name: scope.backup, limitBytes: MOST_BYTES }),
  ]);
  if (found === undefined) throw new SalvorError('kube.not-found', `the backup ${scope.backup} does not exist any more`);
  if (file === undefined) throw new SalvorError('kube.invalid', `the storage does not hold the list of resources of ${scope.backup}: its files are gone`);
  const contents = file.cut ? undefined : readContents(file.text);
  if (contents === undefined) throw new SalvorError('kube.invalid', `the list of resources of ${scope.backup} cannot be read`);
  const backup = readBackup(found);
  const held = restorable(contents, source)
    .filter(wantedBy(scope.resources))
    .filter((one) => scope.isolated !== true || !isLeftOut(kindName(one)));
  const there = target === undefined ? new Map<string, readonly KubeObject[]>() : await readThere(kube, into, held);
  const objects = [...there.values()].flat();
  const names = new Map([...there].map(([kind, list]) => [kind, new Set(list.map(({ metadata }) => metadata.name))] as const));
  const difference = differenceOf(held, names, target !== undefined);
  const inBackup = new Set(held.map((one) => `${kindName(one)}/${one.name}`));
  return {
    backup,
    contents,
    held,
    target,
    difference,
    beside: objects.filter((object) => !inBackup.has(`${kindName(object)}/${object.metadata.name}`) && isLasting(object)).length,
    claimsKept: difference.exists.flatMap(({ kind, name }) => (kind === CLAIMS.kind ? [name] : [])).sort(),
    since: writtenSince(objects, backup.madeMs),
    owners: await readOwners(kube, into, objects),
    around: await readAround(kube, { scope, backup: found, held: difference.creates }),
  };
}

function wantedBy(resources: readonly string[] | undefined): (one: Held) => boolean {
  if (resources === undefined) return () => true;
  const wanted = new Set(resources.map((name) => name.toLowerCase()));
  return ({ kind, apiVersion }) => {
    const plural = LOOKED_AT.find((row) => row.kind === kind && row.apiVersion === apiVersion)?.plural ?? `${kind.toLowerCase()}s`;
    return [plural, kind.toLowerCase(), `${plural}.${apiVersion.split('/')[0]}`].some((name) => wanted.has(name));
  };
}

/** What is there of each kind that the backup holds and that may be looked at. */
async function readThere(kube: Sees, namespace: string, held: readonly Held[]): Promise<ReadonlyMap<string, readonly KubeObject[]>> {
  const kinds = new Set(held.map(kindName));
  const wanted = LOOKED_AT.filter((row) => kinds.has(kindName(row)) || row.kind === CLAIMS.kind);
  const lists = await Promise.all(wanted.map(async (row) => [kindName(row), await listOrNot(kube, row, namespace)] as const));
  return new Map(lists.flatMap(([kind, list]) => (list === undefined ? [] : [[kind, list] as const])));
}

/** Undefined where the kind is not served or not ours to see. */
async function listOrNot(
  kube: Sees,
  { apiVersion, kind }: Pick<KindLooked, 'apiVersion' | 'kind'>,
  namespace?: string,
): Promise<readonly KubeObject[] | undefined> {
  try {
    return await kube.list({ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) });
  } catch (error) {
    if (error instanceof SalvorError && ['kube.not-found', 'kube.unknown-kind', 'kube.forbidden'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Pods and what controllers make come and go: that one is not in a backup says nothing. */
const isLasting = ({ kind, metadata }: KubeObject): boolean =>
  !['Pod', 'ReplicaSet', 'Job'].includes(kind) && metadata.name !== 'kube-root-ca.crt' && !(kind === 'ServiceAccount' && metadata.name === 'default');

const OWNERS = [
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
  { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' },
  { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease' },
] as const;

async function readOwners(kube: Sees, target: string, objects: readonly KubeObject[]): Promise<readonly string[]> {
  const lists = await Promise.all(OWNERS.map((one) => listOrNot(kube, one)));
  return [
    ...new Set([
      ...ownersByMark(objects),
      ...ownersOf(
        lists.flatMap((list) => list ?? []),
        target,
      ),
    ]),
  ].sort();
}

type Around = { readonly scope: Scope; readonly backup: KubeObject; readonly held: readonly Held[] };

async function readAround(kube: Sees, { scope, backup, held }: Around): Promise<readonly string[]> {
  const claims = held.flatMap(({ kind, name }) => (kind === CLAIMS.kind ? [name] : []));
  const node = await aNode(kube, scope.namespace);
  const version = node && versionText(backup, node);
  const living = claims.length === 0 ? [] : ((await listOrNot(kube, CLAIMS, scope.source)) ?? []);
  const classes = claims.length === 0 ? undefined : await listOrNot(kube, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' });
  const disks = claims.length === 0 ? undefined : await listOrNot(kube, { apiVersion: 'v1', kind: 'PersistentVolume' });
  return [
    ...(version === undefined ? [] : [version]),
    ...(classes === undefined ? [] : classTexts(claims, living, classes)),
    ...(disks === undefined ? [] : releasedTexts(claims, scope.target, disks)),
  ];
}

/** Velero's own: one is enough to know the version, and few are read for it. */
async function aNode(kube: Sees, namespace: string): Promise<KubeObject | undefined> {
  const pods = (await listOrNot(kube, { apiVersion: 'v1', kind: 'Pod' }, namespace)) ?? [];
  const names = pods.flatMap((pod) => nodeNameOf(pod) ?? []);
  const [name] = names;
  if (name === undefined) return undefined;
  try {
    return await kube.find({ apiVersion: 'v1', kind: 'Node', name });
  } catch (error) {
    if (error instanceof SalvorError && error.code === 'kube.forbidden') return undefined;
    throw error;
  }
}

function nodeNameOf(pod: KubeObject): string | undefined {
  const spec: unknown = pod['spec'];
  return typeof spec === 'object' && spec !== null && 'nodeName' in spec && typeof spec.nodeName === 'string' ? spec.nodeName : undefined;
}
