import { describe, expect, test } from 'vitest';
import { backupDiagnose } from '../../../handlers/backup-diagnose.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { diagnose } from './about.ts';
import { type Plain, plainCluster } from './plain-cluster.ts';
import { backup, GOOD_YESTERDAY, HOUR, location, MINUTE, NOW, RESTARTED, schedule, volumeCopy } from './velero-objects.ts';

const FAILED = backup('daily-20261121020000', { phase: 'Failed', status: RESTARTED });
const UNAVAILABLE = (message: string): KubeObject => location('default', { phase: 'Unavailable', message, lastSyncedTime: '2026-11-21T01:58:00Z' });
const REFUSED =
  'BackupStorageLocation "default" is unavailable: rpc error: code = Unknown desc = operation error S3: ListObjectsV2, Get "http://s3/velero?list-type=2": dial tcp 10.0.0.9:9000: connect: connection refused';

const world = (objects: readonly KubeObject[], rest: Omit<Plain, 'objects'> = {}) => plainCluster({ objects, ...rest });
const look = (objects: readonly KubeObject[], rest: Omit<Plain, 'objects'> = {}) => diagnose(backupDiagnose, { schedule: 'daily' }, world(objects, rest).kube);

describe('a second try is offered', () => {
  test('after a restart of the server, with what was lost and since when', async () => {
    const { finding, facts, measured, evidence } = await look([schedule('daily'), location(), GOOD_YESTERDAY, FAILED]);
    expect(finding).toMatchObject({ kind: 'act', reason: expect.stringContaining('the Velero server restarted') });
    expect(facts).toMatchObject({
      backup: 'daily-20261121020000',
      uid: 'uid-daily-20261121020000',
      cause: 'server-restarted',
      class: 'transient',
      location: 'default',
      locationPhase: 'Available',
      server: 'v1.18.3',
      lastGood: 'daily-20261120020000',
      lastGoodItems: 214,
      dataAgeMs: 32 * HOUR,
      nextTickMs: Date.parse('2026-11-22T02:00:00Z'),
    });
    expect(measured).toEqual({ factTimeMs: NOW - 8 * HOUR + 4 * MINUTE, recoveryPointMs: NOW - 32 * HOUR });
    expect(evidence.join('\n')).toContain('last good: daily-20261120020000, 214 items, 1d 8h old');
  });

  test('when the storage, away then, is Available now', async () => {
    const failed = backup('daily-1', {
      phase: 'FailedValidation',
      status: { validationErrors: ["backup can't be created because BackupStorageLocation default is in Unavailable status."] },
    });
    const { finding, facts, measured } = await look([schedule('daily'), location(), failed]);
    expect(finding.kind).toBe('act');
    expect(facts).toMatchObject({ cause: 'location-unavailable', class: 'storage-away' });
    expect(measured).toEqual({ factTimeMs: NOW - 8 * HOUR });
  });

  test('when every error of a partial backup was an interrupted connection', async () => {
    const failed = backup('daily-1', { phase: 'PartiallyFailed', status: { errors: 1 } });
    const files = { 'BackupResults/daily-1': '{"errors":{"namespaces":{"shop":["read: connection reset by peer"]}},"warnings":{}}' };
    const { finding, facts } = await look([schedule('daily'), location(), failed], { files });
    expect(finding.kind).toBe('act');
    expect(facts.cause).toBe('interrupted');
  });

  test('for a backup that was made by hand and belongs to no schedule', async () => {
    const failed = backup('before-upgrade', { phase: 'Failed', schedule: '', status: RESTARTED });
    const { finding, facts } = await diagnose(backupDiagnose, { backup: 'before-upgrade' }, world([location(), failed]).kube);
    expect(finding.kind).toBe('act');
    expect(facts).toMatchObject({ backup: 'before-upgrade', cause: 'server-restarted' });
    expect(facts.schedule).toBeUndefined();
  });
});

