import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../e2e/stage/until.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { CHART, CRDS, example, helmIn, Manifest, manifests, one } from './helm.ts';

const RESTRICTED = ['pod-security.kubernetes.io/enforce=restricted', 'pod-security.kubernetes.io/enforce-version=latest'];
const OURS = 'app.kubernetes.io/instance=salvor';
const WAIT = ['--wait', '--timeout', '90s'] as const;

let cluster: Cluster;
let home: string;
let helm: ReturnType<typeof helmIn>;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube' });
  home = mkdtempSync(join(tmpdir(), 'salvor-helm-'));
  helm = helmIn(home, cluster.env);
  await cluster.kubectl(['create', 'namespace', 'velero']);
  await cluster.kubectl(['create', 'namespace', 'salvor']);
  await cluster.kubectl(['label', 'namespace', 'salvor', ...RESTRICTED]);
  await cluster.kubectl(['apply', '--server-side', '-f', CRDS]);
  // Nobody makes volumes here.
  for (const name of ['one', 'two', 'three']) await cluster.kubectl(['apply', '-f', '-'], volume(name));
}, 240_000);
afterAll(async () => {
  await cluster?.close();
  rmSync(home, { recursive: true, force: true });
});

function volume(name: string): string {
  const spec = {
    capacity: { storage: '5Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    hostPath: { path: `/fake/${name}` },
  };
  return JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec });
}

const PodTemplate = z.object({ metadata: z.looseObject({}), spec: z.looseObject({ securityContext: z.looseObject({}) }) });
const Workload = z.union([
  z.object({ spec: z.object({ template: PodTemplate }) }).transform(({ spec }) => spec.template),
  z
    .object({ spec: z.object({ jobTemplate: z.object({ spec: z.object({ template: PodTemplate }) }) }) })
    .transform(({ spec }) => spec.jobTemplate.spec.template),
]);

/** What a controller makes of a template, tried at the server: Pod Security looks at pods, not at Deployments. */
const asPod = ({ metadata, spec }: z.infer<typeof PodTemplate>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'tried' }, spec: { ...spec, serviceAccountName: 'default' } });

const tryPod = (pod: string): Promise<string> => cluster.kubectl(['-n', 'salvor', 'create', '--dry-run=server', '-f', '-'], pod);

