import { describe, expect, test } from 'vitest';
import { azDiagnose } from '../../../handlers/az-diagnose.ts';
import type { DiagnosisAction } from '../../../src/action/contract.ts';
import { SalvorError } from '../../../src/model/error.ts';
import { NOW, nodeObject } from '../domain/node/nodes.ts';
import { diagnose } from './about.ts';
import { plainCluster } from './plain-cluster.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const ZONES = ['a', 'b', 'c'].flatMap((zone) => [1, 2, 3, 4, 5, 6].map((index) => nodeObject(`${zone}-${index}`, zone === 'b' ? { ready: 'Unknown' } : {})));
const pod = (name: string, nodeName: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'db', controller: true }] },
  spec: { nodeName, containers: [] },
  status: { phase: 'Running' },
});
const look = (kube: Prober) => diagnose(azDiagnose, {}, kube, NOW);

/** The same cluster with some kinds that cannot be read. */
const failing = (kube: Prober, kinds: readonly string[], error: SalvorError): Prober => ({
  ...kube,
  list: async (query) => {
    if (kinds.includes(query.kind)) throw error;
    return kube.list(query);
  },
});

describe('az.diagnose', () => {
  test('a zone that is gone is handed over: the answer first, then what is there, then what to look at', async () => {
    const { finding, facts, evidence, measured } = await look(plainCluster({ objects: [...ZONES, pod('db-0', 'b-1'), pod('db-1', 'b-2')] }).kube);
    const line = 'zone b is gone: 6 of 6 nodes of it are silent since 2026-11-21 03:02 UTC, 0 of 12 elsewhere';
    expect(finding).toMatchObject({ kind: 'hand-over', reason: line });
    expect(evidence.slice(0, 3)).toEqual([line, '2 pods of 1 workload are on these nodes', 'nothing of these runs elsewhere: StatefulSet shop/db (2)']);
    expect(evidence).toContainEqual(expect.stringContaining('the control plane by itself: in b evicts pods after their toleration'));
    expect(facts).toMatchObject({ cause: 'shared', common: 'zone b', value: 'b', sick: 6, nodes: 18, insideSick: 6, outsideSick: 0, pods: 2, workloads: 1 });
    expect(facts['sickNames']).toEqual(['b-1', 'b-2', 'b-3', 'b-4', 'b-5', 'b-6']);
    expect(measured).toEqual({ factTimeMs: Date.parse('2026-11-21T03:02:10Z') });
  });

  test('where every node reports there is nothing to hand over', async () => {
    const { finding } = await look(plainCluster({ objects: ZONES.filter(({ metadata }) => !metadata.name.startsWith('b')) }).kube);
    expect(finding).toEqual({ kind: 'recovered', reason: 'every node reports: 12 nodes ready in 2 zones' });
  });

  test('where pods were reported and every node is well, it is the pods that are handed over', async () => {
    const hung = (index: number) => ({
      ...pod(`db-${index}`, 'a-1'),
      status: {
        phase: 'Pending',
        containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message: 'no such tag' } } }],
      },
    });
    const { kube } = plainCluster({ objects: [...ZONES.filter(({ metadata }) => metadata.name.startsWith('a')), hung(0), hung(1)] });
    const { finding, evidence } = await diagnose(azDiagnose, { pods: true }, kube, NOW);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: 'every node is well, and 2 pods of 1 workload do not serve: no node is the cause' });
    expect(evidence.slice(1)).toEqual(['most of them: StatefulSet shop/db (2)', 'their containers wait: ImagePullBackOff (2)']);
  });

  test('an API server that does not answer is the finding itself, and a person has it after two minutes', async () => {
    const away = new SalvorError('kube.unavailable', 'connect ECONNREFUSED', { retry: 'later' });
    const { finding } = await look(failing(plainCluster({ objects: [] }).kube, ['Node'], away));
    expect(finding).toEqual({
      kind: 'wait',
      reason: 'the API server does not answer, so nothing is known of any node: connect ECONNREFUSED',
      lookAgainMs: 15_000,
      giveUpMs: 120_000,
    });
  });

  test('a right that is missing hides nothing else, and is said; one on nodes themselves is an error', async () => {
    const refused = new SalvorError('kube.forbidden', 'salvor may not list leases', { retry: 'never' });
    const { kube } = plainCluster({ objects: ZONES });
    const { finding, evidence } = await look(failing(kube, ['Lease', 'Event', 'EndpointSlice', 'PodDisruptionBudget'], refused));
    expect(finding.reason).toContain('zone b is gone');
    for (const kind of ['Lease', 'Event', 'EndpointSlice', 'PodDisruptionBudget'])
      expect(evidence).toContain(`${kind} objects cannot be read: salvor may not list leases`);
    await expect(look(failing(kube, ['Node'], refused))).rejects.toBe(refused);
  });
});
