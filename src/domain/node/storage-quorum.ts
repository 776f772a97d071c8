import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { text } from '../lenient.ts';
import { type Pod, podName } from '../pod/pod.ts';
import type { Optional } from './machinery.ts';

const CEPH = { apiVersion: 'ceph.rook.io/v1', kind: 'CephCluster' } as const;
/** Pods of Rook whose loss counts against the storage's own quorum. */
const PARTS: ReadonlySet<string> = new Set(['rook-ceph-osd', 'rook-ceph-mon', 'rook-ceph-mds']);

const Health = z.looseObject({
  status: z
    .looseObject({ ceph: z.looseObject({ health: text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/**
 * Why the node cannot be emptied for the sake of the storage that runs on it; undefined: no part of Ceph is there, or all of it is well. Asked before the
 * first eviction only: afterwards Ceph is unwell because of us, and Rook's own budgets keep the rest apart.
 * Source  Rook documentation, "OSD Management" and its PodDisruptionBudgets; `status.ceph.health` of a CephCluster.
 */
export async function quorumHold(optional: Optional, here: readonly Pod[]): Promise<string | undefined> {
  const parts = here.filter(({ labels, isFinished }) => !isFinished && PARTS.has(labels['app'] ?? ''));
  const [first] = parts;
  if (first === undefined) return undefined;
  const what = `${podName(first)}${parts.length === 1 ? '' : ` and ${parts.length - 1} more of Ceph`} on it`;
  const clusters = await optional.list(CEPH, 'whether Ceph is well');
  if (clusters === undefined) return `whether Ceph is well cannot be read, and ${what} would go`;
  const sick = clusters.map(healthOf).find(({ health }) => health !== 'HEALTH_OK');
  return sick === undefined ? undefined : `Ceph ${sick.name} is ${sick.health}, and ${what} would go`;
}

function healthOf(found: KubeObject): { readonly name: string; readonly health: string } {
  const { status } = Health.parse(found);
  return { name: found.metadata.name, health: status?.ceph?.health ?? 'of unknown health' };
}
