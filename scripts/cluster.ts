// `npm run cluster`: the real cluster of the tests, to look at. It stays until Ctrl-C. `-- --two`: two of them; `-- --kube`: without Velero and S3.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCluster } from '../test/cluster/cluster.ts';

const { values } = parseArgs({ options: { two: { type: 'boolean', default: false }, kube: { type: 'boolean', default: false } } });
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const stopped = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
const parts = values.kube ? 'kube' : 'velero';
const build = join(import.meta.dirname, '..', 'test', 'cluster', 'build.sh');
if (spawnSync('bash', [build, ...(values.kube ? ['k8s'] : [])], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) process.exit(1);

const starting = Promise.all((values.two ? ['', ''] : ['']).map(() => startCluster({ parts })));
const clusters = await Promise.race([starting, stopped.then(() => [])]);
for (const { dir } of clusters) {
  say(`up: . ${dir}/env`);
}
if (clusters.length > 0) {
  say('then for example: kubectl get nodes');
  if (!values.kube) say('                  velero -n velero backup create b1 --include-namespaces default --wait');
  say(`                  bash test/cluster/node.sh ${clusters[0]?.dir} down node-1`);
  say(`                  bash test/cluster/component.sh ${clusters[0]?.dir} kill kube-apiserver     (and start)`);
  say('Ctrl-C takes it down.');
  await stopped;
}
// An interrupted start is let go by ending: the cluster ends with this process.
await Promise.all(clusters.map((cluster) => cluster.close()));
process.exit(0);
