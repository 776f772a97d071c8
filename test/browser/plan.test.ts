import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { page as pageOf } from '../../src/console/layout.ts';
import { planPart } from '../../src/console/page/plan.ts';
import { STYLE } from '../../src/console/style.ts';
import type { PlanView } from '../../src/port/view/run.ts';
import { axeFinds, describeInBrowser, inChromium, tooWide } from './chromium.ts';

const FOLDER = process.env['BROWSER_PICTURES'];
if (FOLDER !== undefined) mkdirSync(FOLDER, { recursive: true });

type Change = PlanView['steps'][number]['changes'][number];

const taints = (count: number): Change['to'] =>
  Array.from({ length: count }, (_, at) => ({
    key: `node.kubernetes.io/${at === 0 ? 'unschedulable' : `a-rather-long-key-number-${at}`}`,
    effect: 'NoSchedule',
  }));

/** 500 changes, long names, and one whose two sides are long. */
const PLAN: PlanView = {
  digest: 'd'.repeat(64),
  risk: 'destructive',
  stage: 'empty',
  generation: 3,
  steps: [
    {
      step: 'drain',
      action: 'node.drain',
      cluster: 'prod',
      summary: `Empty worker-${'1'.repeat(200)}`,
      risk: 'destructive',
      changes: [
        { verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: false, to: true, risk: 'reversible' },
        { verb: 'patch', object: 'Node/w1', field: 'spec.taints', from: taints(2), to: taints(4), risk: 'reversible', note: 'as kubectl drain does' },
        ...Array.from(
          { length: 498 },
          (_, at): Change => ({
            verb: 'evict',
            object: `Pod/shop/${'checkout-'.repeat(at % 25)}${at}`,
            from: `uid-${at}`,
            risk: at < 2 ? 'destructive' : 'reversible',
          }),
        ),
      ],
      undo: [{ verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: true, to: false, risk: 'reversible' }],
      facts: {},
      notes: ['Two pods have data in an emptyDir, which is lost'],
    },
  ],
};

async function showPlan(page: Page): Promise<void> {
  const markup = pageOf({ title: 'A plan', main: [planPart(PLAN)] }, { session: undefined, nowMs: 0 }).toString();
  await page.setContent(markup.replace('<main ', `<style>${STYLE}</style><main `).replace(/<(script|link)[^>]*>(<\/script>)?/g, ''));
}

describeInBrowser('a plan of 500 changes', () => {
  const open = inChromium();

  test.each([
    ['side by side on a wide screen', 1280, true],
    ['below each other on a narrow one', 320, false],
  ])('has its two sides %s, is nowhere too wide, and says first how much it is', async (_, width, isBeside) => {
    for (const theme of ['light', 'dark'] as const) {
      const { page } = await open('http://127.0.0.1:9', { width, theme });
      await showPlan(page);
      expect(await page.locator('h2').textContent()).toBe('Plan dddddddd: destructive, 500 changes, 2 of them destructive');
      expect(await page.locator('ul.diff').first().locator('> li').count()).toBe(500);
      expect(await tooWide(page)).toBe(0);
      const [now, then] = await Promise.all([page.locator('.side').first().boundingBox(), page.locator('.side').nth(1).boundingBox()]);
      expect((now?.y ?? 0) === (then?.y ?? 1)).toBe(isBeside);
      expect(await page.locator('.made').allTextContents()).toHaveLength(8);
      expect((await axeFinds(page)).filter((one) => !one.startsWith('page-has-heading-one'))).toEqual([]);
      if (FOLDER !== undefined) await page.screenshot({ path: join(FOLDER, `plan-${theme}-${width}.png`) });
    }
  });
});
