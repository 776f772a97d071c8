/**
 * A node with 100 pods emptied by Salvor, from the approval until the node is empty, and by the real kubectl drain, from its start to its end, in turns
 * against the same simulated cluster over HTTP. kubectl's client asks five times a second by a limit of its own that no switch of `kubectl drain` lifts:
 * most of its time is that. Needs Go, to build kubectl.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { RunPage, RunView } from '../../src/port/view/run.ts';
import type { Salvor } from '../salvor.ts';
import { pause } from '../scope.ts';
import { openSite } from '../site.ts';
import { inTurns, type Work } from '../work.ts';
import { startWorld, type World } from '../world.ts';

const WORKLOADS = 10;
const KUBECTL = 'kubectl drain';

type Stage = { readonly world: World; readonly salvor: Salvor; readonly kubectl: (args: readonly string[]) => Promise<string>; readonly pods: number };

export const drain: Work = {
  name: 'drain',
  about: 'A node with 100 pods is emptied, by Salvor from the approval on, and by kubectl drain.',
  floors: [KUBECTL],
  lines: [{ figure: 'ms', what: 'until the node is empty', unit: 'ms', digits: 0, floor: KUBECTL, targets: [{ atMost: 1.2, times: true }] }],
  boundS: 240,
  warmsUp: true,
  async open({ many, scope }) {
    const built = spawnSync('bash', [join(import.meta.dirname, '..', '..', 'test', 'cluster', 'build.sh'), 'k8s'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    if (built.status !== 0) throw new Error('kubectl could not be built; the lines above say why');
    const program = join(built.stdout.trim(), 'kubectl');
    const world = await startWorld(scope, { nodes: Array.from({ length: 8 }, (_, n) => ({ name: `other-${n}` })) });
    const site = await openSite(scope, { of: 'embedded', api: { kubeconfig: world.kubeconfig } });
    const stage: Stage = { world, salvor: await site.start(), kubectl: (args) => run(program, args, world), pods: many(100, 5) };
    return inTurns([
      ['embedded', async (round) => ({ ms: await drained(stage, `s${round}`, () => bySalvor(stage, `s${round}`)) })],
      [KUBECTL, async (round) => ({ ms: await drained(stage, `k${round}`, () => byKubectl(stage, `k${round}`)) })],
    ]);
  },
};

/** Fills a new node, has it emptied, looks that it is, and takes away all that was made. */
async function drained({ world, kubectl, pods }: Stage, node: string, by: () => Promise<number>): Promise<number> {
  const owner = (n: number): string => `web${n % WORKLOADS}`;
  const filled = Array.from({ length: pods }, (_, n) => ({ name: `${node}/${owner(n)}-${n}`, node, owner: `Deployment/${owner(n)}`, stops: '300ms' }));
  await world.apply({ nodes: [{ name: node }], pods: filled });
  await pause(500);
  const takenMs = await by();
  const left = await kubectl(['get', 'pods', '-A', '--field-selector', `spec.nodeName=${node}`, '-o', 'name']);
  if (left !== '') throw new Error(`still on ${node}: ${left}`);
  await kubectl(['delete', 'namespace', node, '--wait=true']);
  await world.apply({ nodes: [{ name: node, gone: true }] });
  return takenMs;
}

async function bySalvor({ salvor }: Stage, node: string): Promise<number> {
  await salvor.ask('/api/v1/playbooks/node-drain/runs', z.unknown(), { params: { node }, reason: 'the benchmark' });
  const proposed = await runOf(salvor, node, ({ state }) => state === 'proposed');
  const startedMs = Date.now();
  await salvor.ask(`/api/v1/runs/${encodeURIComponent(proposed.id)}/approve`, z.unknown(), { plan: proposed.plan?.digest ?? '' });
  const done = await runOf(salvor, node, ({ state }) => state === 'done');
  const empty = done.journal.find(({ type, data }) => type === 'step.done' && data['step'] === 'drain');
  return (empty?.at ?? Number.NaN) - startedMs;
}

async function byKubectl({ kubectl }: Stage, node: string): Promise<number> {
  const startedMs = performance.now();
  await kubectl(['drain', node, '--ignore-daemonsets']);
  return performance.now() - startedMs;
}

async function runOf(salvor: Salvor, node: string, is: (run: RunView) => boolean): Promise<RunView> {
  for (;;) {
    const { items } = await salvor.ask('/api/v1/runs', RunPage);
    const found = items.find(({ target }) => target === node);
    const view = found && (await salvor.ask(`/api/v1/runs/${encodeURIComponent(found.id)}`, RunView));
    if (view !== undefined && is(view)) return view;
    if (view !== undefined && ['failed', 'handed-over', 'cancelled'].includes(view.state))
      throw new Error(`the run is ${view.state}: ${JSON.stringify(view.journal.slice(-5))}`);
    await pause(100);
  }
}

/** kubectl in front of the simulated cluster. */
function run(program: string, args: readonly string[], { kubeconfig }: World): Promise<string> {
  const child = spawn(program, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(out.trim()) : reject(new Error(`kubectl ${args.join(' ')}: ${said}`))));
  });
}
