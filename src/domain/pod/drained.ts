import { z } from 'zod';
import { isObject } from '../../model/json.ts';
import { objectName } from '../../model/object.ts';
import type { Change } from '../../model/plan.ts';
import type { Pod } from './pod.ts';

/** A controller that lost pods to a drain, and how many: so many younger ones have to serve again. */
export const Drained = z.strictObject({ kind: z.string(), namespace: z.string(), name: z.string(), uid: z.string(), pods: z.number() });
export type Drained = z.output<typeof Drained>;

/** What a drain has taken away: of its approved evictions those whose pods are not on the node any more. */
export function drainedBy(approved: readonly Change[], here: readonly Pod[]): { readonly gone: number; readonly workloads: readonly Drained[] } {
  const there = new Set(here.map(({ uid }) => uid));
  const gone = approved.filter(({ from }) => isObject(from) && typeof from['uid'] === 'string' && !there.has(from['uid']));
  const byOwner = Map.groupBy(gone, ({ from }) => (isObject(from) && typeof from['ownerUid'] === 'string' ? from['ownerUid'] : ''));
  byOwner.delete('');
  const workloads = [...byOwner].flatMap(([uid, [first, ...more]]) => {
    const [, namespace = ''] = first?.object.split('/') ?? [];
    const owner = isObject(first?.from) && typeof first.from['owner'] === 'string' ? first.from['owner'] : '';
    const [kind = '', name = ''] = owner.split('/');
    return [{ kind, namespace, name, uid, pods: more.length + 1 }];
  });
  return { gone: gone.length, workloads: workloads.toSorted((a, b) => (objectName(a) < objectName(b) ? -1 : 1)) };
}
