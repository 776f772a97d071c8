import { inject } from 'vitest';
import type { Json, JsonObject } from '../../../../../src/model/json.ts';
import { listAt, textAt } from '../../../../../src/world/object.ts';
import { startCluster } from '../../../../cluster/cluster.ts';
import { type Raw, rawClient, type WatchLine } from '../../raw.ts';
import { realServer } from '../../server-real.ts';
import { worldServer } from '../../server-world.ts';

/** `down`: the machine dies. `not-ready`: its kubelet lives, and says that it is not ready. */
export type NodeState = 'down' | 'not-ready' | 'up';

/** A server whose nodes node-0, node-1 and so on may be lost: the simulated one, or a real cluster that nobody else uses. */
export type NodeStage = Pick<Raw, 'request'> &
  AsyncDisposable & {
    readonly isReal: boolean;
    node(name: string, state: NodeState): Promise<void>;
    /** Creates the objects, each at the path of its list. */
    make(path: string, body: JsonObject): Promise<void>;
    /** Looks again and again until something is so, for at most a minute of the cluster's time. */
    until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T>;
    /** Stops the controllers: what is made from then on is seen by none. The world has no such switch. */
    stopControllers(): Promise<void>;
    /** Lets time pass in the cluster. Only where the point is that nothing happens. */
    pass(durationMs: number): Promise<void>;
    /** Every line of a watch from now on, as it comes. */
    record(path: string): Promise<readonly WatchLine[]>;
  };

const LONGEST_MS = 60_000;
const STEP_MS = 100;
const WEB = { app: 'web' };
const NOT_READY = 'node-not-ready.stage.kwok.x-k8s.io';

export async function openNodes({ nodes = 3 }: { readonly nodes?: number } = {}): Promise<NodeStage> {
  return inject('cluster') === undefined ? inWorld(nodes) : onCluster(nodes);
}

async function inWorld(count: number): Promise<NodeStage> {
  const nodes = Array.from({ length: count }, (_, index) => ({ name: `node-${index}`, zone: 'zone-a' }));
  // As short as up.sh sets it for the real one.
  const backend = await worldServer({ scenario: { times: { nodeGrace: '8s' }, nodes } });
  const raw = rawClient(backend.url, backend.admin);
  const silent = new Set<string>();
  const tell = async (what: string, body: JsonObject): Promise<void> => void (await raw.request('POST', `/world/${what}`, { body }));
  return stage(raw, {
    isReal: false,
    async node(name, state) {
      if (state === 'down') silent.add(name);
      const kubelet = state === 'down' ? 'silent' : 'answers';
      // A machine falls silent or comes back, and the controllers find out; a kubelet that lives says itself how it is.
      await tell('apply', { nodes: [{ name, kubelet, ...(silent.has(name) ? {} : { ready: state === 'up' }) }] });
      if (state === 'up') silent.delete(name);
    },
    stopControllers: async () => undefined,
    pass: (passMs) => tell('clock', { passMs }),
    async end() {
      await backend[Symbol.asyncDispose]();
    },
  });
}

async function onCluster(nodes: number): Promise<NodeStage> {
  const cluster = await startCluster({ parts: 'kube', env: { CLUSTER_NODES: String(nodes) } });
  const { url, admin } = await realServer(cluster.kubeconfig);
  const gone = new Set<string>();
  return stage(rawClient(url, admin), {
    isReal: true,
    async node(name, state) {
      if (state === 'down') gone.add(name);
      if (gone.has(name) && state !== 'not-ready') return cluster.node(name, state);
      await cluster.kubectl(['label', 'node', name, `${NOT_READY}${state === 'up' ? '-' : '=true'}`]);
    },
    stopControllers: () => cluster.kill('kube-controller-manager'),
    pass: async (durationMs) => void (await new Promise((resolve) => setTimeout(resolve, durationMs))),
    end: () => cluster.close(),
  });
}

type Own = Pick<NodeStage, 'isReal' | 'node' | 'stopControllers' | 'pass'> & { readonly end: () => Promise<void> };

