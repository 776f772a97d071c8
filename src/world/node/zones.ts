import { listAt, textAt, type WorldObject } from '../object.ts';
import { isReady } from './conditions.ts';

/** `normal`, `lost` (every node of it) or `partly` (more than two nodes, and 55 % or more of them). Source  nodelifecycle's ComputeZoneState. */
export type ZoneMode = 'normal' | 'partly' | 'lost';
export type Zone = { readonly mode: ZoneMode; readonly nodes: number };

const MANY = 0.55;
/** A zone of more nodes than this goes on slowly when it is partly lost. */
const LARGE_CLUSTER = 50;
const EVICT_EVERY_MS = 10_000;
const SLOWLY_EVERY_MS = 100_000;
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';

export function zoneOf({ metadata: { labels = {} } }: WorldObject): string {
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

export function zonesOf(nodes: readonly WorldObject[]): ReadonlyMap<string, Zone> {
  const counts = new Map<string, { well: number; sick: number }>();
  for (const node of nodes) {
    if (node.metadata.labels?.[EXCLUDED] !== undefined || listAt(node, 'status', 'conditions').every((one) => textAt(one, 'type') !== 'Ready')) continue;
    const zone = zoneOf(node);
    const count = counts.get(zone) ?? { well: 0, sick: 0 };
    counts.set(zone, count);
    if (isReady(node)) count.well += 1;
    else count.sick += 1;
  }
  return new Map(
    [...counts].map(([zone, { well, sick }]) => {
      const nodesIn = well + sick;
      const mode = well === 0 ? 'lost' : sick > 2 && sick / nodesIn >= MANY ? 'partly' : 'normal';
      return [zone, { mode, nodes: nodesIn }];
    }),
  );
}

/** How long the controller waits from one node that it empties to the next of the zone; infinite: it empties none. */
export function evictEveryMs({ mode, nodes }: Zone): number {
  if (mode !== 'partly') return EVICT_EVERY_MS;
  return nodes > LARGE_CLUSTER ? SLOWLY_EVERY_MS : Number.POSITIVE_INFINITY;
}
