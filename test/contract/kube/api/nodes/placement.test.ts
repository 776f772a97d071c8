import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../../src/model/json.ts';
import { at, listAt, numberAt, textAt } from '../../../../../src/world/object.ts';
import { condition, isServing, type NodeStage, nameOf, openNodes, podsIn, taints } from './stage.ts';

/** Where pods go, and what is said of those that fit nowhere: node-1 is cordoned, node-2 is for databases alone. */

const NAMESPACE = 'placement';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const HOST = 'kubernetes.io/hostname';
let stage: NodeStage;

const patchNode = async (name: string, spec: JsonObject): Promise<void> => {
  const patched = await stage.request('PATCH', `/api/v1/nodes/${name}`, { contentType: 'application/merge-patch+json', body: { spec } });
  expect(patched.status).toBe(200);
};
const nodeNow = async (name: string): Promise<Json> => (await stage.request('GET', `/api/v1/nodes/${name}`)).body;
const pod = async (name: string): Promise<Json> => (await stage.request('GET', `${PODS}/${name}`)).body;

/** A new namespace of a real cluster takes no pod before it has its ServiceAccount. */
async function makePod(name: string, spec: JsonObject = {}, app = name): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app } }, spec: { containers: [{ name: 'c', image: 'example.com/c' }], ...spec } };
  await stage.until(`${name} is taken`, async () => (await stage.request('POST', PODS, { body })).status === 201 || undefined);
}
const asking = (requests: JsonObject): JsonObject => ({ containers: [{ name: 'c', image: 'example.com/c', resources: { requests } }] });

/** What the scheduler says of a pod that waits. */
const why = async (name: string): Promise<Json> => {
  const said = await stage.until(`something is said of ${name}`, async () => condition(await pod(name), 'PodScheduled'));
  return [textAt(said, 'status'), textAt(said, 'reason'), textAt(said, 'message')].join(' ');
};
const REST = '1 node(s) had untolerated taint(s), 1 node(s) were unschedulable';
const HELPLESS = 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
const HOPELESS = 'preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.';

beforeAll(async () => {
  stage = await openNodes();
  await stage.make('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await patchNode('node-1', { unschedulable: true });
  await patchNode('node-2', { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] });
  await makePod('first', {}, 'shop');
  await stage.until('it runs', async () => isServing(await pod('first')) || undefined);
}, 120_000);
afterAll(() => stage[Symbol.asyncDispose]());

test('a cordoned node has a taint that says so', async () => {
  expect(taints(await nodeNow('node-1'))).toEqual(['node.kubernetes.io/unschedulable:NoSchedule']);
});