function stage({ request, watch }: Raw, { end, ...own }: Own): NodeStage {
  const open: (() => void)[] = [];
  return {
    ...own,
    request,
    async make(path, body) {
      const { status, text } = await request('POST', path, { body });
      if (status !== 201) throw new Error(`${path}: ${status} ${text}`);
    },
    async until(what, look) {
      for (let passedMs = 0; passedMs < LONGEST_MS; passedMs += STEP_MS) {
        const seen = await look();
        if (seen !== undefined) return seen;
        await own.pass(STEP_MS);
      }
      throw new Error(`not within a minute: ${what}`);
    },
    async record(path) {
      const { next, close } = await watch(path);
      open.push(close);
      const lines: WatchLine[] = [];
      const read = async (): Promise<void> => {
        for (let line = await next(); line !== undefined; line = await next()) lines.push(line);
      };
      // Closing it is how it ends.
      read().catch(() => undefined);
      return lines;
    },
    async [Symbol.asyncDispose]() {
      for (const close of open) close();
      await end();
    },
  };
}

export function condition(object: Json, type: string): Json | undefined {
  return listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
}

/** `Unknown/NodeStatusUnknown/Kubelet stopped posting node status.` */
export function conditionText(object: Json, type: string): string {
  const found = condition(object, type);
  return [textAt(found, 'status'), textAt(found, 'reason'), textAt(found, 'message')].filter((text) => text !== '').join('/');
}

/** `node.kubernetes.io/unreachable:NoSchedule`, for each, sorted: the order of two that were added at the same time says nothing. */
export function taints(node: Json): readonly string[] {
  return listAt(node, 'spec', 'taints')
    .map((taint) => `${textAt(taint, 'key')}:${textAt(taint, 'effect')}`)
    .sort();
}

export const isLeaving = (pod: Json): boolean => textAt(pod, 'metadata', 'deletionTimestamp') !== '';
export const isServing = (pod: Json): boolean => textAt(pod, 'status', 'phase') === 'Running' && conditionText(pod, 'Ready') === 'True' && !isLeaving(pod);
export const nameOf = (object: Json): string => textAt(object, 'metadata', 'name');

export async function podsIn({ request }: NodeStage, namespace: string): Promise<readonly Json[]> {
  return listAt((await request('GET', `/api/v1/namespaces/${namespace}/pods`)).body, 'items');
}

/** What a reader of the watch sees one after the other, without repetitions. */
export function story(lines: readonly WatchLine[], tell: (object: Json, type: string) => string): readonly string[] {
  return lines.map(({ object, type }) => tell(object, type)).filter((text, index, all) => text !== all[index - 1]);
}

/** The Ready condition and the taints of a node, as they change. */
export function nodeStory(lines: readonly WatchLine[]): readonly string[] {
  return story(lines, (node) => [conditionText(node, 'Ready'), ...taints(node)].join(' '));
}

/** A namespace with a ReplicaSet of pods that hold out for some seconds on a lost node, and with this budget for them. */
export async function deploy(
  { make }: NodeStage,
  namespace: string,
  { replicas, budget }: { readonly replicas: number; readonly budget: JsonObject },
): Promise<void> {
  const tolerations = ['unreachable', 'not-ready'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 3,
  }));
  const spec = { tolerations, terminationGracePeriodSeconds: 2, containers: [{ name: 'c', image: 'example.com/c' }] };
  await make('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await makeBudget({ make }, namespace, budget);
  await make(`/apis/apps/v1/namespaces/${namespace}/replicasets`, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: WEB }, template: { metadata: { labels: WEB }, spec } },
  });
}

/** The world's budgets are counted at once; `unseen` keeps one as it is before its controller has seen it. */
export async function makeBudget({ make }: Pick<NodeStage, 'make'>, namespace: string, spec: JsonObject, unseen = false): Promise<void> {
  await make(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', ...(unseen ? { annotations: { 'world.salvor.io/observed': 'false' } } : {}) },
    spec: { selector: { matchLabels: WEB }, ...spec },
  });
}
