import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { textAt } from '../../../src/world/object.ts';
import { startCluster } from '../../cluster/cluster.ts';
import { type Identity, type Raw, type Reply } from './raw.ts';
import type { Backend, Right } from './server.ts';

const Kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.base64() }) })]),
  users: z.tuple([
    z.object({
      user: z.union([z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }), z.object({ token: z.string() })]),
    }),
  ]),
});

const BOT = 'bot';

/** The real API server that a kubeconfig names. It is shared: a test writes in its own namespace alone. */
export async function realServer(kubeconfig: string): Promise<Backend> {
  const { url, identity } = readKubeconfig(kubeconfig);
  return {
    isReal: true,
    url,
    admin: identity,
    kubeconfig,
    wait: (answer) => answer,
    limited: async (raw, namespace, rights) => ({
      ...(await serviceAccount(raw, namespace, rights)),
      identity: { ca: identity.ca, token: await tokenOf(raw, namespace) },
    }),
    throttle: (raw, namespace) => smallestShare(raw, namespace),
    async forget() {
      throw new Error('the shared server is not made to forget: ask for one of your own');
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** A real API server with an etcd of its own, without Velero: it may be made to forget. */
export async function ownServer(): Promise<Backend> {
  const cluster = await startCluster({ parts: 'kube' });
  const etcd = async (what: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${cluster.env['ETCD_ENDPOINT']}/v3/kv/${what}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd answered ${answer.status} to ${what}`);
    return answer.json();
  };
  return {
    ...(await realServer(cluster.kubeconfig)),
    async forget() {
      // The API server serves the past from its own memory: only a new one has to ask etcd, which has forgotten it.
      const { header } = Ranged.parse(await etcd('range', { key: 'AA==' }));
      await etcd('compaction', { revision: header.revision, physical: true });
      await cluster.kill('kube-apiserver');
      await cluster.start('kube-apiserver');
    },
    [Symbol.asyncDispose]: () => cluster.close(),
  };
}

const Ranged = z.object({ header: z.object({ revision: z.string() }) });

/** Where the server is, and who the kubeconfig says we are. */
export function readKubeconfig(file: string): { readonly url: string; readonly identity: Identity } {
  const { clusters, users } = Kubeconfig.parse(parse(readFileSync(file, 'utf8')));
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  const ca = Buffer.from(cluster['certificate-authority-data'], 'base64');
  const own: Identity =
    'token' in user
      ? { token: user.token }
      : { cert: Buffer.from(user['client-certificate-data'], 'base64'), key: Buffer.from(user['client-key-data'], 'base64') };
  return { url: cluster.server, identity: { ca, ...own } };
}

/** A service account with a Role of these rights. */
async function serviceAccount(raw: Raw, namespace: string, rights: readonly Right[]): Promise<{ readonly user: string }> {
  const metadata = { name: BOT };
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: BOT };
  made(await raw.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata } }));
  made(await raw.request('POST', `${rbac}/roles`, { body: { apiVersion, kind: 'Role', metadata, rules: rights } }));
  const subjects = [{ kind: 'ServiceAccount', name: BOT, namespace }];
  made(await raw.request('POST', `${rbac}/rolebindings`, { body: { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects } }));
  return { user: `system:serviceaccount:${namespace}:${BOT}` };
}

async function tokenOf(raw: Raw, namespace: string): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  return textAt(made(await raw.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${BOT}/token`, { body })).body, 'status', 'token');
}

/** A priority level of its own for the test's service account, with one seat and no queue. */
async function smallestShare(raw: Raw, name: string): Promise<void> {
  const group = '/apis/flowcontrol.apiserver.k8s.io/v1';
  const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
  const metadata = { name };
  const level = { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } } };
  made(await raw.request('POST', `${group}/prioritylevelconfigurations`, { body: { apiVersion, kind: 'PriorityLevelConfiguration', metadata, spec: level } }));
  const subjects = [{ kind: 'ServiceAccount', serviceAccount: { name: BOT, namespace: name } }];
  const resourceRules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }];
  const spec = { priorityLevelConfiguration: { name }, matchingPrecedence: 10, rules: [{ subjects, resourceRules }] };
  made(await raw.request('POST', `${group}/flowschemas`, { body: { apiVersion, kind: 'FlowSchema', metadata, spec } }));
}

function made(reply: Reply): Reply {
  if (reply.status !== 201) throw new Error(`${reply.status} ${textAt(reply.body, 'message')}`);
  return reply;
}
