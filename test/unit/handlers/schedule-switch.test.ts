import { describe, expect, test } from 'vitest';
import { schedulePause } from '../../../handlers/schedule-pause.ts';
import { scheduleResume } from '../../../handlers/schedule-resume.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { calls, STEP_KEY } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { GOOD_YESTERDAY, HOUR, NOW, schedule } from './velero-objects.ts';

const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
const stage = (object: KubeObject, action = scheduleResume) => {
  const cluster = plainCluster({ objects: [object, GOOD_YESTERDAY] });
  return { ...cluster, ...calls(action, { schedule: 'daily' }, cluster.kube), spec: () => cluster.objects()[0]?.['spec'] };
};
const paused = (lastAgoMs = 32 * HOUR) => schedule('daily', { paused: true, status: { phase: 'Enabled', lastBackup: iso(lastAgoMs) } });

describe('resume', () => {
  test('says that a backup starts at once where its time has passed, and does that one write', async () => {
    const it = stage(paused());
    const plan = await it.plan();
    expect(plan).toMatchObject({
      summary: 'Resume the schedule daily',
      changes: [{ verb: 'patch', object: 'Schedule/velero/daily', field: 'spec.paused', from: true, to: false }],
      undo: [{ verb: 'patch', from: false, to: true }],
    });
    expect(plan.notes?.[0]).toBe('Its time passed at 2026-11-21 02:00 UTC, so a backup starts at once, within a minute; then next at 2026-11-22 02:00 UTC');
    const result = await it.execute();
    expect(result).toEqual({ uid: 'uid-daily', was: true });
    expect(await it.execute()).toEqual(result);
    expect(it.writes).toEqual(['patch Schedule/velero/daily']);
    expect(it.spec()).toMatchObject({ paused: false });
    // Our own write moves nothing that an approval depends on.
    expect((await it.plan()).facts).toEqual(plan.facts);
  });

  test('says that nothing starts at once where no time has passed', async () => {
    expect((await stage(paused(8 * HOUR)).plan()).notes?.[0]).toMatch(
      /^No time of it has passed meanwhile, so nothing starts at once; next at 2026-11-22 02:00 UTC$/,
    );
  });

  test('of a schedule that runs is nothing to do', async () => {
    expect(await stage(schedule('daily')).plan()).toMatchObject({ summary: 'daily is running already', changes: [] });
  });

  test('is given back as it was, and only while it is ours', async () => {
    const it = stage(paused());
    await it.execute();
    expect(await it.rollback()).toMatchObject({ kind: 'undone', evidence: 'daily is paused as before' });
    expect(it.spec()).toMatchObject({ paused: true });
    expect(await it.rollback()).toMatchObject({ evidence: expect.stringContaining('left as it is') });

    const other = stage(paused());
    await other.execute();
    await other.kube.patch(
      { apiVersion: 'velero.io/v1', kind: 'Schedule', namespace: 'velero', name: 'daily' },
      { spec: { paused: true } },
      { uid: 'uid-daily' },
    );
    expect(await other.rollback()).toMatchObject({ evidence: 'somebody has switched daily since: left as it is' });
    expect(await other.verify({ uid: 'uid-daily', was: true })).toMatchObject({ ok: false, reason: 'daily is paused again: somebody switched it' });
  });

  test('leaves no mark that its backups would carry as if we had made them', async () => {
    const it = stage(paused());
    await it.execute();
    expect(it.objects()[0]?.metadata.annotations).toEqual({ 'salvor.io/schedule-switched': `${STEP_KEY} paused` });
  });
});

describe('pause', () => {
  test('says from when on its age is an alarm, and how it is given back', async () => {
    const plan = await stage(schedule('daily'), schedulePause).plan();
    expect(plan).toMatchObject({ summary: 'Pause the schedule daily', changes: [{ field: 'spec.paused', from: false, to: true }] });
    expect(plan.notes).toContain('It is given back by: salvor run schedule-resume --param schedule=daily');
  });

  test('of another schedule under the same name is not taken for done', async () => {
    const it = stage(schedule('daily'), schedulePause);
    expect(await it.verify({ uid: 'uid-other', was: false })).toMatchObject({ ok: false, reason: 'the schedule daily was deleted' });
  });
});
