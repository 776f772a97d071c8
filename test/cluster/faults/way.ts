import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemIds } from '../../../src/port/ids.ts';
import type { Cluster } from '../cluster.ts';
import { type FaultProxy, openFaultProxy } from '../fault-proxy.ts';

export const USER = 'system:serviceaccount:salvor:salvor';

/** How Salvor gets to a cluster: by a proxy, with a kubeconfig that names it. */
export type Way = {
  readonly proxy: FaultProxy;
  readonly kubeconfig: string;
  /** Puts a new token into the kubeconfig. */
  readonly useToken: () => Promise<void>;
};

/** A service account of its own, so that the audit log tells its requests from others. It may do everything. Once for each cluster. */
export async function admitSalvor({ kubectl }: Cluster): Promise<void> {
  await kubectl(['create', 'namespace', 'salvor']);
  await kubectl(['-n', 'salvor', 'create', 'serviceaccount', 'salvor']);
  await kubectl(['create', 'clusterrolebinding', 'salvor', '--clusterrole=cluster-admin', '--serviceaccount=salvor:salvor']);
  await kubectl(['create', 'namespace', 'app']);
}

export async function openWay(cluster: Cluster): Promise<Way> {
  const proxy = await openFaultProxy(cluster);
  const kubeconfig = join(cluster.dir, `kubeconfig-salvor-${systemIds.next()}`);
  const useToken = async (): Promise<void> => writeFileSync(kubeconfig, kubeconfigText(cluster, proxy, await token(cluster)), { mode: 0o600 });
  await useToken();
  return { proxy, kubeconfig, useToken };
}

async function token({ kubectl }: Cluster): Promise<string> {
  return (await kubectl(['-n', 'salvor', 'create', 'token', 'salvor', '--duration=24h'])).trim();
}

function kubeconfigText({ dir }: Cluster, { url }: FaultProxy, secret: string): string {
  return `apiVersion: v1
kind: Config
current-context: main
clusters: [{ name: c, cluster: { server: '${url}', certificate-authority: '${join(dir, 'pki', 'ca.crt')}' } }]
users: [{ name: u, user: { token: ${secret} } }]
contexts: [{ name: main, context: { cluster: c, user: u } }]
`;
}
