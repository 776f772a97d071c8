import { describe, expect, test } from 'vitest';
import { locationDiagnose } from '../../../handlers/location-diagnose.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { diagnose } from './about.ts';
import { type Plain, plainCluster } from './plain-cluster.ts';
import { HOUR, location, MINUTE, NOW } from './velero-objects.ts';

const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
const SPEC = { provider: 'aws', config: { s3Url: 'https://s3.example', region: 'eu-1' }, objectStorage: { bucket: 'velero', prefix: 'prod' } };
const away = (message: string, lastSyncedAgoMs = 5 * MINUTE) =>
  location(
    'default',
    {
      phase: 'Unavailable',
      message: `BackupStorageLocation "default" is unavailable: ${message}`,
      lastValidationTime: iso(0),
      lastSyncedTime: iso(lastSyncedAgoMs),
    },
    SPEC,
  );
const secret = (data: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud-credentials', namespace: 'velero' }, data });
const look = (objects: readonly KubeObject[], params: object = {}, rest: Omit<Plain, 'objects'> = {}) =>
  diagnose(locationDiagnose, params, plainCluster({ objects, ...rest }).kube);

const REFUSED = 'operation error S3: ListObjectsV2, https response error StatusCode: 0, dial tcp: connection refused';

describe('a storage that cannot be used', () => {
  test('does not answer: waited for half an hour, then a person hears where it is', async () => {
    expect((await look([away(REFUSED)])).finding).toMatchObject({ kind: 'wait', reason: expect.stringContaining('storage "default" is unavailable since') });
    const { finding } = await look([away(REFUSED, HOUR)]);
    expect(finding).toMatchObject({ kind: 'hand-over', hints: expect.arrayContaining(['From the cluster: https://s3.example']) });
  });

  test.each([
    ['api error AccessDenied: Access Denied', 'refuses the credentials'],
    ['api error NoSuchBucket: The specified bucket does not exist.', 'the bucket does not exist'],
    ['x509: certificate signed by unknown authority', 'certificate of the storage is not trusted'],
  ])('%s: told at once', async (message, words) => {
    expect((await look([away(message)])).finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining(words) });
  });

  test('is not looked at any more: its phase is old news', async () => {
    const { finding } = await look([location('default', { phase: 'Available', lastValidationTime: iso(20 * MINUTE) }, SPEC)]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('Velero has not looked at the storage "default" for 20m') });
  });

  test('is not there: with the names that are', async () => {
    expect((await look([away(REFUSED)], { location: 'second' })).finding.reason).toBe('there is no backup storage location second; there are: default');
  });
});

describe('its Secret', () => {
  test('is there with its key, without it, or missing; what is in it is never shown', async () => {
    const seen = await look([away(REFUSED), secret({ cloud: 'aHVzaC1odXNo' })]);
    expect(seen.evidence).toContain('the Secret cloud-credentials of "default" exists and has the key cloud');
    expect(JSON.stringify(seen)).not.toContain('aHVzaC1odXNo');
    expect((await look([away(REFUSED), secret({ other: 'x' })])).evidence).toContain('the Secret cloud-credentials of "default" exists, and has no key cloud');
    expect((await look([away(REFUSED)])).evidence).toContain('the Secret cloud-credentials of "default" does not exist');
  });

  test('is not looked at without the right, and a person is told how to', async () => {
    const { evidence } = await look([away(REFUSED), secret({})], {}, { mayI: false });
    expect(evidence).toContain(
      'whether the Secret cloud-credentials of "default" exists was not looked at (Salvor may not read Secrets): kubectl -n velero get secret cloud-credentials',
    );
  });
});

test('Available, with where it is and when it was looked at', async () => {
  const { finding, evidence } = await look([location('default', { phase: 'Available', lastValidationTime: iso(0) }, SPEC)]);
  expect(finding).toEqual({ kind: 'recovered', reason: '"default": Available' });
  expect(evidence[1]).toBe('default: Available, bucket velero/prod at https://s3.example in eu-1, looked at 2026-11-21 10:00 UTC');
});
