import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rbac } from '../../../src/cli/rbac.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Cluster } from '../cluster.ts';

/** A service account for Salvor, as an operator makes it, with a kubeconfig whose token lies in a file of its own. */
export type Account = {
  readonly kubeconfigFile: string;
  readonly user: string;
  /** Makes the account again: every token of the one before is worth nothing at once. Answers the last moment at which the old one was accepted. */
  readonly renew: () => Promise<void>;
};

const NAMESPACE = 'ops';
const NAME = 'salvor';
export const SERVICE_ACCOUNT = `${NAMESPACE}/${NAME}`;
/** The shortest that the server gives. */
const EXPIRES = '10m';

export async function openAccount(cluster: Cluster): Promise<Account> {
  const folder = mkdtempSync(join(cluster.dir, 'account-'));
  const tokenFile = join(folder, 'token');
  const make = async (): Promise<void> => {
    await cluster.kubectl(['-n', NAMESPACE, 'create', 'serviceaccount', NAME]);
    const token = await cluster.kubectl(['-n', NAMESPACE, 'create', 'token', NAME, '--duration', EXPIRES]);
    writeFileSync(tokenFile, `${token.trim()}\n`, { mode: 0o600 });
  };
  await cluster.kubectl(['create', 'namespace', NAMESPACE]);
  await make();
  const authority = readFileSync(join(cluster.dir, 'pki', 'ca.crt')).toString('base64');
  const kubeconfigFile = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfigFile,
    `apiVersion: v1
kind: Config
clusters: [{ name: prod, cluster: { server: '${cluster.env['KUBE_SERVER'] ?? ''}', certificate-authority-data: ${authority} } }]
users: [{ name: salvor, user: { tokenFile: token } }]
contexts: [{ name: prod, context: { cluster: prod, user: salvor } }]
current-context: prod
`,
  );
  return {
    kubeconfigFile,
    user: `system:serviceaccount:${NAMESPACE}:${NAME}`,
    async renew() {
      const old = readFileSync(tokenFile, 'utf8').trim();
      await cluster.kubectl(['-n', NAMESPACE, 'delete', 'serviceaccount', NAME]);
      // The server knows for ten seconds at most who had a token.
      await until('the old token is refused', () =>
        cluster.kubectl(['--token', old, 'auth', 'whoami', '--kubeconfig', kubeconfigFile]).then(isNever, isUnauthorized),
      );
      await make();
    },
  };
}

const isNever = (): boolean => false;
const isUnauthorized = (error: unknown): boolean => error instanceof Error && /Unauthorized|must be logged in/i.test(error.message);

/** What `salvor rbac` prints for this account. */
export async function printedRights(
  options: { readonly playbook?: readonly string[]; readonly with?: readonly string[]; readonly json?: boolean } = {},
): Promise<string> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await rbac({ ...options, serviceAccount: SERVICE_ACCOUNT }, { stdout: (text) => void out.push(text), stderr: (text) => void err.push(text) });
  if (code !== 0) throw new Error(err.join(''));
  return out.join('');
}
