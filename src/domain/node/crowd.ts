import { counted } from '../../model/counted.ts';
import { isReady, type Node } from './node.ts';

/** Of all nodes so many have to be well before one of them is looked at as a single trouble. */
const MIN_HEALTHY = 0.51;
const MOST_NAMES = 5;

/**
 * Why this is more than one machine's trouble, in words; undefined: it is one machine's. Then nothing is done to a node: what is common to several is the
 * zone, the network or the control plane, and moving pods makes it worse. `atOnce`: as many may be sick, this one with them, before it counts so.
 * Source  the safety models of NodeHealthCheck (minHealthy 51 %, rounded up) and of the node lifecycle controller (zones, all nodes lost).
 */
export function crowdText(node: Node, nodes: readonly Node[], atOnce: number): string | undefined {
  const sick = nodes.filter((one) => !isReady(one));
  if (nodes.length === 1) return `${node.name} is the only node: there is nowhere else to go`;
  const zone = nodes.filter((one) => node.zone !== undefined && one.zone === node.zone);
  if (zone.length > 1 && zone.every((one) => !isReady(one))) return `all ${counted(zone.length, 'node')} of zone ${node.zone} are not ready: ${names(zone)}`;
  const silent = nodes.filter(({ ready }) => ready.status === 'Unknown');
  if (silent.length * 2 >= nodes.length) return `${silent.length} of ${nodes.length} nodes do not report: that is the network or the control plane`;
  if (sick.length > atOnce || nodes.length - sick.length < Math.ceil(MIN_HEALTHY * nodes.length))
    return `${sick.length} of ${nodes.length} nodes are not ready: ${names(sick)}`;
  return undefined;
}

export function names(nodes: readonly { readonly name: string }[]): string {
  const rest = nodes.length - MOST_NAMES;
  const shown = nodes.slice(0, MOST_NAMES).map(({ name }) => name);
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
