import type { JsonObject } from '../../../src/model/json.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Cluster } from '../cluster.ts';

/** What runs on nodes of a real cluster in these tests, and how it is looked at. */
export const NAMESPACE = 'shop';

type Wanted = {
  /** Where its pods go first; they may go elsewhere. */
  readonly node: string;
  readonly replicas?: number;
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly spec?: JsonObject;
};

/** A workload that likes one node. */
export function workload(name: string, { node, replicas = 1, kind = 'Deployment', spec = {} }: Wanted): object {
  const labels = { app: name };
  const likes = [{ weight: 100, preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] } }];
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: likes } };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(kind === 'StatefulSet' ? { serviceName: name, podManagementPolicy: 'Parallel' } : {}),
      // So many share a zone by default that the likes of one node would be outvoted.
      template: { metadata: { labels }, spec: { affinity, topologySpreadConstraints: [], containers: [{ name: 'c', image: 'c' }], ...spec } },
    },
  };
}

export function daemonSet(name: string): object {
  const labels = { app: name };
  const spec = { tolerations: [{ operator: 'Exists' }], containers: [{ name: 'c', image: 'c' }], volumes: [{ name: 'scratch', emptyDir: {} }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: NAMESPACE },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** A pod that stands on one node; without a controller unless `mirror` says that the kubelet made it. */
export function barePod(name: string, node: string, annotations: JsonObject = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, annotations },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'c' }] },
  };
}

export const MIRROR = { 'kubernetes.io/config.mirror': 'by-hand' };

/** `fields`: `minAvailable` or `maxUnavailable`. */
export function budget(name: string, app: string, fields: JsonObject): object {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: NAMESPACE },
    spec: { selector: { matchLabels: { app } }, ...fields },
  };
}

export function put(cluster: Cluster, objects: readonly object[]): Promise<string> {
  return cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

/** Names of pods on a node, in order. */
export async function podsOn(cluster: Cluster, node: string): Promise<readonly string[]> {
  const text = await cluster.kubectl(['-n', NAMESPACE, 'get', 'pods', '--field-selector', `spec.nodeName=${node}`, '-o', 'jsonpath={.items[*].metadata.name}']);
  return text
    .split(' ')
    .filter((name) => name !== '')
    .sort();
}

/** The same, once there are so many, and all of them are Ready or have finished. */
export function settledOn(cluster: Cluster, node: string, count: number): Promise<readonly string[]> {
  return until(`${count} pods run on ${node}`, async () => {
    const found = await podsOn(cluster, node);
    const path = 'jsonpath={.items[?(@.status.phase=="Pending")].metadata.name}';
    const pending = await cluster.kubectl(['-n', NAMESPACE, 'get', 'pods', '-o', path]);
    return found.length === count && pending === '' ? found : undefined;
  });
}

/** `web-a-6d5f7c9b8-x2x4z` and `web-b-…` alike as `web-…`: what two equal nodes are compared by. */
export function alike(pods: readonly string[]): readonly string[] {
  return pods.map((name) => name.replace(/^([a-z]+)-[ab](?=-|$)/, '$1').replace(/(-[a-z0-9]{8,10})?-[a-z0-9]{5}$/, '-…')).sort();
}
