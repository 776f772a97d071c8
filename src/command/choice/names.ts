import { isReady, readNode } from '../../domain/node/node.ts';
import { podName, readPod } from '../../domain/pod/pod.ts';
import { newestFirst, readBackup } from '../../domain/velero/backup.ts';
import { backupsQuery, locationsQuery, schedulesQuery, VELERO_API } from '../../domain/velero/kinds.ts';
import { readLocation } from '../../domain/velero/location.ts';
import { isRestorable } from '../../domain/velero/phase.ts';
import { asksFor } from '../../domain/velero/restore/choose.ts';
import { readRestore } from '../../domain/velero/restore/restore.ts';
import { readSchedule } from '../../domain/velero/schedule.ts';
import { counted } from '../../model/counted.ts';
import { isList } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import type { Param } from '../../model/playbook.ts';
import { distance } from '../../model/when.ts';
import type { Reader } from '../../port/kube.ts';

/** A name in a cluster, with what helps to choose it. */
export type Name = {
  readonly value: string;
  /** At a moment: it tells ages. */
  readonly note: (nowMs: number) => string;
  /** Of a backup: does it hold this namespace? */
  readonly holds?: (namespace: string) => boolean;
  /** Of a backup: namespaces that it names. */
  readonly namespaces?: readonly string[];
};

/** Kinds of parameters whose values are names of objects in a cluster. */
export type NamedKind = Exclude<Param['type'], 'cluster' | 'duration' | 'text' | 'number' | 'choice' | 'yes-no'>;

export function isNamedKind(type: Param['type']): type is NamedKind {
  return Object.hasOwn(NAMES, type);
}

/** Kinds that are Velero's own, and lie in its namespace. */
export const OF_VELERO: ReadonlySet<Param['type']> = new Set(['schedule', 'backup', 'restore', 'storage-location']);

type Looking = {
  readonly kube: Pick<Reader, 'list'>;
  /** Where Velero lives. */
  readonly namespace: string;
};

/** All names of a kind, in the order in which they are offered. */
export function namesOf(kind: NamedKind, looking: Looking): Promise<readonly Name[]> {
  return NAMES[kind](looking);
}

const NAMES: { readonly [K in NamedKind]: (looking: Looking) => Promise<readonly Name[]> } = {
  namespace: async ({ kube }) =>
    sorted(await kube.list({ apiVersion: 'v1', kind: 'Namespace' }), ({ metadata: { name, deletionTimestamp } }) => ({
      value: name,
      note: () => (deletionTimestamp === undefined ? '' : 'is being deleted'),
    })),
  node: async ({ kube }) =>
    sorted(await kube.list({ apiVersion: 'v1', kind: 'Node' }), (found) => {
      const node = readNode(found);
      return { value: node.name, note: () => [isReady(node) ? 'Ready' : 'not ready', ...(node.unschedulable ? ['cordoned'] : [])].join(', ') };
    }),
  pod: async ({ kube }) =>
    sorted(await kube.list({ apiVersion: 'v1', kind: 'Pod' }), (found) => {
      const pod = readPod(found);
      return { value: podName(pod), note: () => [pod.isReady ? 'Ready' : pod.phase, ...(pod.node === '' ? [] : [`on ${pod.node}`])].join(', ') };
    }),
  volume: async ({ kube }) =>
    sorted(await kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }), ({ metadata: { namespace = '', name } }) => ({
      value: `${namespace}/${name}`,
      note: () => '',
    })),
  schedule: async ({ kube, namespace }) =>
    sorted(await kube.list(schedulesQuery(namespace)), (found) => {
      const { name, cron, paused, lastBackupMs } = readSchedule(found);
      const last = (nowMs: number): string => (lastBackupMs === undefined ? 'never ran' : `last ${distance(lastBackupMs, nowMs)}`);
      return { value: name, note: (nowMs) => [cron, ...(paused ? ['paused'] : []), last(nowMs)].join(', ') };
    }),
  backup: async ({ kube, namespace }) => {
    const all = newestFirst((await kube.list(backupsQuery(namespace))).map(readBackup));
    // What can be restored comes first: a failed one is rarely meant, and may be asked about.
    return [...all.filter(({ phase }) => isRestorable(phase)), ...all.filter(({ phase }) => !isRestorable(phase))].map((backup) => ({
      value: backup.name,
      note: (nowMs) => backupNote(backup, nowMs),
      holds: (name) => asksFor(backup, name),
      namespaces: namedIn(backup),
    }));
  },
  restore: async ({ kube, namespace }) =>
    (await kube.list({ apiVersion: VELERO_API, kind: 'Restore', namespace }))
      .toSorted((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''))
      .map((found) => {
        const { name, phase } = readRestore(found);
        const madeMs = Date.parse(found.metadata.creationTimestamp ?? '');
        return { value: name, note: (nowMs) => [phase, ...(Number.isNaN(madeMs) ? [] : [distance(madeMs, nowMs)])].filter((part) => part !== '').join(', ') };
      }),
  'storage-location': async ({ kube, namespace }) =>
    sorted(await kube.list(locationsQuery(namespace)), (found) => {
      const { name, phase, readOnly, isDefault } = readLocation(found);
      return {
        value: name,
        note: () => [phase, ...(isDefault ? ['default'] : []), ...(readOnly ? ['read-only'] : [])].filter((part) => part !== '').join(', '),
      };
    }),
};

type Backup = ReturnType<typeof readBackup>;

/** Namespaces that a backup was asked for by their names: such a one may be gone from the cluster. */
function namedIn({ spec: { includedNamespaces: named } }: Backup): readonly string[] {
  return isList(named) ? named.filter((name) => typeof name === 'string' && !name.includes('*')).map(String) : [];
}

/** `10h ago, 214 items, 3 volumes, kept 29d`; what is no good backup says so first. */
function backupNote({ phase, madeMs, items, volumes, expiresMs }: Backup, nowMs: number): string {
  return [
    ...(phase === 'Completed' ? [] : [phase === '' ? 'waits' : phase]),
    distance(madeMs, nowMs),
    counted(items.total, 'item'),
    ...(volumes.attempted === 0 ? [] : [counted(volumes.completed, 'volume')]),
    ...(expiresMs === undefined ? [] : [expiresMs <= nowMs ? 'expired' : `expires ${distance(expiresMs, nowMs)}`]),
  ].join(', ');
}

function sorted(found: readonly KubeObject[], name: (one: KubeObject) => Name): readonly Name[] {
  return found.map(name).toSorted((a, b) => (a.value < b.value ? -1 : 1));
}
