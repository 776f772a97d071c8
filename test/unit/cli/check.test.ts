import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type CheckOptions, check } from '../../../src/cli/check.ts';
import { playbook, playbooks } from '../../../src/cli/playbooks.ts';
import { rbac } from '../../../src/cli/rbac.ts';
import { bindings } from '../../../src/cli/rbac-bindings.ts';
import { rulesOf } from '../../../src/cli/rbac-rules.ts';
import type { Playbook } from '../../../src/model/playbook.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import { neededBy } from '../../../src/playbook/permissions.ts';
import { actions } from '../playbook/actions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salvor-check-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Said = { readonly code: number; readonly out: string; readonly err: string };

async function said(run: (io: { stdout(text: string): void; stderr(text: string): void }) => Promise<number>): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run({ stdout: (text) => void out.push(text), stderr: (text) => void err.push(text) });
  return { code, out: out.join(''), err: err.join('') };
}

const good = `clusters: [{ name: prod, kubeconfig: ./kubeconfig }]
people: [{ name: ana, teams: [platform] }, { name: ben, teams: [command] }]
roles: { approver: [platform], commander: [command], owner: [platform] }
`;

function checked(text: string, options: CheckOptions = {}): Promise<Said> {
  const file = join(folder, 'salvor.yaml');
  writeFileSync(file, text);
  return said((io) => check({ config: file, environment: {}, ...options }, io));
}

describe('salvor check', () => {
  test('says ok, and how much it looked at', async () => {
    const { code, out } = await checked(good);
    expect(out).toMatch(/^ok: .*salvor\.yaml and \d+ playbooks?\n$/);
    expect(code).toBe(0);
  });

  test('says first how many problems there are, then one a line, over all files', async () => {
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own', 'small.yaml'), 'summary: x\ntarget: { from: run.cluster }\nescalate: nights\n');
    const { code, out } = await checked(`${good}playbooks: { folders: [./own], disable: [nothing-at-all] }\n`);
    const [first, ...rest] = out.trimEnd().split('\n');
    expect(first).toMatch(/salvor\.yaml and \d+ playbooks: 2 problems$/);
    expect(rest).toEqual([
      expect.stringContaining('small.yaml:3:11: escalate: there is no ladder nights.'),
      expect.stringContaining('salvor.yaml:4:42: playbooks.disable[0]: there is no playbook nothing-at-all.'),
    ]);
    expect(code).toBe(1);
  });

  test('answers 1 for a file with problems and 2 for one that is not there', async () => {
    expect(await checked('clusters: []\n')).toMatchObject({ code: 1, out: expect.stringContaining('salvor.yaml: 1 problem\n') });
    expect(await said((io) => check({ config: join(folder, 'gone.yaml') }, io))).toMatchObject({ code: 2, out: expect.stringContaining('cannot be read') });
  });

  test('counts warnings apart, and they do not fail', async () => {
    const { code, out } = await checked('clusters: [{ name: prod }]\n');
    expect(out).toMatch(/^ok: .*, 3 warnings\n/);
    expect(code).toBe(0);
  });

  test('gives programs one JSON value', async () => {
    const { out } = await checked('clusters: []\n', { json: true });
    expect(JSON.parse(out)).toMatchObject({ ok: false, playbooks: null, problems: [{ line: 1, column: 11, field: 'clusters' }] });
  });

  test('asks the live part only where the files are right, and says what it says', async () => {
    const asked: string[] = [];
    const live = async ({ file }: { readonly file: string }) => {
      asked.push(file);
      return { problems: [{ file: 'prod', line: 1, column: 1, field: '', message: 'may not patch nodes' }], unreached: [] };
    };
    expect((await checked('clusters: []\n', { live })).code).toBe(1);
    expect(asked).toEqual([]);
    const { code, out } = await checked(good, { live });
    expect(out).toContain('prod:1:1: may not patch nodes\n');
    expect(code).toBe(1);
    const refuses = { file: 'prod', line: 1, column: 1, field: '', message: 'prod refuses connections' };
    const away = await checked(good, { live: async () => ({ problems: [refuses], unreached: ['prod'] }) });
    expect(away).toMatchObject({ code: 3, out: expect.stringContaining('prod refuses connections'), err: 'Not everything could be asked: prod\n' });
  });
});

describe('salvor playbooks', () => {
  test('lists what is shipped, and shows one in words', async () => {
    const file = join(folder, 'salvor.yaml');
    writeFileSync(file, `${good}playbooks: { folders: [./own] }\n`);
    mkdirSync(join(folder, 'own'));
    writeFileSync(
      join(folder, 'own', 'ask-me.yaml'),
      'summary: Ask somebody\ntarget: { from: run.cluster }\ncommand: ask me\nparams: { why: { type: text, summary: The reason } }\nstages: [{ id: ask, ask: { text: Go on?, role: owner, within: 90m, answer: { type: yes-no } } }]\n',
    );
    const list = await said((io) => playbooks({ config: file }, io));
    expect(list).toMatchObject({ code: 0, out: expect.stringMatching(/^ask-me +read +command ask me +Ask somebody$/m) });
    const one = await said((io) => playbook({ config: file, id: 'ask-me' }, io));
    expect(one.out).toContain('Stage ask\n  asks the owner, for up to 1h 30m: Go on?\n  otherwise: escalate\n');
    expect(one.out).toMatch(/^why +text +The reason$/m);
    const json = JSON.parse((await said((io) => playbook({ config: file, id: 'ask-me', json: true }, io))).out);
    expect(json).toMatchObject({ id: 'ask-me', risk: 'read', schema: { required: ['why'] } });
    expect(await said((io) => playbook({ config: file, id: 'askme' }, io))).toMatchObject({
      code: 1,
      err: 'There is no playbook askme. Did you mean ask-me?\n',
    });
  });

  test('answer 2 with the problems where the configuration is wrong', async () => {
    const file = join(folder, 'salvor.yaml');
    writeFileSync(file, 'clusters: []\n');
    expect(await said((io) => playbooks({ config: file }, io))).toMatchObject({ code: 2, out: '', err: expect.stringContaining('clusters: found a list') });
  });
});

