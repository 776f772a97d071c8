import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../e2e/stage/until.ts';
import { type Cluster, type Component, startCluster } from './cluster.ts';
import { sharedCluster } from './shared.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const KUBE: readonly Component[] = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];
const ALL: readonly Component[] = [...KUBE, 'velero', 'versitygw'];

const PATIENTLY = { timeout: 60_000, interval: 200 };
/** A cluster starts in 15 seconds, and in more than 30 beside another one. */
const A_CLUSTER = { withinMs: 100_000 };

const readyOf = (cluster: Cluster, node: string): Promise<string> =>
  cluster.kubectl(['get', 'node', node, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']);

/** Every process that has its home in the folder, by the kernel's word. */
function processesIn(dir: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(dir);
      } catch {
        return false;
      }
    });
}

describe('the cluster of the suite', () => {
  test('has three nodes that are Ready, and every component', async () => {
    const cluster = sharedCluster();
    for (const node of ['node-0', 'node-1', 'node-2']) expect(await readyOf(cluster, node)).toBe('True');
    expect(readdirSync(join(cluster.dir, 'pid')).sort()).toEqual([...ALL].sort());
    expect(cluster.kubeconfig).toBe(cluster.env['KUBECONFIG']);
    expect((await (await fetch(cluster.env['VELERO_METRICS'] ?? '')).text()).includes('velero_backup_total')).toBe(true);
  });

  test('runs pods, and Velero backs them up', async () => {
    const cluster = sharedCluster();
    await cluster.kubectl(['create', 'namespace', 'looked-at']);
    await cluster.kubectl(['-n', 'looked-at', 'create', 'deployment', 'web', '--image=example.com/web', '--replicas=3']);
    await cluster.kubectl(['-n', 'looked-at', 'rollout', 'status', 'deployment/web', '--timeout=30s']);
    await cluster.velero(['backup', 'create', 'looked-at', '--include-namespaces', 'looked-at', '--wait']);
    expect(await cluster.kubectl(['-n', 'velero', 'get', 'backup', 'looked-at', '-o', 'jsonpath={.status.phase}'])).toBe('Completed');
    expect(existsSync(join(cluster.dir, 's3', 'velero', 'backups', 'looked-at', 'velero-backup.json'))).toBe(true);
  });

  test('is not to be broken by one of its many users', async () => {
    await expect(sharedCluster().kill('velero')).rejects.toThrow('start one of your own');
  });

  test('says what a command says when it fails', async () => {
    await expect(sharedCluster().kubectl(['get', 'node', 'node-9'])).rejects.toThrow('nodes "node-9" not found');
  });
});

describe("a cluster of one's own", () => {
  let cluster: Cluster;
  let other: Cluster;
  beforeAll(async () => {
    [cluster, other] = await Promise.all([startCluster(), startCluster({ parts: 'kube', env: { CLUSTER_NODES: '1' } })]);
  });
  afterAll(async () => {
    await Promise.all([cluster.close(), other.close()]);
  });

  test.each(ALL)('%s is killed, and well again when it was started', async (component) => {
    const pid = (): string => readFileSync(join(cluster.dir, 'pid', component), 'utf8').trim();
    const before = pid();
    await cluster.kill(component);
    expect(processesIn(cluster.dir)).not.toContain(before);
    await cluster.start(component);
    expect(processesIn(cluster.dir)).toContain(pid());
    expect(pid()).not.toBe(before);
  });

  test('after all of that pods still run and backups complete', async () => {
    await cluster.kubectl(['create', 'namespace', 'after']);
    await cluster.kubectl(['-n', 'after', 'create', 'deployment', 'web', '--image=example.com/web', '--replicas=2']);
    await cluster.kubectl(['-n', 'after', 'rollout', 'status', 'deployment/web', '--timeout=30s']);
    await cluster.velero(['backup', 'create', 'after', '--include-namespaces', 'after', '--wait']);
    expect(await cluster.kubectl(['-n', 'velero', 'get', 'backup', 'after', '-o', 'jsonpath={.status.phase}'])).toBe('Completed');
  });

  test('a node whose machine dies is Unknown, and Ready when it is back', async () => {
    await other.node('node-0', 'down');
    await expect.poll(() => readyOf(other, 'node-0'), PATIENTLY).toBe('Unknown');
    await other.node('node-0', 'up');
    await expect.poll(() => readyOf(other, 'node-0'), PATIENTLY).toBe('True');
  });

  test('two at once do not see each other', async () => {
    await cluster.kubectl(['create', 'namespace', 'only-here']);
    expect(await other.kubectl(['get', 'namespaces', '-o', 'name'])).not.toContain('only-here');
    expect((await other.kubectl(['get', 'nodes', '-o', 'name'])).trim()).toBe('node/node-0');
    expect(other.env['KUBE_SERVER']).not.toBe(cluster.env['KUBE_SERVER']);
    await expect(other.kubectl(['--kubeconfig', cluster.kubeconfig, '--server', other.env['KUBE_SERVER'] ?? '', 'get', 'nodes'])).rejects.toThrow('x509');
  });
});

describe('the end', () => {
  test('leaves no process and no folder', async () => {
    const cluster = await startCluster({ parts: 'kube' });
    expect(processesIn(cluster.dir).length).toBeGreaterThanOrEqual(KUBE.length);
    await cluster.close();
    expect(processesIn(cluster.dir)).toEqual([]);
    expect(existsSync(cluster.dir)).toBe(false);
  });

  test('comes by itself when whoever started it was killed', async () => {
    const program = `import { startCluster } from './test/cluster/cluster.ts';
      const { dir } = await startCluster({ parts: 'kube' });
      process.stdout.write(dir, () => process.kill(process.pid, 'SIGKILL'));`;
    let dir = '';
    try {
      execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: ROOT, encoding: 'utf8' });
    } catch (error) {
      dir = typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : '';
    }
    expect(dir).toContain('salvor-cluster-');
    await until('folder and processes are gone', () => !existsSync(dir) && processesIn(dir).length === 0, A_CLUSTER);
  });

  test('comes with Ctrl-C for who looks at one by `npm run cluster`', async () => {
    const shown = spawn(process.execPath, ['scripts/cluster.ts', '--kube'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(shown, 'exit');
    let said = '';
    shown.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('it says how to end it', () => said.includes('Ctrl-C'), A_CLUSTER);
    const [, dir = ''] = /^up: \. (.*)\/env$/m.exec(said) ?? [];
    expect(execFileSync('bash', ['-c', '. "$0/env" && kubectl get nodes -o name', dir], { encoding: 'utf8' })).toContain('node/node-2');
    shown.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(dir)).toBe(false);
    expect(processesIn(dir)).toEqual([]);
  });

  test('comes at once when it cannot start, with the reason', async () => {
    await expect(startCluster({ parts: 'kube', env: { CLUSTER_APISERVER_FLAGS: '--no-such-flag' } })).rejects.toThrow('unknown flag: --no-such-flag');
  });
});
