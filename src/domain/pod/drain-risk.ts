import type { Risk } from '../../model/risk.ts';
import type { Volume } from '../volume/volume.ts';
import type { Pod } from './pod.ts';

/** What an eviction costs, for whoever approves it. */
export type DrainRisk = { readonly risk: Exclude<Risk, 'read'>; readonly words: readonly string[] };

/** Of its controller: how many pods it wants. */
export type Around = { readonly replicas: number | undefined; readonly volumes: readonly Volume[] };

const OSD = 'rook-ceph-osd';

/** What is lost or down while one pod moves. Only what does not change by itself: it is part of what is approved. */
export function drainRisk(pod: Pod, { replicas, volumes }: Around): DrainRisk {
  if (pod.isFinished) return { risk: 'reversible', words: ['it has finished'] };
  const { owner, emptyDirs, hostPaths } = pod;
  const isLost = emptyDirs.length > 0 || owner === undefined || owner.kind === 'DaemonSet';
  return {
    risk: isLost ? 'destructive' : 'reversible',
    words: [
      ...(owner === undefined || owner.kind === 'DaemonSet' ? ['nothing makes it again'] : []),
      ...(emptyDirs.length > 0 ? [`what is in its emptyDir ${emptyDirs.join(', ')} is lost`] : []),
      ...(replicas === 1 && owner !== undefined ? [`the only replica of ${owner.kind} ${owner.name}: it is down until it runs elsewhere`] : []),
      ...(owner?.kind === 'Job' ? [`Job ${owner.name} begins it anew`] : []),
      ...volumes.flatMap(volumeWords),
      ...(hostPaths.length > 0 ? [`what it wrote to ${hostPaths.join(', ')} stays on this node`] : []),
      ...(pod.labels['app'] === OSD ? ['a disk of Ceph lives here: look that Ceph is healthy first'] : []),
    ],
  };
}

function volumeWords({ claim, isLocal, access }: Volume): readonly string[] {
  if (isLocal) return [`its volume ${claim} is on this node's own disk: it can run nowhere else`];
  const isSingle = access.some((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
  return isSingle ? [`its volume ${claim} has to be detached here before it starts elsewhere`] : [];
}
