import { describe, expect, test } from 'vitest';
import { backupCoverage } from '../../../handlers/backup-coverage.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { diagnose } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, HOUR, location, NOW, schedule } from './velero-objects.ts';

const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
const MONTH = 720 * HOUR;

function namespace(name: string, { labels = {}, agoMs = MONTH }: { readonly labels?: Record<string, string>; readonly agoMs?: number } = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, creationTimestamp: iso(agoMs) } };
}
function claim(
  path: string,
  { phase = 'Bound', agoMs = MONTH, labels = {} }: { readonly phase?: string; readonly agoMs?: number; readonly labels?: Record<string, string> } = {},
): KubeObject {
  const [inNamespace = '', name = ''] = path.split('/');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: inNamespace, labels, creationTimestamp: iso(agoMs) },
    status: { phase },
  };
}
const list = (...paths: readonly string[]): string => JSON.stringify({ 'v1/ConfigMap': paths });
const volumes = (...infos: readonly object[]): string => JSON.stringify(infos);
const copied = (path: string, rest: object = {}) => {
  const [pvcNamespace, pvcName] = path.split('/');
  return { pvcNamespace, pvcName, backupMethod: 'CSISnapshot', result: 'succeeded', skipped: false, ...rest };
};

const OF_SHOP = schedule('daily', { template: { includedNamespaces: ['shop', 'pay-*'] } });
type Files = { readonly [name: string]: string };
const HELD: Files = { 'BackupResourceList/daily-1': list('shop/prices', 'pay-eu/rates'), 'BackupVolumeInfos/daily-1': volumes(copied('shop/data-0')) };

function see(objects: readonly KubeObject[], { files = HELD, params = {} }: { readonly files?: Files; readonly params?: object } = {}) {
  const all = [location(), OF_SHOP, backup('daily-1', { phase: 'Completed' }), ...objects];
  return diagnose(backupCoverage, params, plainCluster({ objects: all, files }).kube);
}

test('what the newest backups hold is not missing, and they are named', async () => {
  const { finding, facts, evidence } = await see([namespace('shop'), namespace('pay-eu'), claim('shop/data-0'), namespace('kube-system'), namespace('velero')]);
  expect(finding.reason).toBe('of 2 namespaces and 1 volume none is missing');
  expect(facts).toMatchObject({ namespaces: 2, missingNamespaces: [], missingVolumes: [] });
  expect(evidence).toContain('daily: daily-1 (Completed) holds 2 objects of 2 namespaces, data of 1 volume');
});

describe('a namespace that is in no backup', () => {
  test('since no schedule asks for it', async () => {
    const { finding, evidence } = await see([namespace('shop'), namespace('bank'), claim('bank/data-0')]);
    // Its volumes are not told one by one.
    expect(finding.reason).toBe('of 2 namespaces and 1 volume 1 namespace is in no backup; bank: no schedule asks for it');
    expect(evidence[1]).toMatch(/^MISSING: namespace bank: no schedule asks for it\. .*velero schedule create bank/);
  });

  test('since it is younger than the newest backup: the next one has it', async () => {
    const { evidence } = await see([namespace('pay-us', { agoMs: HOUR })]);
    expect(evidence[1]).toMatch(/^soon: namespace pay-us: it is younger than daily-1.*salvor run backup-run --param schedule=daily$/);
  });

  test('since the schedule that asks for it leaves all of it out', async () => {
    expect((await see([namespace('pay-us')])).evidence[1]).toContain('daily asks for it, and daily-1 holds nothing of it');
  });

  test('since the schedule that asks for it has no usable backup', async () => {
    const weekly = schedule('weekly', { template: { includedNamespaces: ['bank'] } });
    const { evidence } = await see([namespace('bank'), weekly, backup('weekly-1', { phase: 'Failed', schedule: 'weekly' })]);
    expect(evidence[1]).toContain(
      'weekly asks for it, and has no backup that can be restored. why, and what gives one: salvor run backup-stale --param schedule=weekly',
    );
  });
});

describe('a volume whose data is in no backup', () => {
  test.each([
    ['left out', copied('shop/logs', { skipped: true, skippedReason: 'CSI driver without a class' }), 'daily-1 left its data out: CSI driver without a class'],
    ['failed', copied('shop/logs', { result: 'failed' }), 'its copy failed in daily-1. why: salvor run backup-failed --param schedule=daily'],
    ['not there', copied('shop/other'), 'daily-1 holds no data of it. a VolumeSnapshotClass for its driver'],
  ])('%s', async (_what, info, said) => {
    const files = { ...HELD, 'BackupVolumeInfos/daily-1': volumes(info) };
    const { facts, evidence } = await see([namespace('shop'), claim('shop/logs')], { files });
    expect(facts.missingVolumes).toEqual(['shop/logs']);
    expect(evidence[1]).toContain(said);
  });

  test('a younger one comes with the next backup; one that is not bound holds nothing', async () => {
    const { facts, evidence } = await see([namespace('shop'), claim('shop/new', { agoMs: HOUR }), claim('shop/waits', { phase: 'Pending' })]);
    expect(facts.missingVolumes).toEqual(['shop/new']);
    expect(evidence[1]).toMatch(/^soon: volume shop\/new/);
  });
});

describe('what is expected', () => {
  const objects = [
    namespace('shop'),
    namespace('bank', { labels: { tier: 'gold' } }),
    namespace('play'),
    namespace('old', { labels: { 'velero.io/exclude-from-backup': 'true' } }),
  ];

  test.each<readonly [object, readonly string[]]>([
    [{}, ['bank', 'play']],
    [{ namespaces: 'shop, ba*' }, ['bank']],
    [{ except: 'play' }, ['bank']],
    [{ label: 'tier=gold' }, ['bank']],
    [{ label: 'tier' }, ['bank']],
    [{ label: 'tier=silver' }, []],
  ])('%j', async (params, missing) => {
    expect((await see(objects, { params })).facts.missingNamespaces).toEqual(missing);
  });

  test('what is left out on purpose is counted, not missed', async () => {
    expect((await see(objects)).evidence).toContain('1 object left out on purpose, by velero.io/exclude-from-backup');
  });
});

test('a backup that is too old covers nothing, and is named', async () => {
  const { facts, evidence } = await see([namespace('shop')], { params: { within: '4h' } });
  expect(facts.missingNamespaces).toEqual(['shop']);
  expect(evidence).toContain('daily: daily-1 is 8h old and covers nothing here');
});

test('a backup whose lists are gone covers by its spec alone, and that is said', async () => {
  const { finding, facts, evidence } = await see([namespace('shop')], { files: {} });
  expect(finding.reason).toBe('of 1 namespace and 0 volumes none is missing; of 1 namespace only by the spec of a backup');
  expect(facts.unsure).toEqual(['shop']);
  expect(evidence).toContain('daily-1: BackupResourceList is not in the storage');
});
