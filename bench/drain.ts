/**
 * A node with 100 pods emptied by Salvor, from the approval until the node is empty, and by the real kubectl drain, from its start to its end, in turns
 * against the same simulated cluster over HTTP. `node bench/drain.ts [rounds]`. The target is 1.2 times kubectl, whose client asks five times a second
 * by a limit of its own that no switch of `kubectl drain` lifts: most of its time is that.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { RunPage, RunView } from '../src/port/view/run.ts';
import { pause, startSalvor } from './salvor.ts';
import { machineLine, printTable, roundsAsked, spread } from './table.ts';
import { startWorld } from './world.ts';

const PODS = 100;
const WORKLOADS = 10;
const TARGET = 1.2;
const rounds = roundsAsked();

const built = spawnSync('bash', [join(import.meta.dirname, '..', 'test', 'cluster', 'build.sh'), 'k8s'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
});
if (built.status !== 0) throw new Error('kubectl could not be built; the lines above say why');
const kubectl = join(built.stdout.trim(), 'kubectl');

const world = await startWorld({ nodes: Array.from({ length: 8 }, (_, n) => ({ name: `other-${n}` })) });
const salvor = await startSalvor({ kubeconfig: world.kubeconfig });
try {
  await measure();
} finally {
  await salvor.stop();
  await world.stop();
}

async function measure(): Promise<void> {
  const salvorMs: number[] = [];
  const kubectlMs: number[] = [];
  // The first round warms both up.
  for (let round = -1; round < rounds; round += 1) {
    const first = await drained(`s${round + 1}`, bySalvor);
    const second = await drained(`k${round + 1}`, byKubectl);
    if (round < 0) continue;
    salvorMs.push(first);
    kubectlMs.push(second);
  }
  const ratios = salvorMs.map((ms, at) => ms / (kubectlMs[at] ?? Number.NaN));
  console.log(`A node with ${PODS} pods is emptied: ${rounds} rounds in turns, min..median..max\n${machineLine()}`);
  printTable(
    ['by', 'ms'],
    [
      ['Salvor, approval to empty', spread(salvorMs, 0)],
      ['kubectl drain', spread(kubectlMs, 0)],
    ],
  );
  console.log(`Salvor takes ${spread(ratios)} times kubectl; target ${TARGET}: ${middle(ratios) <= TARGET ? 'met' : 'missed'}`);
}

/** Fills a new node, has it emptied, looks that it is, and takes away all that was made. */
async function drained(node: string, by: (node: string) => Promise<number>): Promise<number> {
  const owner = (n: number): string => `web${n % WORKLOADS}`;
  const pods = Array.from({ length: PODS }, (_, n) => ({ name: `${node}/${owner(n)}-${n}`, node, owner: `Deployment/${owner(n)}`, stops: '300ms' }));
  await world.apply({ nodes: [{ name: node }], pods });
  await pause(500);
  const takenMs = await by(node);
  const left = await run(['get', 'pods', '-A', '--field-selector', `spec.nodeName=${node}`, '-o', 'name']);
  if (left !== '') throw new Error(`still on ${node}: ${left}`);
  await run(['delete', 'namespace', node, '--wait=true']);
  await world.apply({ nodes: [{ name: node, gone: true }] });
  return takenMs;
}

async function bySalvor(node: string): Promise<number> {
  await ask('/api/v1/playbooks/node-drain/runs', z.unknown(), { params: { node }, reason: 'the benchmark' });
  const proposed = await runOf(node, ({ state }) => state === 'proposed');
  const startedMs = Date.now();
  await ask(`/api/v1/runs/${encodeURIComponent(proposed.id)}/approve`, z.unknown(), { plan: proposed.plan?.digest ?? '' });
  const done = await runOf(node, ({ state }) => state === 'done');
  const empty = done.journal.find(({ type, data }) => type === 'step.done' && data['step'] === 'drain');
  return (empty?.at ?? Number.NaN) - startedMs;
}

async function byKubectl(node: string): Promise<number> {
  const startedMs = performance.now();
  await run(['drain', node, '--ignore-daemonsets']);
  return performance.now() - startedMs;
}

async function runOf(node: string, is: (run: RunView) => boolean): Promise<RunView> {
  for (;;) {
    const { items } = await ask('/api/v1/runs', RunPage);
    const found = items.find(({ target }) => target === node);
    const view = found && (await ask(`/api/v1/runs/${encodeURIComponent(found.id)}`, RunView));
    if (view !== undefined && is(view)) return view;
    if (view !== undefined && ['failed', 'handed-over', 'cancelled'].includes(view.state))
      throw new Error(`the run is ${view.state}: ${JSON.stringify(view.journal.slice(-5))}`);
    await pause(100);
  }
}

async function ask<T>(path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${salvor.token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${salvor.url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return schema.parse(JSON.parse(text));
}

/** kubectl in front of the simulated cluster. */
function run(args: readonly string[]): Promise<string> {
  const child = spawn(kubectl, args, { env: { ...process.env, KUBECONFIG: world.kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(out.trim()) : reject(new Error(`kubectl ${args.join(' ')}: ${said}`))));
  });
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
