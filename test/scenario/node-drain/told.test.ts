import { expect, test } from 'vitest';
import { openScene } from '../scene.ts';
import { proposedDrain, tenPods } from './scene.ts';

test('who is asked reads what is lost and what holds it up, and not how pods are told apart', async () => {
  const pods = [
    { name: 'shop/db-0', node: 'w1', volumes: ['data'] },
    { name: 'shop/web-1', node: 'w1', owner: 'Deployment/web' },
    { name: 'shop/web-2', node: 'w2', owner: 'Deployment/web' },
  ];
  const world = tenPods({ pods, budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 2 }], claims: [{ name: 'shop/data' }] });
  const scene = await proposedDrain(world);
  const [asked = ''] = scene.proposals();
  expect(asked.split('\n')).toEqual(
    expect.arrayContaining([
      'drain on prod: Evict 2 pods from w1 (2 changes)',
      expect.stringContaining('- evict Pod/shop/db-0: the only replica of StatefulSet db'),
      '- Budget shop/web (needs 2 healthy, has 2) lets nobody go until somebody changes it or more pods run: shop/web-1',
    ]),
  );
  await scene.approve('ben');
  await scene.pass('1m');
  expect(scene.card()).toContain('1 waits for budget shop/web (needs 2 healthy, has 2): shop/web-1');
  await scene.pass('20m');
  // It was asked for every five seconds, and the budget said no each time: that is one line.
  const { journal } = await scene.run();
  expect(journal.filter(({ type, data }) => type === 'write.intent' && data['write'] === 'evict Pod/shop/web-1')).toHaveLength(1);
  expect(await scene.report()).toContain('- evict Pod/shop/web-1\n');
});

test('a drain of many tells what matters, and that there is more', async () => {
  const pods = Array.from({ length: 9 }, (_, n) => ({ name: `shop/db${n}-0`, node: 'w1' }));
  const scene = openScene({ world: tenPods({ pods, budgets: [] }) });
  await scene.start('ana', 'node-drain', { node: 'w1' });
  await scene.pass('5s');
  const [asked = ''] = scene.proposals();
  expect(asked.split('\n').filter((line) => line.startsWith('- evict Pod/'))).toHaveLength(6);
  expect(asked).toContain('- and 3 more in the plan');
});

test('a drain that is out of time says what is left and why, on the card and to whoever is paged', async () => {
  const scene = await proposedDrain(tenPods({ budgets: [{ name: 'shop/cart', match: { app: 'cart' }, minAvailable: 3 }] }));
  await scene.approve('ben');
  await scene.pass('130m');
  expect((await scene.run()).state).toBe('failed');
  const reason =
    'too slow: not finished within its time (7 of 10 gone, 3 wait for budget shop/cart (needs 3 healthy, has 3): shop/cart-1, shop/cart-2, shop/cart-3)';
  expect(scene.card()).toContain(reason);
  expect(scene.pages()).toHaveLength(1);
  // Two hours in which a budget is asked every five seconds.
}, 60_000);
