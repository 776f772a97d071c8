import { expect, test } from 'vitest';
import { z } from 'zod';
import { newestFirst, overMs, readBackup } from '../../../../src/domain/velero/backup.ts';
import { labelValue } from '../../../../src/domain/velero/kinds.ts';
import { chooseLocation, readLocation } from '../../../../src/domain/velero/location.ts';
import { isFailure, isGood, isRestorable, isTerminal, phaseMeaning } from '../../../../src/domain/velero/phase.ts';
import { readResults } from '../../../../src/domain/velero/results.ts';
import { readSchedule, templateDigest } from '../../../../src/domain/velero/schedule.ts';
import { KubeObject } from '../../../../src/model/object.ts';
import { answerJson, backupObject } from './answers.ts';

const at = (text: string): number => Date.parse(text);

test('a completed backup is read with its items, its times and its storage', () => {
  const backup = readBackup(KubeObject.parse(answerJson('backup-completed.json')));
  expect(backup).toMatchObject({
    name: 'good',
    phase: 'Completed',
    storage: 'default',
    items: { done: 51, total: 51 },
    errors: 0,
    hooks: { attempted: 0, failed: 0 },
  });
  expect(backup.madeMs).toBe(at('2026-11-21T06:29:09Z'));
  expect(backup.completedMs).toBe(at('2026-11-21T06:29:10Z'));
  expect(backup.expiresMs).toBe(at('2026-12-21T06:29:09Z'));
});

test('a backup that never started was over when it was created', () => {
  const backup = readBackup(backupObject('x', { status: { phase: 'FailedValidation', validationErrors: ['no'] } }));
  expect(overMs(backup)).toBe(at('2026-11-21T02:00:00Z'));
  expect(backup.validationErrors).toEqual(['no']);
});

test('fields of unexpected types count as absent and hide nothing else', () => {
  const backup = readBackup(
    backupObject('x', {
      spec: 'odd',
      status: { phase: 'Completed', errors: 'many', progress: 7, validationErrors: 'no', startTimestamp: 'yesterday', warnings: 2 },
    }),
  );
  expect(backup).toMatchObject({ phase: 'Completed', errors: 0, warnings: 2, items: { done: 0, total: 0 }, validationErrors: [], spec: {} });
  expect(backup.madeMs).toBe(at('2026-11-21T02:00:00Z'));
});

test('a backup that the storage brought back is as old as its start', () => {
  const synced = readBackup(backupObject('old', { status: { phase: 'Completed', startTimestamp: '2026-01-01T00:00:00Z' } }));
  const made = readBackup(backupObject('new', { status: { phase: 'Failed' } }));
  expect(newestFirst([synced, made]).map(({ name }) => name)).toEqual(['new', 'old']);
});

test('snapshots of both kinds are counted together', () => {
  const status = { volumeSnapshotsAttempted: 2, volumeSnapshotsCompleted: 1, csiVolumeSnapshotsAttempted: 3, csiVolumeSnapshotsCompleted: 3 };
  expect(readBackup(backupObject('x', { status })).volumes).toEqual({ attempted: 5, completed: 4 });
});

test('schedules are read as Velero leaves them, paused ones without a status too', () => {
  const found = z.record(z.string(), z.looseObject({})).parse(answerJson('schedules.json'));
  const read = (name: string) => readSchedule({ apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name }, ...found[name] });
  expect(read('bad')).toMatchObject({
    phase: 'FailedValidation',
    paused: false,
    validationErrors: ['invalid schedule: expected exactly 5 fields, found 2: [not cron]'],
  });
  expect(read('sched')).toMatchObject({ phase: 'Enabled', cron: '*/1 * * * *', lastBackupMs: at('2026-11-21T06:32:21Z') });
  const asleep = readSchedule({
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name: 'x' },
    spec: { schedule: '0 2 * * *', paused: true, template: {} },
  });
  expect(asleep).toMatchObject({ phase: '', paused: true });
});

test('the digest of a template changes with the template and with the labels', () => {
  const schedule = readSchedule({
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name: 'x' },
    spec: { schedule: '0 2 * * *', template: { ttl: '720h' } },
  });
  expect(templateDigest({ ...schedule, template: { ttl: '168h' } })).not.toBe(templateDigest(schedule));
  expect(templateDigest({ ...schedule, labels: { team: 'shop' } })).not.toBe(templateDigest(schedule));
  expect(templateDigest({ ...schedule, lastBackupMs: 1 })).toBe(templateDigest(schedule));
});

test('without a name the default location is meant, or the only one', () => {
  const location = (name: string, isDefault = false) =>
    readLocation({ apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation', metadata: { name }, spec: { default: isDefault } });
  expect(chooseLocation([location('a'), location('b', true)], undefined)?.name).toBe('b');
  expect(chooseLocation([location('a')], '')?.name).toBe('a');
  expect(chooseLocation([location('a'), location('b')], undefined)).toBeUndefined();
  expect(chooseLocation([location('a', true)], 'gone')).toBeUndefined();
});

test('results of namespaces keep the name of the namespace', () => {
  expect(readResults('{"errors":{"velero":[" a "],"cluster":["b"],"namespaces":{"shop":["c"]}},"warnings":{"velero":null}}')).toEqual({
    errors: ['a', 'b', 'shop: c'],
    warnings: [],
  });
  expect(readResults('{"errors":{"vel')).toBeUndefined();
  expect(readResults('[]')).toBeUndefined();
  expect(readResults('{"errors":{},"warnings":{}}')).toEqual({ errors: [], warnings: [] });
});

test('phases mean what Velero means, and an unknown one is neither over nor good', () => {
  expect(
    ['', 'Queued', 'ReadyToStart', 'InProgress', 'Finalizing', 'Completed', 'PartiallyFailed', 'Failed', 'FailedValidation', 'Deleting'].map(phaseMeaning),
  ).toEqual(['queued', 'queued', 'queued', 'running', 'running', 'good', 'partial', 'bad', 'bad', 'deleting']);
  expect([isTerminal, isGood, isFailure, isRestorable].map((is) => is('Marinating'))).toEqual([false, false, false, false]);
  expect(isRestorable('PartiallyFailed')).toBe(true);
  expect(isRestorable('Failed')).toBe(false);
});

test('a name that is too long for a label is cut and ends in its hash', () => {
  const long = 'a'.repeat(80);
  expect(labelValue('daily')).toBe('daily');
  expect(labelValue(long)).toHaveLength(63);
  expect(labelValue(long)).toMatch(/^a{57}[0-9a-f]{6}$/);
});
