import { describe, expect, test } from 'vitest';
import { textAt } from '../../../../../src/world/object.ts';
import { ended } from '../doing.ts';
import type { Site } from '../site.ts';
import { phaseOf, statusOf } from '../status.ts';
import type { Story } from '../story.ts';

/** Backups that wait for each other. */
export function queueCases(site: Site): void {
  describe('backups at the same time', () => {
    test('run one after the other; the one that waits knows its place and starts within a minute', async () => {
      const [first, second] = [site.name('first'), site.name('second')];
      using one = await site.watch('Backup', first);
      using other = await site.watch('Backup', second);
      await site.make('Backup', first, { includedNamespaces: [site.namespace] });
      await site.make('Backup', second, { includedNamespaces: [site.namespace] });
      await ended(site, 'Backup', first);
      const overMs = site.nowMs();
      await ended(site, 'Backup', second);
      expect(site.nowMs() - overMs).toBeLessThan(70_000);
      await other.until('Completed');
      expect(one.phases()).toEqual(['', 'Queued', 'ReadyToStart', 'InProgress', 'Finalizing', 'Completed']);
      expect(other.phases()).toEqual(one.phases());
      expect(statusOf(other.states().find((state) => phaseOf(state) === 'Queued'))).toMatchObject({ queuePosition: expect.any(Number) });
      expect(startOf(other)).toBeGreaterThanOrEqual(startOf(one));
      // It leaves the queue only after the other one has left InProgress.
      expect(other.versionOf('ReadyToStart')).toBeGreaterThan(one.versionOf('Finalizing'));
    });
  });
}

function startOf(story: Story): number {
  return Date.parse(textAt(statusOf(story.states().at(-1)), 'startTimestamp'));
}
