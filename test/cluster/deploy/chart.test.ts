import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { manifestFiles } from '../../../scripts/deploy/manifests.ts';
import { rbac } from '../../../src/cli/rbac.ts';
import { parseConfig } from '../../../src/config.ts';
import { openStage, ROOT } from '../../e2e/stage/stage.ts';
import { CHART, example, helmIn, type Manifest, manifests, one } from './helm.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'salvor-helm-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const Role = z.object({
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()), resourceNames: z.array(z.string()).default(['*']) }),
  ),
});
const Binding = z.object({
  roleRef: z.object({ kind: z.literal('ClusterRole'), name: z.string() }),
  subjects: z.array(z.object({ kind: z.string(), name: z.string(), namespace: z.string() })),
});

/** Every right with the place where it is given and to whom: two sets of manifests that give the same answer the same. */
function given(all: readonly Manifest[]): readonly string[] {
  const rules = new Map(all.filter(({ kind }) => kind === 'ClusterRole').map((role) => [role.metadata.name, Role.parse(role).rules]));
  const found = new Set<string>();
  for (const binding of all.filter(({ kind }) => kind.endsWith('RoleBinding') || kind.endsWith('ClusterRoleBinding'))) {
    const { roleRef, subjects } = Binding.parse(binding);
    for (const { name, namespace } of subjects)
      for (const rule of rules.get(roleRef.name) ?? [])
        for (const group of rule.apiGroups)
          for (const resource of rule.resources)
            for (const verb of rule.verbs)
              for (const only of rule.resourceNames)
                found.add(`${namespace}/${name} may ${verb} ${group}/${resource} ${only} in ${binding.metadata.namespace ?? 'every namespace'}`);
  }
  return [...found].toSorted();
}

const CLUSTER = { name: 'prod', inCluster: true };

test.each([
  ['all shipped playbooks', {}, []],
  ['some disabled', { playbooks: { disable: ['node-drain', 'node-not-ready', 'node-replace', 'pod-restart', 'az-failure'] } }, []],
  ['Velero elsewhere', { playbooks: { veleroNamespace: 'backups', settings: { 'backup-run': { params: { namespace: 'more-backups' } } } } }, []],
  ['Velero elsewhere for one playbook', { playbooks: { settings: { 'backup-run': { params: { namespace: 'backups' } } } } }, []],
  ['what is off by default', {}, ['node.delete']],
])('the chart gives what salvor rbac prints, and nothing more: %s', async (_, settings, off) => {
  const stage = openStage();
  const config = { clusters: [CLUSTER], ...settings };
  const file = stage.write('salvor.yaml', JSON.stringify(config));
  const values = stage.write('values.json', JSON.stringify({ config, rbac: { with: off } }));
  const out: string[] = [];
  const io = { stdout: (text: string) => void out.push(text), stderr: (text: string) => void out.push(text) };
  expect(await rbac({ config: file, with: off, serviceAccount: 'ops/salvor' }, io), out.join('')).toBe(0);
  const printed = given(manifests(out.join('')));
  const charted = given(manifests(await helmIn(home)('template', 'salvor', CHART, '--namespace', 'ops', '--values', values)));
  expect(printed.length).toBeGreaterThan(10);
  expect(charted).toEqual(printed);
});

test('where no cluster is reached by the account of the pod, it has no rights and no token', async () => {
  const stage = openStage();
  const values = stage.write('values.yaml', 'config: { clusters: [{ name: far, default: true, kubeconfig: /run/secrets/far/kubeconfig }] }\nsecrets: [far]\n');
  const text = await helmIn(home)('template', 'salvor', CHART, '--values', values);
  expect(given(manifests(text))).toEqual([]);
  expect(text).toContain('automountServiceAccountToken: false');
  expect(text).not.toContain('automountServiceAccountToken: true');
});

