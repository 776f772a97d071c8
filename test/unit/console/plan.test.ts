import { expect, test } from 'vitest';
import { changePart } from '../../../src/console/page/change.ts';
import { planPart } from '../../../src/console/page/plan.ts';
import type { PlanView } from '../../../src/port/view/run.ts';

type Change = PlanView['steps'][number]['changes'][number];

const patch: Change = { verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: false, to: true, risk: 'reversible' };

test('a short change is one line; a long one stands side by side, and only what differs is marked', () => {
  expect(changePart(patch).toString()).toMatch(/~ patch Node\/w1 spec.unschedulable: false → true<\/span><\/li>/);
  const long = changePart({ ...patch, from: { a: 'same', b: 'x'.repeat(80) }, to: { a: 'same', b: 'y'.repeat(80) } }).toString();
  expect(long).toContain('<li class="sides">');
  expect(long.match(/class="gone"/g)).toHaveLength(1);
  expect(long.match(/class="made"/g)).toHaveLength(1);
  expect(long).toMatch(/class="gone">- {3}&quot;b&quot;: &quot;x/);
});

test('what is evicted is named, and a value that means to be markup is text', () => {
  expect(changePart({ verb: 'evict', object: 'Pod/shop/api-0', from: 'uid-1', risk: 'destructive' }).toString()).toMatch(
    /- evict Pod\/shop\/api-0 \(destructive\)<\/span><\/li>/,
  );
  expect(changePart({ ...patch, to: `<b>${'x'.repeat(80)}` }).toString()).not.toContain('<b>x');
});

test('the heading of a plan counts its changes, and says how many cannot be taken back lightly', () => {
  const changes = Array.from({ length: 500 }, (_, at): Change => ({ ...patch, object: `Node/w${at}`, risk: at < 3 ? 'destructive' : 'reversible' }));
  const step = {
    step: 'cordon',
    action: 'node.cordon',
    cluster: 'prod',
    summary: 'Cordon',
    risk: 'destructive',
    changes,
    undo: [],
    facts: {},
    notes: [],
  } as const;
  const plan = { digest: 'a'.repeat(64), risk: 'destructive', stage: 'drain', generation: 1, steps: [step] } as const;
  const page = planPart(plan).toString();
  expect(page).toContain('Plan aaaaaaaa: destructive, 500 changes, 3 of them destructive');
  expect(page.match(/~ patch Node/g)).toHaveLength(500);
  expect(page).toContain('It has no undo.');
});
