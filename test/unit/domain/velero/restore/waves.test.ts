import { expect, test } from 'vitest';
import { livesText, readOrder, wavesOf } from '../../../../../src/domain/velero/restore/waves.ts';

test.each([
  ['infra, certs; shop', [['infra', 'certs'], ['shop']]],
  [' ; infra ;; ', [['infra']]],
  ['', []],
])('the order %j is read as %j', (text, waves) => {
  expect(readOrder(text)).toEqual(waves);
});

test("what the order does not name comes last; the cluster's own and Velero's never; what the backup does not hold is told", () => {
  expect(wavesOf(['bank', 'infra', 'kube-system', 'shop', 'velero'], readOrder('infra; shop, shopp'), 'velero')).toEqual({
    waves: [['infra'], ['shop'], ['bank']],
    unknown: ['shopp'],
    left: ['kube-system', 'velero'],
  });
});

test('without an order there is one wave, and of nothing none', () => {
  expect(wavesOf(['bank', 'shop'], [], 'velero').waves).toEqual([['bank', 'shop']]);
  expect(wavesOf(['velero'], [], 'velero').waves).toEqual([]);
});

test.each([
  [['a', 'b', 'c'], [], undefined],
  [['a', 'b', 'c'], ['a'], undefined],
  [['a', 'b'], ['a'], undefined],
  [['a', 'b', 'c'], ['a', 'b'], 'this cluster lives: 2 of 3 namespaces of the backup are here (a, b)'],
  [['a'], ['a'], 'this cluster lives: 1 of 1 namespaces of the backup are here (a)'],
])('of %j live %j: %s', (wanted, live, text) => {
  expect(livesText(wanted, live)).toBe(text);
});
