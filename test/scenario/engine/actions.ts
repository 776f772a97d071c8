import { type Action, check, diagnosis, remediation, z } from '../../../src/action/contract.ts';
import type { KubeObject, Manifest } from '../../../src/model/object.ts';

/** Actions that do the least a cluster can show: what they find, wait for and write are ConfigMaps of the namespace `app`, which the stories set. */
const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', name });
const field = (object: KubeObject | undefined, name: string): string | undefined => {
  const values = z.object({ data: z.record(z.string(), z.string()).optional() }).safeParse(object).data?.data;
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
};

/** Finds what the ConfigMap `finding` says: act, wait, recovered, hand-over; without one: act. */
const look = diagnosis({
  id: 'test.look',
  summary: 'Look at what the story says',
  needs: ['get configmaps'],
  params: z.strictObject({}),
  facts: z.strictObject({ kind: z.string(), answers: z.boolean() }),
  async run({ kube }) {
    const story = await kube.find(configMap('finding'));
    const kind = field(story, 'kind') ?? 'act';
    const facts = { kind, answers: field(story, 'answers') !== 'no' };
    const evidence = [`the story says ${kind}`];
    if (kind === 'wait') return { finding: { kind: 'wait', reason: 'the storage is away', lookAgainMs: 30_000, giveUpMs: 3 * 3_600_000 }, facts, evidence };
    if (kind === 'recovered') return { finding: { kind: 'recovered', reason: 'it is well again' }, facts, evidence };
    if (kind === 'hand-over') return { finding: { kind: 'hand-over', reason: 'wrong credentials', hints: ['renew the secret'] }, facts, evidence };
    return { finding: { kind: 'act', reason: 'it can be done' }, facts, evidence };
  },
});

/** True once the ConfigMap `ready` says so. */
const ready = check({
  id: 'test.ready',
  summary: 'Is the story ready?',
  needs: ['get configmaps'],
  params: z.strictObject({ name: z.string().default('ready') }),
  facts: z.strictObject({ level: z.number() }),
  async run({ kube, params }) {
    const level = field(await kube.find(configMap(params.name)), 'level');
    if (level === undefined) return { ok: false, reason: `${params.name} is not there yet`, again: true };
    return { ok: true, facts: { level: Number(level) }, evidence: [`${params.name} is at ${level}`] };
  },
});

const written = z.strictObject({ name: z.string() });

/** Creates one ConfigMap named by the stepKey; its rollback deletes it. The ConfigMap `base` is the fact an approval rests on. */
const write = remediation({
  id: 'test.write',
  summary: 'Write a ConfigMap',
  risk: 'reversible',
  needs: ['get configmaps', 'create configmaps', 'delete configmaps'],
  params: z.strictObject({ prefix: z.string().default('made'), fails: z.boolean().default(false) }),
  result: written,
  async plan({ kube, params, stepKey }) {
    const name = `${params.prefix}-${stepKey.slice(0, 8)}`;
    const base = await kube.find(configMap('base'));
    const object = `ConfigMap/app/${name}`;
    return {
      summary: `Create ${name}`,
      changes: [{ verb: 'create', object }],
      undo: [{ verb: 'delete', object }],
      facts: { base: base?.metadata.uid ?? 'none' },
    };
  },
  async execute({ kube, params, stepKey }) {
    const name = `${params.prefix}-${stepKey.slice(0, 8)}`;
    const manifest: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name }, data: {} };
    await kube.create(manifest);
    return { name };
  },
  async verify({ kube, params, result }) {
    if (params.fails) return { ok: false, reason: 'it did not help' };
    const made = await kube.find(configMap(result.name));
    return made === undefined ? { ok: false, reason: `${result.name} is gone` } : { ok: true, evidence: [`${result.name} is there`] };
  },
  async rollback({ kube, params, stepKey }) {
    const made = await kube.find(configMap(`${params.prefix}-${stepKey.slice(0, 8)}`));
    if (made?.metadata.uid !== undefined) await kube.delete(configMap(made.metadata.name), { uid: made.metadata.uid });
    return { kind: 'undone' };
  },
});

