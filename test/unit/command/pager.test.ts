import { expect, test } from 'vitest';
import { hearPager } from '../../../src/command/pager.ts';
import { laneId } from '../../../src/model/identity.ts';
import { newPageLane, type PageLane, pageLaneJson } from '../../../src/notify/pages/lane.ts';
import type { PagerNews } from '../../../src/port/pager.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { policy } from '../run/samples.ts';

const PAGE = { action: 'trigger', dedupKey: 'k', target: 'first', severity: 'critical', summary: 's', details: {} } as const;
const NOTE: PagerNews = { id: 'E1', what: 'annotated', call: { id: 'Q1', who: [] }, user: { id: 'P0ANA', name: 'Ana' }, text: 'approve 7QK2' };

/** What becomes of a note on the call Q1, which PagerDuty sends without our key, while the pages of an incident stand so. */
async function noted(lane: Partial<PageLane>, news: PagerNews = NOTE): Promise<unknown> {
  const store = oracleStore({ clock: virtualClock() });
  const ids = seededIds('pager');
  const value = pageLaneJson({ ...newPageLane('incident/a-1'), ...lane });
  const put = { do: 'put', id: laneId('pager', 'incident/a-1'), kind: 'lane', value, indexed: { to: 'pager' } } as const;
  await store.commit({ partition: 'prod', opId: ids.next(), guards: [{ is: 'absent', id: put.id }], changes: [put] });
  return hearPager({ store, ids, policy: () => policy, own: () => 'P0BOT' })(news);
}

test('a note on a call that nobody here knows is let go; while a page may have become it, the note has to come again', async () => {
  expect(await noted({})).toBe('unknown');
  const watched = [{ page: PAGE, sinceMs: 0, untilMs: 60_000, askMs: 0 }];
  await expect(noted({ watched })).rejects.toMatchObject({ code: 'pager.unavailable', retry: 'later' });
  // Of another call everything is known: it is somebody else's, or over.
  expect(await noted({ found: [['Q2', 'first']] })).toBe('unknown');
  expect(await noted({ watched }, { ...NOTE, what: 'acknowledged' })).toBe('unknown');
});