describe('it waits', () => {
  test('while the storage is away, looking twice a minute, for six hours at most', async () => {
    const { finding, facts } = await look([schedule('daily'), UNAVAILABLE(REFUSED), FAILED]);
    expect(finding).toMatchObject({ kind: 'wait', lookAgainMs: 30_000, giveUpMs: 6 * HOUR });
    expect(finding.reason).toContain('storage "default" is unavailable since 2026-11-21 01:58 UTC');
    expect(finding.reason).toContain('connection refused');
    expect(facts).toMatchObject({ cause: 'storage-unreachable', locationPhase: 'Unavailable' });
  });

  test('and says what the storage said, without the marks that are for its support alone', async () => {
    const said =
      'BackupStorageLocation "default" is unavailable: rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 503, RequestID: LV9R4N5BZ6V3SJT7, HostID: vGHtM8cO5r+OaE90+w=, api error SlowDown: Please reduce your request rate.';
    const { finding } = await look([schedule('daily'), UNAVAILABLE(said), FAILED]);
    expect(finding.reason).toBe(
      'storage "default" is unavailable since 2026-11-21 01:58 UTC: operation error S3: ListObjectsV2, https response error StatusCode: 503, api error SlowDown: Please reduce your request rate.',
    );
  });

  test('and leaves the Velero server alone meanwhile: there is nothing to ask it', async () => {
    const { kube } = world([schedule('daily'), UNAVAILABLE(REFUSED), FAILED]);
    const asked: string[] = [];
    const counting = { ...kube, veleroServer: async () => void asked.push('server') };
    await diagnose(backupDiagnose, { schedule: 'daily' }, counting);
    expect(asked).toEqual([]);
    await diagnose(backupDiagnose, { schedule: 'daily' }, { ...counting, list: world([location(), FAILED]).kube.list });
    expect(asked).toEqual(['server']);
  });

  test('and says since when by the failed backup, where Velero never reached the storage', async () => {
    const failed = backup('daily-1', {
      phase: 'FailedValidation',
      status: { validationErrors: ["backup can't be created because BackupStorageLocation default is in Unavailable status."] },
    });
    const { finding } = await look([schedule('daily'), location('default', { phase: 'Unavailable', lastValidationTime: '2026-11-21T09:59:00Z' }), failed]);
    expect(finding).toMatchObject({ kind: 'wait', reason: 'storage "default" is unavailable since 2026-11-21 02:00 UTC' });
  });

  test('before the storage was looked at for the first time', async () => {
    expect((await look([schedule('daily'), location('default', {}), FAILED])).finding.kind).toBe('wait');
  });

  test('while the Velero server does not answer', async () => {
    const { finding } = await look([schedule('daily'), location(), FAILED], { server: 'silent' });
    expect(finding).toMatchObject({ kind: 'wait', reason: 'the Velero server does not answer', giveUpMs: HOUR });
  });

  test.each([
    ['InProgress', { progress: { totalItems: 214, itemsBackedUp: 12 } }, 'daily-2 is in progress, 12 of 214 items'],
    ['Queued', { queuePosition: 2 }, 'daily-2 is queued at position 2'],
    ['Marinating', {}, 'daily-2 is Marinating'],
  ])('while another backup of the schedule is %s', async (phase, status, words) => {
    const running = backup('daily-2', { phase, agoMs: MINUTE, status });
    const { finding, facts } = await look([schedule('daily'), location(), FAILED, running]);
    expect(finding.kind).toBe('wait');
    expect(finding.reason).toContain(words);
    expect(facts.running).toBe('daily-2');
  });

  test.each([
    ['a backup of another schedule runs', backup('weekly-1', { phase: 'InProgress', agoMs: 2 * HOUR, schedule: 'weekly' })],
    ['one was taken off the queue', backup('weekly-1', { phase: 'ReadyToStart', agoMs: HOUR, schedule: 'weekly' })],
    ['one has just ended', backup('weekly-1', { phase: 'Completed', agoMs: 5 * MINUTE, schedule: 'weekly' })],
  ])('an hour in the queue, while %s', async (_why, other) => {
    const queued = backup('daily-2', { phase: 'Queued', agoMs: HOUR, status: { queuePosition: 2 } });
    expect((await look([schedule('daily'), location(), FAILED, queued, other])).finding).toMatchObject({
      kind: 'wait',
      reason: 'daily-2 is queued at position 2: waiting for its end',
    });
  });

  test('until a scheduled backup that is due within ten minutes has started', async () => {
    const { finding } = await look([schedule('daily', { cron: '5 10 * * *' }), location(), FAILED]);
    expect(finding).toMatchObject({ kind: 'wait', lookAgainMs: 5 * MINUTE + 90_000 });
    expect(finding.reason).toContain('starts by itself at 2026-11-21 10:05 UTC');
  });

  test('where a scheduled backup should have started a moment ago', async () => {
    const { finding } = await look([schedule('daily', { cron: '59 9 * * *' }), location(), FAILED]);
    expect(finding).toMatchObject({ kind: 'wait', lookAgainMs: 30_000 });
    const late = schedule('daily', { cron: '58 9 * * *' });
    expect((await look([late, location(), FAILED])).finding.kind).toBe('act');
  });
});

