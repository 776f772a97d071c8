import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readBackup } from '../../../../src/domain/velero/backup.ts';
import { readLocation } from '../../../../src/domain/velero/location.ts';
import { logDigest } from '../../../../src/domain/velero/log-digest.ts';
import { causeOf, causeOfFailure } from '../../../../src/domain/velero/reason.ts';
import { REASON_TABLE } from '../../../../src/domain/velero/reason-table.ts';
import { readResults } from '../../../../src/domain/velero/results.ts';
import { answerJson, answerText, backupObject } from './answers.ts';

const failures = z.record(z.string(), z.json()).parse(answerJson('backup-failures.json'));
const locations = z.record(z.string(), z.json()).parse(answerJson('locations.json'));
const failed = (name: string) => readBackup(backupObject(name, { status: failures[name] }));
const locationNamed = (name: string) =>
  readLocation({ apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation', metadata: { name: 'default' }, ...z.looseObject({}).parse(locations[name]) });
const NOTHING = { errors: [], volumes: [] };

describe('what Velero wrote on the Backup names the cause', () => {
  test.each([
    ['server-killed', 'server-restarted', 'transient'],
    ['store-down', 'storage-unreachable', 'storage-away'],
    ['location-unavailable', 'location-unavailable', 'storage-away'],
    ['exists', 'name-taken', 'permanent'],
    ['nolocation', 'location-missing', 'permanent'],
    ['both', 'filters-wrong', 'permanent'],
    ['badlabel', 'selectors-mixed', 'permanent'],
    ['read-only', 'location-read-only', 'permanent'],
    ['hook-fail', 'hook-failed', 'permanent'],
    ['hook-continue', 'hook-failed', 'permanent'],
    ['nons', 'unknown', 'permanent'],
    ['no-node-agent', 'unknown', 'permanent'],
  ])('%s: %s, %s', (name, id, kind) => {
    expect(causeOfFailure(failed(name), NOTHING)).toMatchObject({ id, class: kind });
  });
});

test('the log names the cause where the Backup does not', () => {
  const errors = logDigest(answerText('no-node-agent.log')).map(({ text }) => text);
  expect(causeOfFailure(failed('no-node-agent'), { errors, volumes: [] })).toMatchObject({ id: 'node-agent-missing', class: 'permanent' });
});

test('the results file names the cause where the Backup does not', () => {
  const errors = readResults(answerText('hook-failed-results.json'))?.errors ?? [];
  expect(errors).toHaveLength(2);
  expect(errors.map((line) => causeOf(line)?.id)).toEqual(['hook-failed', 'hook-failed']);
});

test('the message of a location tells a dead storage from a wrong bucket', () => {
  expect(causeOf(locationNamed('store-down').message)).toMatchObject({ id: 'storage-unreachable', class: 'storage-away' });
  expect(causeOf(locationNamed('wrong-bucket').message)).toMatchObject({ id: 'bucket-missing', class: 'permanent' });
});

describe('texts of other stores and causes', () => {
  test.each([
    ['operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: x, api error AccessDenied: Access Denied.', 'credentials-refused'],
    ['operation error S3: HeadObject, InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.', 'credentials-refused'],
    ['error checking if backup already exists in object storage: rpc error: code = Unknown desc = api error AccessDenied', 'credentials-refused'],
    ['Put "https://s3.example.com/b": x509: certificate signed by unknown authority', 'certificate'],
    ['error uploading log file to object storage: XMinioStorageFull: Storage backend has reached its minimum free drive threshold.', 'storage-full'],
    ['name: /shop message: /Error getting namespace error: /namespaces "shop" not found', 'namespace-missing'],
    [' resource: /namespaces message: /fail to get the namespace gone specified in backup.Spec.IncludedNamespaces', 'namespace-missing'],
    [
      'operation error S3: ListObjectsV2, https response error StatusCode: 400, api error AuthorizationHeaderMalformed: The authorization header is malformed; the region "eu-central-1" is wrong; expecting "us-east-1"',
      'wrong-region',
    ],
    ['operation error S3: ListObjectsV2, api error XAdminUserNotFound: No user exists with the provided access key ID.', 'credentials-refused'],
    ['fail to get the VolumeSnapshotClass: volumesnapshotclass for driver x not found', 'snapshot-class-missing'],
    ['timed out waiting for CSI VolumeSnapshot shop/data to be ready', 'snapshot-slow'],
    ['read tcp 10.0.0.1:443->10.0.0.2:8080: read: connection reset by peer', 'interrupted'],
    ['error putting object backup.tar.gz: connection reset by peer', 'storage-unreachable'],
    ['include-resources, exclude-resources and include-cluster-resources are old filter parameters', 'filters-mixed'],
  ])('%s → %s', (text, id) => {
    expect(causeOf(text)?.id).toBe(id);
  });

  test('a text that no row knows has no cause', () => {
    expect(causeOf('the moon is in the wrong house')).toBeUndefined();
  });
});

test('one permanent cause among transient ones makes the whole permanent', () => {
  const backup = readBackup(backupObject('daily', { status: { phase: 'PartiallyFailed', errors: 2 } }));
  const interrupted = 'read: connection reset by peer';
  expect(causeOfFailure(backup, { errors: [interrupted], volumes: [] }).class).toBe('transient');
  expect(causeOfFailure(backup, { errors: [interrupted, 'error running pre hooks for pod'], volumes: [] }).id).toBe('hook-failed');
  expect(causeOfFailure(backup, { errors: [interrupted, 'never seen before'], volumes: [] }).id).toBe('unknown');
  expect(causeOfFailure(backup, { errors: [interrupted], volumes: ['volume data of shop/pg-0: daemonset pod not found in running state'] }).id).toBe(
    'node-agent-missing',
  );
});

test('every row is told apart, can be found, and says what to do', () => {
  expect(new Set(REASON_TABLE.map(({ id }) => id)).size).toBe(REASON_TABLE.length);
  for (const { id, match, fix, words } of REASON_TABLE) {
    expect(fix.length, id).toBeGreaterThan(0);
    expect(words, id).not.toBe('');
    for (const alternatives of match) expect(alternatives, id).toEqual(alternatives.map((text) => text.toLowerCase()));
  }
});
