import type { Cluster } from '../cluster.ts';

/** A node agent for each node, as `velero install --use-node-agent` makes it: the fake nodes run it, and nothing in it. */
export function agentsOf(namespace: string): object {
  const labels = { name: 'node-agent' };
  const template = { metadata: { labels }, spec: { tolerations: [{ operator: 'Exists' }], containers: [{ name: 'node-agent', image: 'velero' }] } };
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'node-agent', namespace }, spec: { selector: { matchLabels: labels }, template } };
}

/** What kube-state-metrics says of it, read from the API server at this moment. */
export async function unavailableAgents(cluster: Cluster): Promise<string> {
  const said = await cluster.kubectl(['-n', 'velero', 'get', 'daemonset', 'node-agent', '-o', 'jsonpath={.status.numberUnavailable}']);
  return `kube_daemonset_status_number_unavailable{namespace="velero",daemonset="node-agent"} ${said || '0'}\n`;
}