/** Deletes the ConfigMaps labelled `old`, one a round, and keeps two: a floor that is checked before each delete. */
const clean = remediation({
  id: 'test.clean',
  summary: 'Delete old ConfigMaps but for two',
  risk: 'destructive',
  needs: ['list configmaps', 'delete configmaps'],
  params: z.strictObject({}),
  result: z.strictObject({ deleted: z.number() }),
  async plan({ kube }) {
    const old = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', labelSelector: 'old=yes' });
    const doomed = old.slice(0, Math.max(0, old.length - 2));
    return {
      summary: `Delete ${doomed.length} of ${old.length}`,
      changes: doomed.map((one) => ({ verb: 'delete', object: `ConfigMap/app/${one.metadata.name}` })),
      undo: [],
      facts: {},
    };
  },
  async execute({ kube }) {
    const old = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', labelSelector: 'old=yes' });
    const [first] = old;
    if (first?.metadata.uid === undefined || old.length <= 2) return { deleted: 0 };
    await kube.delete(configMap(first.metadata.name), { uid: first.metadata.uid });
    return { more: 10_000, progress: `${old.length - 3} left to delete` };
  },
  async verify() {
    return { ok: true, evidence: ['two are left'] };
  },
  rollback: { impossible: 'what is deleted is gone' },
});

/** Starts something that goes on by itself: done when the ConfigMap `outcome` says so. */
const begin = remediation({
  id: 'test.begin',
  summary: 'Start something that goes on without us',
  risk: 'reversible',
  needs: ['create configmaps', 'get configmaps'],
  params: z.strictObject({}),
  result: written,
  async plan({ stepKey }) {
    const object = `ConfigMap/app/begun-${stepKey.slice(0, 8)}`;
    return { summary: 'Begin', changes: [{ verb: 'create', object }], undo: [], facts: {} };
  },
  async execute({ kube, stepKey }) {
    const name = `begun-${stepKey.slice(0, 8)}`;
    await kube.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name }, data: {} });
    return { name };
  },
  async observe({ kube }) {
    const outcome = field(await kube.find(configMap('outcome')), 'state');
    if (outcome === 'done') return { state: 'done' };
    if (outcome === 'failed') return { state: 'failed', reason: 'it failed on its own' };
    return { state: 'pending', progress: `${outcome ?? 0} of 10` };
  },
  async verify() {
    return { ok: true, evidence: ['it went through'] };
  },
  rollback: { impossible: 'what has begun goes on' },
});

/** Sets a field of the ConfigMap `switch` and remembers what it was; wants to be asked when its outcome is unknown. */
const flip = remediation({
  id: 'test.flip',
  summary: 'Flip the switch',
  risk: 'reversible',
  needs: ['get configmaps', 'patch configmaps'],
  onUnknown: 'ask',
  params: z.strictObject({ to: z.string().default('on') }),
  result: z.strictObject({ before: z.string() }),
  async plan({ kube, params }) {
    const now = await kube.get(configMap('switch'));
    const from = field(now, 'state') ?? 'off';
    if (from === params.to) return { summary: `The switch is ${from} already`, changes: [], undo: [], facts: { uid: now.metadata.uid ?? '' } };
    const change = { verb: 'patch', object: 'ConfigMap/app/switch', field: 'data.state', from, to: params.to } as const;
    return {
      summary: `Turn the switch ${params.to}`,
      changes: [change],
      undo: [{ ...change, from: params.to, to: from }],
      facts: { uid: now.metadata.uid ?? '' },
    };
  },
  async execute({ kube, params }) {
    const now = await kube.get(configMap('switch'));
    const before = field(now, 'state') ?? 'off';
    if (before !== params.to) await kube.patch(configMap('switch'), { data: { state: params.to } }, { uid: now.metadata.uid ?? '' });
    return { before };
  },
  async verify({ kube, params }) {
    const state = field(await kube.get(configMap('switch')), 'state');
    return state === params.to ? { ok: true, evidence: [`the switch is ${state}`] } : { ok: false, reason: `the switch is ${state ?? 'off'}` };
  },
  async rollback({ kube, result }) {
    const now = await kube.get(configMap('switch'));
    if (result !== undefined) await kube.patch(configMap('switch'), { data: { state: result.before } }, { uid: now.metadata.uid ?? '' });
    return { kind: 'undone' };
  },
});

/** Tries to write what its plan does not name. */
const stray = remediation({
  id: 'test.stray',
  summary: 'Write what was not planned',
  risk: 'reversible',
  needs: ['create configmaps'],
  params: z.strictObject({}),
  result: z.strictObject({}),
  async plan() {
    return { summary: 'Create one', changes: [{ verb: 'create', object: 'ConfigMap/app/planned' }], undo: [], facts: {} };
  },
  async execute({ kube }) {
    await kube.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name: 'not-planned' } });
    return {};
  },
  async verify() {
    return { ok: true, evidence: [] };
  },
  rollback: { impossible: 'it never writes' },
});

const actions: readonly Action[] = [look, ready, write, clean, begin, flip, stray];

/** A catalog of the test actions. */
export const testActions = { get: (id: string): Action | undefined => actions.find((action) => action.id === id) };
