import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { run } from './run.ts';

export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok' | 'versitygw' | 'velero';

/** A real control plane with fake nodes, and with Velero and its S3 store unless it was started without; all of it on 127.0.0.1. */
export type Cluster = {
  /** Its folder: log/, pid/, s3/ and what else up.sh lists. */
  readonly dir: string;
  /** The path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** This process's environment with KUBECONFIG, KUBE_SERVER, ETCD_ENDPOINT, S3_ENDPOINT, VELERO_METRICS and the programs on the PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** What it prints; rejects with what it says when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  readonly velero: (args: readonly string[]) => Promise<string>;
  /** `kill -9` of the component's process group. */
  readonly kill: (component: Component) => Promise<void>;
  /** Starts the component again, from new when it runs; it is healthy when this resolves. */
  readonly start: (component: Component) => Promise<void>;
  /** `down`: its machine dies, and is Unknown after CLUSTER_NODE_GRACE seconds (8). */
  readonly node: (name: string, state: 'down' | 'up') => Promise<void>;
  /** Ends every process and removes the folder. */
  readonly close: () => Promise<void>;
};

export type ClusterOptions = {
  /** `kube`: without S3 and Velero, which is twice as fast. */
  readonly parts?: 'kube' | 'velero';
  /** The CLUSTER_… settings that up.sh lists. */
  readonly env?: Readonly<Record<string, string>>;
};

/** Builds the programs where the cache lacks them. The cluster ends with `close`, or with this process, however that ends. */
export async function startCluster({ parts = 'velero', env = {} }: ClusterOptions = {}): Promise<Cluster> {
  const dir = await mkdtemp(join(tmpdir(), 'salvor-cluster-'));
  // In a process group of its own: an interrupt at the terminal is for us, and we let go of its input.
  const holder = spawn('bash', [script('hold.sh'), dir, parts], { detached: true, stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } });
  const ended = new Promise<void>((resolve) => holder.on('close', () => resolve()));
  await ready(holder, ended);
  return {
    ...clusterIn(dir, await environment(dir)),
    async close() {
      holder.stdin.end();
      await ended;
    },
  };
}

/** The cluster in a folder, for somebody who does not own it: `close` leaves it as it is. */
export function clusterIn(dir: string, env: Readonly<Record<string, string>>): Cluster {
  const component = async (what: 'start' | 'kill', name: Component): Promise<void> =>
    void (await run('bash', [script('component.sh'), dir, what, name], { env }));
  return {
    dir,
    env,
    kubeconfig: join(dir, 'kubeconfig'),
    kubectl: (args, input = '') => run('kubectl', args, { env, input }),
    velero: (args) => run('velero', ['-n', 'velero', ...args], { env }),
    kill: (name) => component('kill', name),
    start: (name) => component('start', name),
    node: async (name, state) => void (await run('bash', [script('node.sh'), dir, state, name], { env })),
    close: async () => undefined,
  };
}

function script(name: string): string {
  return join(import.meta.dirname, name);
}

/** hold.sh says something once it is up, or ends: then it has said why not. */
async function ready(holder: ChildProcessByStdio<Writable, Readable, null>, ended: Promise<void>): Promise<void> {
  let said = '';
  holder.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await Promise.race([once(holder.stdout, 'data'), ended]);
  if (said.startsWith('ready')) return;
  await ended;
  throw new Error(`the cluster did not start:\n${said.trim()}`);
}

/** What a shell has after `. DIR/env`. */
async function environment(dir: string): Promise<Readonly<Record<string, string>>> {
  const text = await run('bash', ['-c', '. "$1/env" && env -0', 'env', dir], { env: process.env });
  return Object.fromEntries(
    text
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
