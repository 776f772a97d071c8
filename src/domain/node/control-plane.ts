import { counted } from '../../model/counted.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Lease } from './lease.ts';
import { isReady, type Node } from './node.ts';

/** Kubelets renew every 10 s, controllers every 2 s; a clock that is half a minute off is no outage. */
const STALE_MS = 60_000;
const CONTROLLERS = ['kube-controller-manager', 'kube-scheduler'];

/** `leases`: of every node and of the controllers. */
export type Heard = { readonly nodes: readonly Node[]; readonly leases: readonly Lease[]; readonly nowMs: number };

/** What the leases say about who listens to whom, beside what conditions say: lines for people, none where all is as it should be. */
export function controlPlaneLines({ nodes, leases, nowMs }: Heard): readonly string[] {
  const ageOf = new Map(
    leases.flatMap(({ namespace, name, renewedMs }) => (renewedMs === undefined ? [] : ([[`${namespace}/${name}`, nowMs - renewedMs]] as const))),
  );
  const asleep = CONTROLLERS.flatMap((name) => {
    const ageMs = ageOf.get(`kube-system/${name}`);
    return ageMs === undefined || ageMs <= STALE_MS ? [] : [`${name} has not renewed its lease for ${formatDuration(ageMs)}: it does not work`];
  });
  const nodeAge = (node: Node): number | undefined => ageOf.get(`kube-node-lease/${node.name}`);
  const known = nodes.filter((node) => nodeAge(node) !== undefined);
  const stale = known.filter((node) => (nodeAge(node) ?? 0) > STALE_MS);
  const unseen = stale.filter(isReady);
  const heard = known.filter((node) => node.ready.status === 'Unknown' && (nodeAge(node) ?? 0) <= STALE_MS);
  return [
    ...asleep,
    ...(stale.length > 1 && stale.length === known.length
      ? [`no node has renewed its lease for over a minute: all at once is the network between nodes and API server, or the API server was away`]
      : unseen.length > 0
        ? [
            `${counted(unseen.length, 'more node')} still ${unseen.length === 1 ? 'counts' : 'count'} as ready and ${unseen.length === 1 ? 'has' : 'have'} not renewed the lease for over a minute`,
          ]
        : []),
    ...(heard.length > 0
      ? [
          `${counted(heard.length, 'node')} ${heard.length === 1 ? 'counts' : 'count'} as silent and ${heard.length === 1 ? 'renews its' : 'renew their'} lease: returning, or the controller manager is behind`,
        ]
      : []),
  ];
}