test('a queue in which nothing has run for minutes is stuck, and a person is told to restart the server', async () => {
  const queued = backup('daily-2', { phase: 'Queued', agoMs: 10 * MINUTE, status: { queuePosition: 2 } });
  const refused = backup('weekly-1', { phase: 'FailedValidation', agoMs: 7 * MINUTE, schedule: 'weekly' });
  const ahead = backup('weekly-2', { phase: 'Queued', agoMs: 6 * MINUTE, schedule: 'weekly', status: { queuePosition: 1 } });
  expect((await look([schedule('daily'), location(), FAILED, queued, refused, ahead])).finding).toEqual({
    kind: 'hand-over',
    reason: 'daily-2 is queued at position 2, and no backup has run for 7m: the queue of Velero does not move',
    hints: [expect.stringContaining('kubectl -n velero rollout restart deployment velero'), expect.stringContaining('Velero 1.18')],
  });
  const silent = await look([schedule('daily'), location(), FAILED, queued], { server: 'silent' });
  expect(silent.finding).toMatchObject({ kind: 'wait', reason: expect.stringContaining('does not answer') });
});

describe('it is over', () => {
  test('when a newer backup of the schedule is Completed', async () => {
    const { finding, facts } = await look([schedule('daily'), location(), FAILED, backup('daily-20261121030000', { phase: 'Completed', agoMs: 7 * HOUR })]);
    expect(finding).toMatchObject({ kind: 'recovered', reason: expect.stringContaining('daily-20261121030000') });
    expect(facts.lastGood).toBe('daily-20261121030000');
  });

  test('for one failed backup, when a good one came after it', async () => {
    const objects = [schedule('daily'), location(), FAILED, backup('daily-3', { phase: 'Completed', agoMs: HOUR })];
    const { finding, facts } = await diagnose(backupDiagnose, { schedule: 'daily', backup: 'daily-20261121020000' }, world(objects).kube);
    expect(finding.kind).toBe('recovered');
    expect(facts.backup).toBe('daily-20261121020000');
  });

  test('not when the newer backup is Completed and nearly empty', async () => {
    const thin = backup('daily-3', { phase: 'Completed', agoMs: HOUR, status: { progress: { totalItems: 3, itemsBackedUp: 3 } } });
    const { finding } = await look([schedule('daily'), location(), GOOD_YESTERDAY, FAILED, thin]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: 'daily-3 holds 3 items, the last good one (daily-20261120020000) held 214' });
  });

  test('not when a good backup began in the same second as the failed one: nobody knows which was later', async () => {
    const good = backup('daily-zzz', { phase: 'Completed' });
    expect((await look([schedule('daily'), location(), FAILED, good])).finding.kind).toBe('act');
  });

  test('not when the newer good backup is of another schedule', async () => {
    const other = backup('hourly-1', { phase: 'Completed', agoMs: HOUR, schedule: 'hourly' });
    expect((await look([schedule('daily'), location(), FAILED, other])).finding.kind).toBe('act');
  });
});

