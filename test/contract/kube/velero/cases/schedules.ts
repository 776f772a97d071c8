import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../src/model/json.ts';
import { textAt } from '../../../../../src/world/object.ts';
import { ended } from '../doing.ts';
import type { Site } from '../site.ts';
import { phaseOf, plain, statusOf } from '../status.ts';

/** Schedules: what is said of them, and the backups that they make. One that comes round each second is due whenever it is looked at. */
export function scheduleCases(site: Site): void {
  const template = { includedNamespaces: [site.namespace], ttl: '1h0m0s' };
  const put = async (spec: JsonObject, metadata: JsonObject = {}): Promise<string> => {
    const name = site.name('every');
    await site.make('Schedule', name, { schedule: '0 3 * * *', template, ...spec }, metadata);
    return name;
  };
  const backupsOf = async (schedule: string): Promise<readonly string[]> => (await site.names('Backup')).filter((name) => name.startsWith(`${schedule}-2`));
  const passed = async (ms: number): Promise<void> => {
    const untilMs = site.nowMs() + ms;
    await site.until('time to pass', async () => site.nowMs() >= untilMs || undefined);
  };
  /** Made while it is paused, so that it is due when it is let go. */
  const due = async (spec: JsonObject, metadata: JsonObject = {}): Promise<string> => {
    const name = await put({ schedule: '@every 1s', paused: true, ...spec }, metadata);
    await passed(2100);
    return name;
  };
  const firstOf = async (schedule: string): Promise<JsonObject> => {
    await site.patch('Schedule', schedule, { spec: { paused: false } });
    const [name = ''] = await site.until('its backup', async () => ((await backupsOf(schedule)).length > 0 ? await backupsOf(schedule) : undefined));
    await site.patch('Schedule', schedule, { spec: { paused: true } });
    return await ended(site, 'Backup', name);
  };

  describe('a schedule', () => {
    test('is Enabled when it can be read, and has made nothing yet', async () => {
      const seen = await site.reaches('Schedule', await put({}), ['Enabled']);
      expect([seen['spec'], seen['status']]).toEqual([{ schedule: '0 3 * * *', skipImmediately: false, template }, { phase: 'Enabled' }]);
    });

    test.each([
      ['not cron', 'invalid schedule: expected exactly 5 fields, found 2: [not cron]'],
      ['', 'Schedule must be a non-empty valid Cron expression'],
      ['61 * * * *', 'invalid schedule: end of range (61) above maximum (59): "61"'],
      ['@nope', 'invalid schedule: unrecognized descriptor: "@nope"'],
      ['@every x', 'invalid schedule: failed to parse duration "@every x": time: invalid duration "x"'],
      ['* * * * x', 'invalid schedule: failed to parse int from "x": strconv.Atoi: parsing "x": invalid syntax'],
    ])('of "%s" fails its validation, and is Enabled once it is mended', async (schedule, error) => {
      const name = await put({ schedule });
      expect((await site.reaches('Schedule', name, ['FailedValidation']))['status']).toEqual({ phase: 'FailedValidation', validationErrors: [error] });
      await site.patch('Schedule', name, { spec: { schedule: '0 4 * * *' } });
      expect((await site.reaches('Schedule', name, ['Enabled']))['status']).toEqual({ phase: 'Enabled' });
    });

    test('that is paused from the start has no status and makes nothing; let go, it makes its backup at once', async () => {
      const name = await due({}, { labels: { team: 'shop' }, annotations: { note: 'kept' } });
      expect([(await site.read('Schedule', name))['status'], await backupsOf(name)]).toEqual([undefined, []]);
      const backup = await firstOf(name);
      expect(textAt(backup, 'metadata', 'name')).toMatch(new RegExp(`^${name}-\\d{14}$`));
      expect(backup['metadata']).toMatchObject({ labels: { team: 'shop', 'velero.io/schedule-name': name }, annotations: { note: 'kept' } });
      expect(backup['metadata']).not.toHaveProperty('ownerReferences');
      expect(backup['spec']).toMatchObject({ ...template, hooks: {}, metadata: {} });
      const status = statusOf(await site.read('Schedule', name));
      expect(plain(status)).toEqual({ phase: 'Enabled', lastBackup: 'TIME' });
      // Paused later, it says Enabled still.
      await passed(1500);
      const made = await backupsOf(name);
      await passed(2500);
      expect([await backupsOf(name), phaseOf(await site.read('Schedule', name))]).toEqual([made, 'Enabled']);
    });

    test('gives its backups the labels of its template, and itself as their owner where it is told to', async () => {
      const name = await due(
        { template: { ...template, metadata: { labels: { own: 'yes' } } }, useOwnerReferencesInBackup: true },
        { labels: { team: 'shop' } },
      );
      const backup = await firstOf(name);
      const labels = { own: 'yes', 'velero.io/schedule-name': name };
      expect(backup['metadata']).toMatchObject({ ownerReferences: [{ apiVersion: 'velero.io/v1', kind: 'Schedule', name, controller: true }] });
      expect([textAt(backup, 'metadata', 'labels', 'team'), backup['spec']]).toEqual(['', expect.objectContaining({ metadata: { labels } })]);
    });

    test('that skips makes nothing at once, and says when it skipped', async () => {
      const name = await due({ schedule: '@every 1h', skipImmediately: true });
      await site.patch('Schedule', name, { spec: { paused: false } });
      const seen = await site.reaches('Schedule', name, ['Enabled']);
      expect(plain(seen['status'])).toEqual({ phase: 'Enabled', lastSkipped: 'TIME' });
      expect(seen['spec']).toMatchObject({ skipImmediately: false });
      expect(await backupsOf(name)).toEqual([]);
    });
  });

  describe('the metrics of a schedule', () => {
    test('tell failures, forget the last one at every look, and go with it', async () => {
      const name = await due({ template: { includedNamespaces: ['nope'] } });
      const of = async (metric: string): Promise<number | undefined> => (await site.metrics()).get(`velero_${metric}{schedule="${name}"}`);
      expect(await of('backup_attempt_total')).toBeUndefined();
      expect(phaseOf(await firstOf(name))).toBe('PartiallyFailed');
      expect(await Promise.all(['backup_attempt_total', 'backup_partial_failure_total', 'backup_success_total', 'backup_last_status'].map(of))).toEqual([
        1, 1, 0, 0,
      ]);
      expect(await of('backup_last_successful_timestamp')).toBeUndefined();
      // Nothing was mended: it was only looked at.
      await site.patch('Schedule', name, { spec: { paused: false, schedule: '0 3 * * *' } });
      await site.until('the last status to be forgotten', async () => ((await of('backup_last_status')) === 1 ? true : undefined));
      await site.remove('Schedule', name);
      await site.until('the metrics to go', async () => ((await of('backup_attempt_total')) === undefined ? true : undefined));
    });
  });
}