test.each([
  ['a setting that is not one', 'config: { clusterz: [] }', /additional properties 'clusterz'/],
  ['a secret that is written down', 'config: { pagerduty: { routingKey: abc } }', /routingKey/],
  ['a value that is not one', 'replica: 3', /additional properties 'replica'/],
  ['several pods on the embedded store', 'replicas: 2', /replicas: the embedded store is for one Salvor/],
  ['an address that nobody reaches', "config: { listen: { address: '127.0.0.1' } }", /config\.listen\.address/],
  ['an action without such rights', 'rbac: { with: [node.cordon] }', /there are .*node\.delete/],
  ['copies of a Redis', "config: { store: { kind: redis, url: 'redis://redis:6379' } }\nbackup: { schedule: '0 1 * * *' }", /backup\.schedule/],
])('refused with the reason: %s', async (_, text, reason) => {
  const values = openStage().write('values.yaml', text);
  await expect(helmIn(home)('template', 'salvor', CHART, '--values', values)).rejects.toThrow(reason);
});

test('the site’s own playbooks are mounted, and named in its configuration beside the folders that it names itself', async () => {
  const values = openStage().write(
    'values.yaml',
    `config: { playbooks: { folders: [/mnt/own], disable: [az-status] } }\nplaybooks: { own.yaml: "id: own\\n" }\n`,
  );
  const all = manifests(await helmIn(home)('template', 'salvor', CHART, '--values', values));
  const data = z.object({ data: z.record(z.string(), z.string()) });
  const config = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'salvor');
  const own = all.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'salvor-playbooks');
  expect(parse(data.parse(config).data['salvor.yaml'] ?? '')).toMatchObject({
    playbooks: { folders: ['/mnt/own', '/etc/salvor-playbooks'], disable: ['az-status'] },
  });
  expect(data.parse(own).data).toEqual({ 'own.yaml': 'id: own\n' });
});

const Container = z.object({
  name: z.string(),
  securityContext: z.unknown(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  env: z.array(z.object({ name: z.string() })).default([]),
  volumeMounts: z.array(z.object({ mountPath: z.string(), readOnly: z.boolean().default(false) })).default([]),
});
const PodSpec = z.object({ containers: z.array(Container) });
const Deployment = z.object({ spec: z.object({ template: z.object({ spec: PodSpec }) }) });

test.each(['default', 'redis', 'everything'])('what the configuration names is in the pod, and nothing else can be written: %s', async (name) => {
  const values = name === 'default' ? [] : ['--values', example(name)];
  const all = manifests(await helmIn(home)('template', 'salvor', CHART, ...values));
  const [container] = Deployment.parse(one(all, 'Deployment')).spec.template.spec.containers;
  const text = z.object({ data: z.object({ 'salvor.yaml': z.string() }) }).parse(one(all, 'ConfigMap', 'salvor')).data['salvor.yaml'];
  const parsed = parseConfig(text, { file: '/etc/salvor/salvor.yaml' });
  if (!parsed.ok || container === undefined) throw new Error(JSON.stringify(parsed));

  const { config, secrets } = parsed;
  expect(container.ports.map(({ containerPort }) => containerPort)).toEqual([config.listen.port, config.listen.operations]);
  expect(secrets.length).toBeGreaterThan(0);
  const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
  const absent = secrets.filter(({ secret }) =>
    'env' in secret ? !container.env.some((variable) => variable.name === secret.env) : !mounts.includes(dirname(secret.file)),
  );
  expect(absent).toEqual([]);

  expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  const written = container.volumeMounts.flatMap(({ mountPath, readOnly }) => (readOnly ? [] : [mountPath]));
  const { store } = config;
  if (store.kind === 'embedded') expect(written).toContain(dirname(store.path));
  expect(written.filter((path) => !path.startsWith('/var/lib/salvor'))).toEqual([]);
  expect(written.length > 0).toBe(store.kind === 'embedded');
});

test('the plain manifests are what the chart renders: node scripts/render-manifests.ts makes them again', () => {
  const files = manifestFiles();
  expect([...files].filter(([path, text]) => readFileSync(join(ROOT, path), 'utf8') !== text).map(([path]) => path)).toEqual([]);
  expect(globSync('deploy/manifests/*', { cwd: ROOT }).toSorted()).toEqual([...files.keys()].toSorted());
  for (const text of files.values()) expect(given(manifests(text))).toEqual([]);
});