test.each([
  ['the default', []],
  ['Redis', ['--values', example('redis')]],
  ['everything', ['--values', example('everything')]],
])('the real API server takes it strictly, and its pods under Pod Security "restricted": %s', async (_, values) => {
  await helm('lint', CHART, '--strict', ...values);
  const text = await helm('template', 'salvor', CHART, '--namespace', 'salvor', ...values);
  const all = manifests(text);
  const said = await cluster.kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'], text);
  expect(said.trim().split('\n')).toHaveLength(all.length);
  const workloads = all.filter(({ kind }) => kind === 'Deployment' || kind === 'CronJob');
  expect(workloads.length).toBeGreaterThan(0);
  for (const workload of workloads) {
    const template = Workload.parse(workload);
    expect(await tryPod(asPod(template))).toContain('pod/tried created (server dry run)');
    const { runAsNonRoot: _root, ...loose } = template.spec.securityContext;
    await expect(tryPod(asPod({ ...template, spec: { ...template.spec, securityContext: loose } }))).rejects.toThrow(/violates PodSecurity "restricted/);
  }
  // What it does not make for itself is asked of the operator.
  expect(all.map(({ kind }) => kind)).not.toContain('Secret');
});

test.each(['embedded', 'redis'])('so are the plain manifests: %s', async (name) => {
  const file = join(CHART, '..', 'manifests', `${name}.yaml`);
  const said = await cluster.kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', file]);
  expect(said.trim().split('\n')).toHaveLength(manifests(readFileSync(file, 'utf8')).length);
});

test('the example of External Secrets is one', async () => {
  const file = join(CHART, '..', 'examples', 'external-secret.yaml');
  expect(await cluster.kubectl(['-n', 'salvor', 'apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', file])).toContain(
    'serverside-applied',
  );
});

test('installed, changed and uninstalled: the store stays, and nothing else does', { timeout: 300_000 }, async () => {
  const before = await ours();
  await helm(...documented('install'));
  const [pod, claim] = [await onlyPod(), await uidOf('pvc/salvor')];

  // A setting that is read again when it changes: the same pod, another file.
  await helm('upgrade', 'salvor', CHART, '--namespace', 'salvor', '--reuse-values', ...WAIT, '--set', 'config.watchdog.within=7m');
  expect(await cluster.kubectl(['-n', 'salvor', 'get', 'configmap', 'salvor', '-o', 'jsonpath={.data}'])).toContain('within: 7m');
  expect(await onlyPod()).toBe(pod);

  // One that is read at the start only, and one of the pod: another pod, never two at once, on the same claim.
  await helm(
    'upgrade',
    'salvor',
    CHART,
    '--namespace',
    'salvor',
    '--reuse-values',
    ...WAIT,
    '--set',
    'config.limits.inbox=1000',
    '--set',
    'resources.limits.memory=1Gi',
  );
  const next = await until('one pod is there', async () => onlyPod());
  expect(next).not.toBe(pod);
  expect(await uidOf('pvc/salvor')).toBe(claim);
  expect(await cluster.kubectl(['-n', 'salvor', 'get', 'pod', '-l', OURS, '-o', 'jsonpath={..resources.limits.memory} {..strategy.type}'])).toContain('1Gi');

  await helm(...documented('uninstall'), ...WAIT);
  await until('only its claim is left', async () => (await ours()).length === before.length + 1);
  expect(await uidOf('pvc/salvor')).toBe(claim);

  // The next one takes the store up again; and where the claim is not to be kept, nothing stays.
  await helm('install', 'salvor', CHART, '--namespace', 'salvor', ...WAIT, '--take-ownership', '--set', 'persistence.keep=false');
  expect(await uidOf('pvc/salvor')).toBe(claim);
  await helm('uninstall', 'salvor', '--namespace', 'salvor', ...WAIT);
  await until('nothing is left', async () => (await ours()).length === before.length);
});

test('three replicas on Redis, spread over nodes, of which one at a time may be away', { timeout: 200_000 }, async () => {
  await helm('install', 'salvor', CHART, '--namespace', 'salvor', ...WAIT, '--values', example('redis'));
  const nodes = await cluster.kubectl(['-n', 'salvor', 'get', 'pods', '-l', OURS, '-o', 'jsonpath={.items[*].spec.nodeName}']);
  expect(new Set(nodes.split(' ')).size).toBe(3);
  await until(
    'the budget allows one',
    async () => (await cluster.kubectl(['-n', 'salvor', 'get', 'pdb', 'salvor', '-o', 'jsonpath={.status.disruptionsAllowed}'])) === '1',
  );
  // No volume: everything is in Redis.
  expect(await cluster.kubectl(['-n', 'salvor', 'get', 'pvc', '-l', OURS, '-o', 'name'])).toBe('');
  await helm('uninstall', 'salvor', '--namespace', 'salvor', ...WAIT);
});

/** What docs/deploy.md tells people to type. */
function documented(what: 'install' | 'uninstall'): readonly string[] {
  const words = new RegExp(`helm (${what} salvor [^\`\\n]*)`).exec(readFileSync(join(CHART, '..', '..', 'docs', 'deploy.md'), 'utf8'))?.[1]?.split(' ');
  if (words === undefined) throw new Error(`docs/deploy.md does not say how to ${what}`);
  return words.map((word) => (word === 'deploy/chart' ? CHART : word));
}

const Items = z.object({ items: z.array(Manifest) });

/** The uid of the one pod that is not on its way out. */
async function onlyPod(): Promise<string> {
  const { items } = Items.parse(JSON.parse(await cluster.kubectl(['-n', 'salvor', 'get', 'pods', '-l', OURS, '-o', 'json'])));
  const pod = one(
    items.filter(({ metadata }) => metadata['deletionTimestamp'] === undefined),
    'Pod',
  );
  return z.string().parse(pod.metadata['uid']);
}

const uidOf = (what: string): Promise<string> => cluster.kubectl(['-n', 'salvor', 'get', what, '-o', 'jsonpath={.metadata.uid}']);

/** Everything of the release, of every kind that the server knows, in every namespace. */
async function ours(): Promise<readonly string[]> {
  const kinds = (await cluster.kubectl(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n').join(',');
  return (await cluster.kubectl(['get', kinds, '-A', '-l', OURS, '-o', 'name', '--ignore-not-found'])).split('\n').filter((line) => line !== '');
}
