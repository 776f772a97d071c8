import { counted } from '../../model/counted.ts';
import type { Share } from './common-cause.ts';

/**
 * What the node lifecycle controller does with the pods of nodes that are not ready, zone by zone, without anybody's help.
 * Source  Kubernetes documentation, "Nodes", rate limits on eviction; the controller's defaults.
 */
export type Mode =
  /** Evicts after the toleration, one node each ten seconds. */
  | 'evicts'
  /** More than half of a large zone: one node each 100 seconds. */
  | 'slow'
  /** More than half of a small zone: nothing at all. */
  | 'stopped'
  /** All zones are gone whole: it believes that it is itself at fault. */
  | 'master';

const UNHEALTHY_PART = 0.55;
const MORE_THAN = 2;
const LARGE_FROM = 51;

/** The mode of one zone. `isLast`: no zone has a ready node. */
export function disruptionMode({ sick, all }: Share, isLast: boolean): Mode {
  if (isLast) return 'master';
  if (sick === all) return 'evicts';
  if (sick <= MORE_THAN || sick / all < UNHEALTHY_PART) return 'evicts';
  return all >= LARGE_FROM ? 'slow' : 'stopped';
}

const WORDS: { readonly [M in Mode]: string } = {
  evicts: 'evicts pods after their toleration (5 minutes unless they say otherwise), one node each 10 s, without asking budgets',
  slow: 'evicts at a tenth of its pace, one node each 100 s: more than half of the zone is not ready',
  stopped: 'evicts nothing: more than half of a zone of at most 50 nodes is not ready',
  master: 'evicts nothing: no zone has a ready node, so it takes the fault for its own',
};

/** `the control plane by itself: in zone b evicts pods …`, for each zone with sick nodes. */
export function modeText(zones: readonly (Share & { readonly zone: string })[]): string {
  const isLast = zones.every(({ sick, all }) => sick === all);
  const hit = zones.filter(({ sick }) => sick > 0);
  const byMode = Map.groupBy(hit, (zone) => disruptionMode(zone, isLast));
  const parts = [...byMode].map(([mode, all]) => {
    const names = all.map(({ zone }) => zone).filter((name) => name !== '');
    const where = isLast || names.length === 0 ? '' : names.length > 3 ? `in ${counted(names.length, 'zone')} ` : `in ${names.join(' and ')} `;
    return `${where}${WORDS[mode]}`;
  });
  return `the control plane by itself: ${parts.join('; ')}`;
}