describe('a person has to look', () => {
  test('when the storage refuses the credentials: no wait, and the Secret is named', async () => {
    const { finding } = await look([schedule('daily'), UNAVAILABLE('… https response error StatusCode: 403, api error AccessDenied: Access Denied'), FAILED]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('refuses the credentials') });
    expect(finding.kind === 'hand-over' && finding.hints[0]).toContain('Secret');
  });

  test('when a hook failed, with the lines of the log that matter', async () => {
    const failed = backup('daily-1', { phase: 'PartiallyFailed', status: { errors: 2, hookStatus: { hooksAttempted: 1, hooksFailed: 1 } } });
    const { finding, evidence } = await look([schedule('daily'), location(), failed]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('a command that it runs in a pod failed') });
    expect(evidence.join('\n')).toContain('2 errors');
  });

  test('when the log alone tells that no node agent runs', async () => {
    const failed = backup('daily-1', { phase: 'PartiallyFailed', status: { errors: 1 } });
    const files = {
      'BackupResults/daily-1': '{"errors":{},"warnings":{}}',
      'BackupLog/daily-1': 'time="t" level=error msg="Error backing up item" error="daemonset pod not found in running state in node node-2" name=p',
    };
    const { finding, evidence, facts } = await look([schedule('daily'), location(), failed], { files });
    expect(finding.kind).toBe('hand-over');
    expect(facts.cause).toBe('node-agent-missing');
    expect(evidence).toContain('error: Error backing up item: daemonset pod not found in running state in node node-2, name p');
  });

  test('when the copy of a volume tells that the storage is full', async () => {
    const failed = backup('daily-1', { phase: 'PartiallyFailed', status: { errors: 1 } });
    const files = { 'BackupResults/daily-1': '{"errors":{"velero":["data path backup failed: connection reset by peer"]}}' };
    const copy = volumeCopy('daily-1-x', 'daily-1', { phase: 'Failed', message: 'error uploading: XMinioStorageFull' });
    const { facts } = await look([schedule('daily'), location(), failed, copy], { files });
    expect(facts.cause).toBe('storage-full');
  });

  test('when neither results nor log can be had, and it says so without a secret', async () => {
    const failed = backup('daily-1', { phase: 'PartiallyFailed', status: { errors: 1 } });
    const away = new SalvorError('kube.unavailable', 'GET https://s3.example.com/x?X-Amz-Signature=abc failed');
    const { finding, facts, evidence } = await look([schedule('daily'), location(), failed], { files: { 'BackupResults/daily-1': away } });
    expect(finding.kind).toBe('hand-over');
    expect(facts.cause).toBe('unknown');
    expect(evidence).toContain('BackupResults cannot be fetched: GET https://s3.example.com/x?X-Amz-Signature=*** failed');
    expect(evidence).toContain('BackupLog is not in the storage');
    expect(finding.reason).toContain('of a reason that is not known here (BackupResults cannot be fetched: GET');
    expect(finding).toMatchObject({ hints: [expect.stringContaining('velero backup describe daily-1 --details, velero backup logs daily-1')] });
  });

  test('but not while the storage does not give the files: that is waited for, and said', async () => {
    const failed = backup('daily-1', { phase: 'PartiallyFailed', status: { errors: 1 } });
    const away = new SalvorError('storage.unavailable', 'the object storage at s3:9000 does not answer', { retry: 'later' });
    const { finding } = await look([schedule('daily'), location(), failed], { files: { 'BackupResults/daily-1': away } });
    expect(finding).toMatchObject({
      kind: 'wait',
      reason: 'daily-1 ended PartiallyFailed, and why cannot be read yet: the object storage at s3:9000 does not answer',
    });
  });

  test('nor while the API server is in trouble: that says nothing about the files', async () => {
    const failed = backup('daily-1', { phase: 'PartiallyFailed', status: { errors: 1 } });
    const away = new SalvorError('kube.unavailable', 'prod: refuses connections', { retry: 'later' });
    await expect(look([schedule('daily'), location(), failed], { files: { 'BackupResults/daily-1': away } })).rejects.toBe(away);
  });

  test('when our second try failed, too: it is tried once only', async () => {
    const retry = backup('daily-retry-3f9a01c2', { phase: 'Failed', agoMs: HOUR, status: RESTARTED, annotations: { 'salvor.io/step-key': 'x' } });
    const { finding, facts } = await look([schedule('daily'), location(), FAILED, retry]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('once only') });
    expect(facts.retried).toBe('daily-retry-3f9a01c2');
  });

  test('but a failure after that second try is a new one', async () => {
    const retry = backup('daily-retry-3f9a01c2', { phase: 'Failed', agoMs: 20 * HOUR, status: RESTARTED, annotations: { 'salvor.io/step-key': 'x' } });
    expect((await look([schedule('daily'), location(), FAILED, retry])).finding.kind).toBe('act');
  });

  test.each([
    ['the schedule is paused', schedule('daily', { paused: true }), 'is paused'],
    ['Velero refuses the schedule', schedule('daily', { status: { phase: 'FailedValidation', validationErrors: ['invalid schedule'] } }), 'invalid schedule'],
  ])('when %s', async (_, paused, words) => {
    const { finding } = await look([paused, location(), FAILED]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining(words) });
  });

  test('when the schedule, its location, or every backup is gone', async () => {
    expect((await look([location(), FAILED])).finding).toMatchObject({ kind: 'hand-over', reason: 'the schedule daily does not exist' });
    expect((await look([schedule('daily'), FAILED])).finding).toMatchObject({
      kind: 'hand-over',
      reason: 'the backup storage location "default" does not exist',
    });
    expect((await look([schedule('daily'), location()])).finding).toMatchObject({ kind: 'hand-over', reason: 'the schedule daily has no backup at all' });
    expect((await diagnose(backupDiagnose, { backup: 'gone' }, world([]).kube)).finding).toMatchObject({
      kind: 'hand-over',
      reason: 'the backup gone does not exist',
    });
  });

  test('when the storage is read-only', async () => {
    expect((await look([schedule('daily'), location('default', { phase: 'Available' }, { accessMode: 'ReadOnly' }), FAILED])).finding).toMatchObject({
      kind: 'hand-over',
      reason: 'storage "default" is read-only',
    });
  });

  test('when the Backup itself is wrong, even while the storage is away', async () => {
    const failed = backup('daily-1', {
      phase: 'FailedValidation',
      status: { validationErrors: ['Invalid included/excluded namespace lists: excludes list cannot contain an item in the includes list: app'] },
    });
    expect((await look([schedule('daily'), UNAVAILABLE(REFUSED), failed])).finding.kind).toBe('hand-over');
  });
});

