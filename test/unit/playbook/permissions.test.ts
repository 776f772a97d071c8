import { describe, expect, test } from 'vitest';
import { makeCatalog } from '../../../src/action/catalog.ts';
import { diagnosis, remediation, z } from '../../../src/action/contract.ts';
import { permissionText, refusedText } from '../../../src/domain/permission.ts';
import { problemText } from '../../../src/model/problem.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import { missingText, neededBy } from '../../../src/playbook/permissions.ts';

const params = z.strictObject({ namespace: z.string().default('velero') });
const look = diagnosis({
  id: 'thing.look',
  summary: 'Look',
  needs: ['get things.example.com', 'create downloadrequests.velero.io'],
  params,
  facts: z.strictObject({}),
  run: async () => ({ finding: { kind: 'act', reason: '' }, facts: {}, evidence: [] }),
});
const make = remediation({
  id: 'thing.make',
  summary: 'Make',
  risk: 'reversible',
  needs: ['get things.example.com', 'create things.example.com'],
  params,
  result: z.strictObject({}),
  plan: async () => ({ summary: '', changes: [], undo: [], facts: {} }),
  execute: async () => ({}),
  verify: async () => ({ ok: true, evidence: [] }),
  rollback: { impossible: 'it stays' },
});
const catalog = makeCatalog([look, make]);

function playbook(given: string, param = '') {
  const text = `summary: x\ntarget: { from: run.cluster }\nparams: { ${param} }\ndiagnose: [{ id: look, action: thing.look${given} }]\n`;
  const parsed = parsePlaybook({ id: 'p', text, file: 'p.yaml' });
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.playbook;
}

describe('a right is needed', () => {
  test.each([
    ["in the action's own namespace where nothing is given", '', '', 'get things.example.com in velero'],
    ['in the namespace that is given', ', with: { namespace: shop }', '', 'get things.example.com in shop'],
    ["in a parameter's default", ', with: { namespace: { from: params.ns } }', 'ns: { type: namespace, default: shop }', 'get things.example.com in shop'],
    [
      'everywhere where an alert says it',
      ', with: { namespace: { from: params.ns } }',
      'ns: { type: namespace, from: alert.labels.namespace, default: shop }',
      'get things.example.com',
    ],
    ['everywhere where a person says it', ', with: { namespace: { from: params.ns } }', 'ns: { type: namespace }', 'get things.example.com'],
    ['everywhere where it is found out', ', with: { namespace: { from: found.ns } }', '', 'get things.example.com'],
  ])('%s', (_, given, param, name) => {
    expect(neededBy([playbook(given, param)], catalog).map(({ permission }) => permissionText(permission))).toContain(name);
  });
});

test('what is read is watched, but not what only asks', () => {
  const watched = neededBy([playbook('')], catalog).filter(({ watch }) => watch);
  expect(watched.map(({ permission }) => permissionText(permission))).toEqual(['list things.example.com in velero', 'watch things.example.com in velero']);
});

test('a right that only makes an action know more is asked for, and nothing is said to need it, unless another action does', () => {
  const see = { ...look, id: 'thing.see', needs: [], optional: ['list fences.example.com', 'create things.example.com'] };
  const more = makeCatalog([look, make, see]);
  const steps = (...ids: readonly string[]) => [{ ...playbook(''), diagnose: ids.map((action) => ({ id: action.slice(6), action, with: {} })) }];
  const optional = (needed: ReturnType<typeof neededBy>) => needed.filter((one) => one.optional === true).map(({ permission }) => permissionText(permission));
  expect(optional(neededBy(steps('thing.see'), more))).toEqual([
    'create things.example.com in velero',
    'list fences.example.com in velero',
    'watch fences.example.com in velero',
  ]);
  expect(optional(neededBy(steps('thing.see', 'thing.make'), more))).not.toContain('create things.example.com in velero');
});

test('each right is told once, with everybody who cannot do without it', () => {
  const twice = { ...playbook(''), stages: [] };
  const [first] = neededBy([{ ...twice, diagnose: [...twice.diagnose, { id: 'again', action: 'thing.make', with: {} }] }], catalog).filter(
    ({ permission }) => permission.verb === 'get' && permission.resource === 'things',
  );
  expect(missingText('prod', first === undefined ? [] : [first])).toBe(
    'prod does not let us get things.example.com in velero, which thing.look, thing.make need; salvor rbac | kubectl apply -f - gives the right',
  );
});

describe("the server's own refusal has the same name", () => {
  const by = 'is forbidden: User "system:serviceaccount:ops:salvor" cannot';
  test.each([
    [`things.example.com ${by} list resource "things" in API group "example.com" in the namespace "velero"`, 'may not list things.example.com in velero;'],
    [`nodes ${by} list resource "nodes" in API group "" at the cluster scope`, 'may not list nodes;'],
    [`pods "x" ${by} create resource "pods/eviction" in API group "" in the namespace "app"`, 'may not create pods/eviction in app;'],
    [`namespaces "kube-system" ${by} get resource "namespaces" in API group "" in the namespace "kube-system"`, 'may not get namespaces kube-system;'],
  ])('%s', (message, name) => {
    expect(refusedText(message)).toContain(`system:serviceaccount:ops:salvor ${name}`);
  });

  test('and what is no question of rights stays as it is', () => {
    expect(refusedText('pods "x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1')).toBeUndefined();
  });
});