describe('a pod that fits nowhere waits, and says of how many nodes what is wrong:', () => {
  const together = { topologyKey: HOST, labelSelector: { matchLabels: { app: 'shop' } } };
  const required = (terms: readonly JsonObject[]): JsonObject => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
  const inZone = (zone: string): JsonObject => ({ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] });
  test.each<readonly [string, JsonObject, string, string]>([
    ['room', asking({ cpu: '100', memory: '100Gi' }), `1 Insufficient cpu, 1 Insufficient memory, ${REST}`, HELPLESS],
    ['a node selector', { nodeSelector: { disk: 'ssd' } }, `1 node(s) didn't match Pod's node affinity/selector, ${REST}`, HELPLESS],
    [
      'a required affinity to nodes',
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [inZone('zone-b')] } } } },
      `1 node(s) didn't match Pod's node affinity/selector, ${REST}`,
      HELPLESS,
    ],
    ['its own kind beside it', { affinity: { podAntiAffinity: required([together]) } }, `1 node(s) didn't match pod anti-affinity rules, ${REST}`, HOPELESS],
    [
      'nobody beside it',
      { affinity: { podAffinity: required([{ ...together, labelSelector: { matchLabels: { app: 'nobody' } } }]) } },
      `1 node(s) didn't match pod affinity rules, ${REST}`,
      HELPLESS,
    ],
    [
      'too many on one side',
      { topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...together }] },
      `1 node(s) didn't match pod topology spread constraints, ${REST}`,
      HOPELESS,
    ],
    [
      'no such side',
      { topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...together, topologyKey: 'rack' }] },
      `1 node(s) didn't match pod topology spread constraints (missing required label), ${REST}`,
      HELPLESS,
    ],
  ])('%s', async (what, spec, reasons, preemption) => {
    const name = what.replaceAll(/\W+/g, '-');
    await makePod(name, spec, 'shop');
    expect(await why(name)).toBe(`False Unschedulable 0/3 nodes are available: ${reasons}. ${preemption}`);
    expect(textAt(await pod(name), 'status', 'phase')).toBe('Pending');
    await stage.request('DELETE', `${PODS}/${name}`);
  });

  test('a claim that is not there', async () => {
    await makePod('claiming', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'nope' } }] });
    expect(await why('claiming')).toBe('False Unschedulable 0/3 nodes are available: persistentvolumeclaim "nope" not found. not found');
    await stage.request('DELETE', `${PODS}/claiming`);
  });

  test('a volume of another zone', async () => {
    const volume = { accessModes: ['ReadWriteOnce'], storageClassName: 'zonal' };
    await stage.make('/api/v1/persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'far' },
      spec: {
        ...volume,
        capacity: { storage: '1Gi' },
        csi: { driver: 'csi.example', volumeHandle: 'far' },
        claimRef: { namespace: NAMESPACE, name: 'far' },
        nodeAffinity: { required: { nodeSelectorTerms: [inZone('zone-b')] } },
      },
    });
    await stage.make(`/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'far' },
      spec: { ...volume, volumeName: 'far', resources: { requests: { storage: '1Gi' } } },
    });
    const bound = async (): Promise<true | undefined> => {
      const { body } = await stage.request('GET', `/api/v1/namespaces/${NAMESPACE}/persistentvolumeclaims/far`);
      return textAt(body, 'status', 'phase') === 'Bound' || undefined;
    };
    await stage.until('the claim is bound', bound);
    await makePod('zonal', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'far' } }] });
    const reasons = `1 node(s) didn't match PersistentVolume's node affinity, ${REST}`;
    expect(await why('zonal')).toBe(`False Unschedulable 0/3 nodes are available: ${reasons}. ${HELPLESS}`);
    await stage.request('DELETE', `${PODS}/zonal`);
  });

  test('it is told in an Event, and the pod is placed as soon as a node is free', async () => {
    await makePod('patient', { nodeSelector: { [HOST]: 'node-1' } });
    const said = await why('patient');
    const events = listAt((await stage.request('GET', `/api/v1/namespaces/${NAMESPACE}/events`)).body, 'items');
    const told = events
      .filter((event) => textAt(event, 'involvedObject', 'name') === 'patient')
      .map((event) => `${textAt(event, 'type')} ${textAt(event, 'reason')} ${textAt(event, 'message')}`);
    expect(told.map((text) => text.replace('Warning FailedScheduling', 'False Unschedulable'))).toContain(said);
    await patchNode('node-1', { unschedulable: null });
    await stage.until('it runs', async () => isServing(await pod('patient')) || undefined);
    expect(taints(await nodeNow('node-1'))).toEqual([]);
    await patchNode('node-1', { unschedulable: true });
  });
});

test('a DaemonSet runs on a cordoned node, and not where it does not tolerate', async () => {
  const labels = { app: 'agent' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.com/c' }] } };
  await stage.make(`/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets`, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: { selector: { matchLabels: labels }, template },
  });
  const agents = async (): Promise<readonly Json[]> => (await podsIn(stage, NAMESPACE)).filter((one) => nameOf(one).startsWith('agent-') && isServing(one));
  await stage.until('two run', async () => (await agents()).length === 2 || undefined);
  const [one] = await agents();
  expect((await agents()).map((each) => textAt(each, 'spec', 'nodeName')).sort()).toEqual(['node-0', 'node-1']);
  expect(listAt(one ?? null, 'spec', 'tolerations')).toEqual([
    ...['not-ready', 'unreachable'].map((state) => ({ effect: 'NoExecute', key: `node.kubernetes.io/${state}`, operator: 'Exists' })),
    ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((state) => ({
      effect: 'NoSchedule',
      key: `node.kubernetes.io/${state}`,
      operator: 'Exists',
    })),
  ]);
  const set = async (): Promise<Json> => (await stage.request('GET', `/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets/agent`)).body;
  await stage.until('it says so', async () => numberAt(await set(), 'status', 'numberReady') === 2 || undefined);
  expect(at(await set(), 'status')).toMatchObject({ desiredNumberScheduled: 2, currentNumberScheduled: 2, numberAvailable: 2 });
});