describe('without a schedule or a backup named', () => {
  test('it takes the schedule whose newest failure is newest', async () => {
    const objects = [
      schedule('daily'),
      schedule('hourly', { cron: '30 * * * *' }),
      location(),
      FAILED,
      backup('hourly-1', { phase: 'Failed', schedule: 'hourly', agoMs: HOUR, status: RESTARTED }),
    ];
    const { facts } = await diagnose(backupDiagnose, {}, world(objects).kube);
    expect(facts).toMatchObject({ schedule: 'hourly', backup: 'hourly-1' });
  });

  test('it is over when the newest backup of every schedule is good', async () => {
    const { finding } = await diagnose(backupDiagnose, {}, world([schedule('daily'), location(), GOOD_YESTERDAY]).kube);
    expect(finding).toEqual({ kind: 'recovered', reason: 'the newest backup of every schedule is Completed' });
  });
});

test('it writes nothing, whatever it finds', async () => {
  const cluster = world([schedule('daily'), location(), GOOD_YESTERDAY, FAILED]);
  await diagnose(backupDiagnose, { schedule: 'daily' }, cluster.kube);
  expect(cluster.writes).toEqual([]);
});

test('names that are no names are refused', () => {
  expect(backupDiagnose.params.safeParse({ schedule: '../secrets' }).success).toBe(false);
  expect(backupDiagnose.params.safeParse({ schedule: 'daily', namespace: 'a/b' }).success).toBe(false);
  expect(backupDiagnose.params.parse({ schedule: 'daily' })).toEqual({ schedule: 'daily', namespace: 'velero' });
});
