import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { objectAt, textAt } from '../../../../../src/world/object.ts';
import { run, signed } from '../doing.ts';
import type { Site } from '../site.ts';
import { plain, statusOf } from '../status.ts';

const MISSING = 'fail to get the namespace nope specified in backup.Spec.IncludedNamespaces';

/** DownloadRequests, and what lies behind the URLs that they give. */
export function downloadCases(site: Site): void {
  describe('a download', () => {
    const names = { good: '', partial: '', restore: '' };
    beforeAll(async () => {
      names.good = (await run(site, 'Backup', { includedNamespaces: [site.namespace] })).name;
      names.partial = (await run(site, 'Backup', { includedNamespaces: ['nope'] })).name;
      names.restore = (await run(site, 'Restore', { backupName: names.good, namespaceMapping: { [site.namespace]: `${site.namespace}-copy` } })).name;
    }, 240_000);
    const text = async (kind: string, of: string): Promise<string> => gunzipSync(await (await fetch(await signed(site, kind, of))).arrayBuffer()).toString();

    test('gets a signed URL for ten minutes, and nobody but GET may use it', async () => {
      const name = site.name('download');
      await site.make('DownloadRequest', name, { target: { kind: 'BackupLog', name: names.good } });
      const status = statusOf(await site.reaches('DownloadRequest', name, ['Processed']));
      expect(Object.keys(status).sort()).toEqual(['downloadURL', 'expiration', 'phase']);
      const url = new URL(textAt(status, 'downloadURL'));
      expect(url.pathname).toMatch(new RegExp(`/velero/backups/${names.good}/${names.good}-logs\\.gz$`));
      expect([...url.searchParams.keys()]).toEqual([
        'X-Amz-Algorithm',
        'X-Amz-Credential',
        'X-Amz-Date',
        'X-Amz-Expires',
        'X-Amz-SignedHeaders',
        'x-id',
        'X-Amz-Signature',
      ]);
      expect(url.searchParams.get('X-Amz-Expires')).toBe('600');
      const leftMs = Date.parse(textAt(status, 'expiration')) - site.nowMs();
      expect(leftMs).toBeGreaterThan(590_000);
      expect(leftMs).toBeLessThanOrEqual(600_000);

      const got = await fetch(url);
      expect([got.status, got.headers.get('content-type'), got.headers.get('content-encoding')]).toEqual([200, 'application/octet-stream', null]);
      expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
      const forged = new URL(url);
      forged.searchParams.set('X-Amz-Signature', '0'.repeat(64));
      const refused = await fetch(forged);
      expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'application/xml']);
      expect(await refused.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
    });

    test('brings a log in lines with time, level and name', async () => {
      const lines = (await text('BackupLog', names.partial)).trimEnd().split('\n');
      expect(lines[0]).toMatch(/^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" level=info msg="Setting up backup temp file" backup=velero\/\S+ logSource="\S+"$/);
      expect(lines.filter((line) => line.includes('level=error'))).toEqual([expect.stringContaining(MISSING)]);
      expect((await text('RestoreLog', names.restore)).split('\n')[0]).toMatch(/ level=info msg="starting restore" logSource="\S+" restore=velero\//);
    });

    test('brings results as lists by where they belong', async () => {
      expect(JSON.parse(await text('BackupResults', names.good))).toEqual({ errors: {}, warnings: {} });
      const { errors, warnings } = JSON.parse(await text('BackupResults', names.partial));
      expect([errors, warnings]).toEqual([{ velero: [` resource: /namespaces message: /${MISSING}`] }, {}]);
      expect(Object.keys(JSON.parse(await text('RestoreResults', names.restore))).sort()).toEqual(['errors', 'warnings']);
    });

    test('brings lists of what was taken and what was brought back', async () => {
      expect(JSON.parse(await text('BackupResourceList', names.good))).toMatchObject({
        'v1/ConfigMap': expect.arrayContaining([`${site.namespace}/one`, `${site.namespace}/two`]),
        'v1/Namespace': [site.namespace],
      });
      expect(JSON.parse(await text('RestoreResourceList', names.restore))).toMatchObject({
        'v1/ConfigMap': expect.arrayContaining([`${site.namespace}-copy/one(created)`, `${site.namespace}-copy/two(created)`]),
        'v1/Namespace': [`${site.namespace}-copy(created)`],
      });
      for (const kind of ['BackupVolumeInfos', 'BackupItemOperations']) expect(JSON.parse(await text(kind, names.good))).toEqual([]);
      for (const kind of ['RestoreVolumeInfo', 'RestoreItemOperations']) expect(JSON.parse(await text(kind, names.restore))).toEqual([]);
      expect(JSON.parse(await text('BackupVolumeSnapshots', names.good))).toBeNull();
    });

    test('of what was never written gets a URL, and 404 behind it', async () => {
      const got = await fetch(await signed(site, 'CSIBackupVolumeSnapshots', names.good));
      expect([got.status, got.headers.get('content-type')]).toEqual([404, 'application/xml']);
      expect(await got.text()).toContain('<Code>NoSuchKey</Code>');
    });

    test.each(['BackupLog', 'RestoreLog'])('of a %s that nobody knows gets an expiration and never a phase', async (kind) => {
      const name = site.name('download');
      using story = await site.watch('DownloadRequest', name);
      await site.make('DownloadRequest', name, { target: { kind, name: 'nope' } });
      await site.until('an expiration', async () => story.states().find((state) => textAt(statusOf(state), 'expiration') !== ''));
      expect(plain(statusOf(await site.read('DownloadRequest', name)))).toEqual({ expiration: 'TIME' });
    });

    test('of a kind that is not there is refused', async () => {
      const reply = await site.raw.request('POST', '/apis/velero.io/v1/namespaces/velero/downloadrequests', {
        body: {
          apiVersion: 'velero.io/v1',
          kind: 'DownloadRequest',
          metadata: { name: site.name('odd') },
          spec: { target: { kind: 'Nope', name: names.good } },
        },
      });
      expect(reply.status).toBe(422);
      expect(objectAt(reply.body, 'details')['causes']).toEqual([
        {
          reason: 'FieldValueNotSupported',
          field: 'spec.target.kind',
          message: expect.stringMatching(/^Unsupported value: "Nope": supported values: "BackupLog", "BackupContents", .*"RestoreVolumeInfo"$/),
        },
      ]);
    });

    test('is not the only question: the server tells its version within seconds', async () => {
      const name = site.name('status');
      await site.make('ServerStatusRequest', name, {});
      const status = statusOf(await site.reaches('ServerStatusRequest', name, ['Processed'], 5000));
      expect(Object.keys(status).sort()).toEqual(['phase', 'plugins', 'processedTimestamp', 'serverVersion']);
      expect(status['serverVersion']).toMatch(/^v1\.18\.\d+$/);
      expect(status['plugins']).toEqual(expect.arrayContaining([{ kind: 'ObjectStore', name: 'velero.io/aws' }]));
    });
  });
}
