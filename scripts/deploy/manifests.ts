import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../package-file.ts';

/** What each file of `deploy/manifests` is rendered with. */
const RENDERED: ReadonlyMap<string, readonly string[]> = new Map([
  ['deploy/manifests/embedded.yaml', []],
  ['deploy/manifests/redis.yaml', ['--values', join(root, 'deploy', 'examples', 'values-redis.yaml')]],
]);

const head = (
  path: string,
): string => `# Made by scripts/render-manifests.ts from deploy/chart; edits are lost. Change the image, the configuration and the namespace, then
#   kubectl create namespace salvor && kubectl apply -f ${path}
#   salvor rbac --service-account salvor/salvor | kubectl apply -f -
`;

/** The chart without Helm, as text by path: its rights are left to `salvor rbac`, which knows the site's own playbooks. Builds Helm where it is not there yet. */
export function manifestFiles(): ReadonlyMap<string, string> {
  const folder = execFileSync('bash', [join(root, 'test', 'cluster', 'helm.sh')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const template = ['template', 'salvor', join(root, 'deploy', 'chart'), '--namespace', 'salvor', '--set', 'rbac.create=false'];
  return new Map(
    [...RENDERED].map(([path, values]) => {
      const text = execFileSync(join(folder, 'helm'), [...template, ...values], { encoding: 'utf8' });
      // Helm did not install them, and no chart will upgrade them.
      return [
        path,
        `${head(path)}${text.replaceAll(/^ *(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '').replaceAll(/^ *# It stays when.*\n *annotations: \{ helm.*\n/gm, '')}`,
      ];
    }),
  );
}
