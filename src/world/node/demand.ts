import { parseQuantity } from '../../domain/quantity.ts';
import type { Json } from '../../model/json.ts';
import { at, listAt, objectAt, textAt, type WorldObject } from '../object.ts';

/** What a pod asks of a node, or a node has for pods: CPUs and bytes. */
export type Room = { readonly cpu: number; readonly memory: number };

const known = new WeakMap<object, Room>();

/** The sum of a pod's containers, or its largest init container where that is more. Source  Kubernetes documentation, "Init Containers". */
export function demandOf(pod: WorldObject): Room {
  const spec = objectAt(pod, 'spec');
  const before = known.get(spec);
  if (before !== undefined) return before;
  const containers = listAt(spec, 'containers');
  const init = listAt(spec, 'initContainers');
  const of = (resource: string): number => {
    const sum = containers.reduce((total: number, one) => total + amount(at(one, 'resources', 'requests', resource)), 0);
    return Math.max(sum, ...init.map((one) => amount(at(one, 'resources', 'requests', resource)))) + amount(at(spec, 'overhead', resource));
  };
  const room = { cpu: of('cpu'), memory: of('memory') };
  known.set(spec, room);
  return room;
}

/** What a node can give to pods, and how many of them it takes. */
export function allocatable(node: WorldObject): Room & { readonly pods: number } {
  const of = (resource: string): number => amount(at(node, 'status', 'allocatable', resource));
  return { cpu: of('cpu'), memory: of('memory'), pods: of('pods') };
}

/** Whether a pod still takes room on its node. */
export function takesRoom(pod: WorldObject): boolean {
  return !['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));
}

function amount(value: Json | undefined): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? (parseQuantity(value) ?? 0) : 0;
}
