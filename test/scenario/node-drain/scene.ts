import type { Json } from '../../../src/model/json.ts';
import { openScene, type Scene } from '../scene.ts';

/** Ten pods on w1, of a StatefulSet and of two Deployments, one of which a budget lets go two by two. */
export const TEN: readonly string[] = ['api-0', 'api-1', 'cart-1', 'cart-2', 'cart-3', 'web-1', 'web-2', 'web-3', 'web-4', 'web-5'];

const owners = new Map([
  ['api', 'StatefulSet/api'],
  ['cart', 'Deployment/cart'],
  ['web', 'Deployment/web'],
]);

export function tenPods(more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  return {
    nodes: [{ name: 'w1' }, { name: 'w2' }, { name: 'w3' }],
    pods: TEN.map((name) => ({ name: `shop/${name}`, node: 'w1', owner: owners.get(name.split('-')[0] ?? '') ?? '' })),
    budgets: [{ name: 'shop/web', match: { app: 'web' }, maxUnavailable: 2 }],
    ...more,
  };
}

/** A drain of w1 that ana asked for and ben is about to approve. */
export async function proposedDrain(world = tenPods()): Promise<Scene> {
  const scene = openScene({ world });
  await scene.start('ana', 'node-drain', { node: 'w1' });
  await scene.pass('5s');
  return scene;
}

/** Evictions of the pods that stood on w1 at first, by name, as often as the API server carried them out. */
export function evictions(scene: Scene): readonly string[] {
  return scene.writes().flatMap((line) => (line.startsWith('evict Pod/shop/') ? [line.slice('evict Pod/shop/'.length)] : []));
}
