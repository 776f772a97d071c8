import { describe, expect, test } from 'vitest';
import { nodeDrainCheck } from '../../../handlers/node-drain-check.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { begin, more, untilOver, WEB } from './drain-stage.ts';

const ceph = (health: string): Scenario => ({
  objects: [{ apiVersion: 'ceph.rook.io/v1', kind: 'CephCluster', metadata: { name: 'rook-ceph', namespace: 'rook-ceph' }, status: { ceph: { health } } }],
});
const OSD: Scenario = {
  pods: [...WEB, { name: 'rook-ceph/rook-ceph-osd-3-x', node: 'w1', owner: 'Deployment/rook-ceph-osd-3', labels: { app: 'rook-ceph-osd' } }],
};

const DATA: Scenario = { pods: [{ name: 'shop/db-0', node: 'w1', volumes: ['data'] }], claims: [{ name: 'shop/data' }] };
const backup = (ago: string, more: object = {}): Scenario => ({ backups: [{ name: 'daily-1', phase: 'Completed', ago, namespaces: ['shop'], ...more }] });

async function findingOf({ stage, params }: Awaited<ReturnType<typeof begin>>) {
  const { backupWithin } = params;
  const asked = nodeDrainCheck.params.parse({ node: 'w1', ...(backupWithin === undefined ? {} : { backupWithin: `${Number(backupWithin) / 1000}s` }) });
  return stage.wait(nodeDrainCheck.run({ ...stage.about(), params: asked, kube: stage.kube }));
}

describe('the quorum of the storage', () => {
  test('a part of Ceph is let go only while all of Ceph is well, and what the drain itself makes unwell does not stop it', async () => {
    const begun = await begin({ ...OSD, ...ceph('HEALTH_WARN') });
    const why = 'Ceph rook-ceph is HEALTH_WARN, and rook-ceph/rook-ceph-osd-3-x on it would go';
    expect(begun.planned.notes).toContain(`It waits: ${why}`);
    expect(await findingOf(begun)).toMatchObject({ finding: { kind: 'wait', reason: why } });
    expect((await more(begun.round())).progress).toContain(why);
    expect(begun.stage.cluster.record().writes).toEqual([]);
    begun.stage.cluster.apply(ceph('HEALTH_OK'));
    expect((await more(begun.round())).progress).not.toContain('Ceph');
    begun.stage.cluster.apply(ceph('HEALTH_WARN'));
    expect(await untilOver(begun)).toMatchObject({ gone: 3 });
  });

  test('without a part of Ceph on the node its health says nothing; one that cannot be read holds', async () => {
    const elsewhere = await begin(ceph('HEALTH_ERR'));
    expect(await findingOf(elsewhere)).toMatchObject({ finding: { kind: 'act' } });
    const unread = await begin(OSD);
    expect((await more(unread.round())).progress).toContain('whether Ceph is well cannot be read, and rook-ceph/rook-ceph-osd-3-x on it would go');
  });
});

describe('the last backup of what moves', () => {
  test('is told, and waited for only where somebody says how young it has to be', async () => {
    const told = await begin({ ...DATA, ...backup('26h') });
    expect(told.planned.notes).toContainEqual(expect.stringMatching(/^The last good backup of shop is 1d 1h .* old: daily-1$/));
    expect(await findingOf(told)).toMatchObject({ finding: { kind: 'act' } });

    const strict = await begin({ ...DATA, ...backup('26h') }, { backupWithin: '24h' });
    expect(await findingOf(strict)).toMatchObject({
      finding: { kind: 'wait', reason: expect.stringMatching(/daily-1 \(make one first: salvor run backup-run\)$/) },
    });
    expect((await more(strict.round())).progress).toContain('the last good backup of shop is');
    strict.stage.cluster.apply({ backups: [{ name: 'daily-2', phase: 'Completed', ago: '1m', namespaces: ['shop'] }] });
    expect(await findingOf(strict)).toMatchObject({ finding: { kind: 'act' } });
    expect(await untilOver(strict)).toMatchObject({ gone: 1 });
  });

  test('of another namespace, or one that failed, is none', async () => {
    for (const other of [backup('1h', { namespaces: ['till'] }), backup('1h', { phase: 'Failed' })]) {
      const begun = await begin({ ...DATA, ...other }, { backupWithin: '24h' });
      expect(await findingOf(begun)).toMatchObject({
        finding: { kind: 'wait', reason: 'there is no good backup of shop, of which shop/db-0 keeps data in volumes (make one first: salvor run backup-run)' },
      });
    }
  });
});