describe('salvor rbac', () => {
  const own = [
    { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
  ];

  const rules = (...playbooks: readonly Playbook[]) => rulesOf(neededBy(playbooks, actions).map(({ permission }) => permission));

  test('asks for what the actions of the playbooks need, what waiting runs watch, and nothing more', () => {
    const text =
      'summary: x\ntarget: { from: run.cluster }\ndiagnose: [{ id: a, action: node.diagnose, with: { node: x } }]\nstages: [{ id: s, steps: [{ id: b, action: node.drain, with: { node: x } }] }]\n';
    const parsed = parsePlaybook({ id: 'p', text, file: 'p.yaml' });
    expect(parsed.ok && rules(parsed.playbook)).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
      ...own,
    ]);
    expect(rules()).toEqual(own);
  });

  test('prints a ClusterRole for all playbooks or some', async () => {
    const all = await said((io) => rbac({ config: folderConfig() }, io));
    expect(all.out).toMatch(/^# Made by `salvor rbac` for: [\s\S]*kind: ClusterRole\n/);
    const none = await said((io) => rbac({ config: folderConfig(), playbook: ['no-such'] }, io));
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('There is no playbook no-such.') });
  });

  test('leaves out what is off by default, says so, and gives it to whom asks for it by name', async () => {
    const without = await said((io) => rbac({ config: folderConfig(), playbook: ['node-replace'] }, io));
    expect(without.out).toContain('# Without what is off by default of node.delete: `salvor rbac --with node.delete`\n');
    expect(without.out).not.toContain('- delete');
    const given = await said((io) => rbac({ config: folderConfig(), playbook: ['node-replace'], with: ['node.delete'], json: true }, io));
    expect(JSON.parse(given.out).rules).toContainEqual({ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch', 'delete'] });
    const wrong = await said((io) => rbac({ config: folderConfig(), with: ['node.cordon'] }, io));
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('node.cordon has no rights that are off by default') });
  });

  test('of what is shipped asks for no wildcard and no Secret', async () => {
    const { out } = await said((io) => rbac({ config: folderConfig(), json: true }, io));
    expect(out).not.toMatch(/"\*"|secrets/);
  });

  test('binds the role to a service account only in the namespaces that are known, and what is its own everywhere', async () => {
    const { out } = await said((io) => rbac({ config: folderConfig(), json: true, serviceAccount: 'ops/salvor', playbook: ['backup-failed'] }, io));
    const { kind, items } = JSON.parse(out);
    expect(kind).toBe('List');
    expect(items.map(named)).toEqual(['ClusterRole/salvor', 'ClusterRole/salvor-itself', 'ClusterRoleBinding/salvor-itself', 'RoleBinding/velero/salvor']);
    expect(items[1].rules).toEqual(own);
    expect(items[3]).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'salvor' },
      subjects: [{ kind: 'ServiceAccount', name: 'salvor', namespace: 'ops' }],
    });
    const bad = await said((io) => rbac({ config: folderConfig(), serviceAccount: 'salvor' }, io));
    expect(bad).toMatchObject({ code: 2, out: '', err: expect.stringContaining('expected namespace/name') });
  });

  test('binds all of it everywhere where no right is for a namespace', () => {
    expect(bindings('ops/salvor', [{ verb: 'list', group: '', resource: 'nodes' }]).map(named)).toEqual(['ClusterRoleBinding/salvor']);
  });

  test('a right that is needed everywhere widens no other: backups are still made in one namespace only', () => {
    const nodes = { verb: 'patch', group: '', resource: 'nodes' };
    const backups = { verb: 'create', group: 'velero.io', resource: 'backups', namespace: 'velero' };
    const made = bindings('ops/salvor', [nodes, backups]);
    expect(made.map(named)).toEqual(['ClusterRole/salvor-everywhere', 'ClusterRoleBinding/salvor-everywhere', 'RoleBinding/velero/salvor']);
    expect(made[0]).toMatchObject({ rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['patch'] }, ...own] });
  });

  const Named = z.object({ kind: z.string(), metadata: z.object({ name: z.string(), namespace: z.string().optional() }) });
  function named(manifest: unknown): string {
    const { kind, metadata } = Named.parse(manifest);
    return [kind, ...(metadata.namespace === undefined ? [] : [metadata.namespace]), metadata.name].join('/');
  }

  function folderConfig(): string {
    const file = join(folder, 'salvor.yaml');
    writeFileSync(file, good);
    return file;
  }
});
