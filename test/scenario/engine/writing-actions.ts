import { type Action, remediation, z } from '../../../src/action/contract.ts';
import { MARK, type Manifest } from '../../../src/model/object.ts';
import { configMap, field } from './config-map.ts';

/**
 * Creates one ConfigMap named by the stepKey; its rollback deletes it. The ConfigMap `base` is the fact an approval rests on, `helps` says whether
 * it helped (absent: yes), and `stuck` keeps its rollback from working.
 */
const write = remediation({
  id: 'test.write',
  summary: 'Write a ConfigMap',
  risk: 'reversible',
  needs: ['get configmaps', 'create configmaps', 'delete configmaps'],
  params: z.strictObject({ prefix: z.string().default('made'), note: z.string().optional(), level: z.number().optional(), must: z.string().optional() }),
  result: z.strictObject({ name: z.string(), level: z.number().optional() }),
  async plan({ kube, params, stepKey }) {
    const name = `${params.prefix}-${stepKey.slice(0, 8)}`;
    const base = await kube.find(configMap('base'));
    const object = `ConfigMap/app/${name}`;
    return {
      summary: `Create ${name}`,
      changes: [{ verb: 'create', object, ...(params.note === undefined ? {} : { note: params.note }) }],
      undo: [{ verb: 'delete', object }],
      facts: { base: base?.metadata.uid ?? 'none' },
    };
  },
  async execute({ kube, params, stepKey }) {
    const name = `${params.prefix}-${stepKey.slice(0, 8)}`;
    const manifest: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name }, data: {} };
    await kube.create(manifest);
    return { name, ...(params.level === undefined ? {} : { level: params.level }) };
  },
  async verify({ kube, result }) {
    const helps = field(await kube.find(configMap('helps')), 'state') ?? 'yes';
    if (helps !== 'yes') return { ok: false, reason: 'it did not help', again: helps === 'not-yet' };
    const made = await kube.find(configMap(result.name));
    return made === undefined ? { ok: false, reason: `${result.name} is gone` } : { ok: true, evidence: [`${result.name} is there`] };
  },
  async rollback({ kube, params, stepKey }) {
    const stuck = field(await kube.find(configMap('stuck')), 'state');
    if (stuck === 'slow') return { kind: 'more', more: 20_000, progress: 'it takes a while' };
    if (stuck !== undefined) return { kind: 'failed', reason: 'a finalizer holds it' };
    const made = await kube.find(configMap(`${params.prefix}-${stepKey.slice(0, 8)}`));
    if (made?.metadata.annotations?.[MARK.step] !== stepKey) return { kind: 'undone', evidence: 'it is not ours' };
    if (made.metadata.uid !== undefined) await kube.delete(configMap(made.metadata.name), { uid: made.metadata.uid });
    return { kind: 'undone' };
  },
});

/** Sets the state of a ConfigMap, as a cordon does: it marks what it sets, and gives back only what still carries its mark. */
const set = remediation({
  id: 'test.set',
  summary: 'Set the state of a ConfigMap',
  risk: 'reversible',
  needs: ['get configmaps', 'patch configmaps'],
  params: z.strictObject({ name: z.string(), to: z.string() }),
  result: z.strictObject({ before: z.string(), wasSet: z.boolean() }),
  async plan({ kube, params }) {
    const now = await kube.get(configMap(params.name));
    const from = field(now, 'state') ?? 'off';
    const facts = { uid: now.metadata.uid ?? '' };
    if (from === params.to) return { summary: `${params.name} is ${from} already`, changes: [], undo: [], facts };
    const change = { verb: 'patch', object: `ConfigMap/app/${params.name}`, field: 'data.state', from, to: params.to } as const;
    return { summary: `Set ${params.name} to ${params.to}`, changes: [change], undo: [{ ...change, from: params.to, to: from }], facts };
  },
  async execute({ kube, params, stepKey }) {
    const now = await kube.get(configMap(params.name));
    const before = field(now, 'state') ?? 'off';
    const marks = now.metadata.annotations ?? {};
    if (marks[MARK.step] === stepKey) return { before: marks[MARK.before] ?? 'off', wasSet: false };
    if (before === params.to) return { before, wasSet: true };
    const annotations = { [MARK.step]: stepKey, [MARK.before]: before };
    await kube.patch(configMap(params.name), { data: { state: params.to }, metadata: { annotations } }, { uid: now.metadata.uid ?? '' });
    return { before, wasSet: false };
  },
  async verify({ kube, params }) {
    const state = field(await kube.get(configMap(params.name)), 'state');
    return state === params.to
      ? { ok: true, evidence: [`${params.name} is ${state}`] }
      : { ok: false, reason: `somebody set ${params.name} to ${state ?? 'off'}` };
  },
  async rollback({ kube, params, stepKey }) {
    const now = await kube.find(configMap(params.name));
    const marks = now?.metadata.annotations ?? {};
    if (now === undefined || marks[MARK.step] !== stepKey) return { kind: 'undone', evidence: 'it is not ours any more' };
    const annotations = { [MARK.step]: null, [MARK.before]: null };
    await kube.patch(configMap(params.name), { data: { state: marks[MARK.before] ?? 'off' }, metadata: { annotations } }, { uid: now.metadata.uid ?? '' });
    return { kind: 'undone' };
  },
});

/** Sets the state of the ConfigMap `switch` without a mark, so a repeat cannot be told from a first time: it wants a person where its outcome is unknown. */
const flip = remediation({
  id: 'test.flip',
  summary: 'Flip the switch',
  risk: 'reversible',
  needs: ['get configmaps', 'patch configmaps'],
  onUnknown: 'ask',
  params: z.strictObject({}),
  result: z.strictObject({ before: z.string() }),
  async plan({ kube }) {
    const now = await kube.get(configMap('switch'));
    const change = { verb: 'patch', object: 'ConfigMap/app/switch', field: 'data.flips' } as const;
    return { summary: 'Flip the switch', changes: [change], undo: [change], facts: { uid: now.metadata.uid ?? '' } };
  },
  async execute({ kube }) {
    const now = await kube.get(configMap('switch'));
    const before = field(now, 'flips') ?? '0';
    await kube.patch(configMap('switch'), { data: { flips: String(Number(before) + 1) } }, { uid: now.metadata.uid ?? '' });
    return { before };
  },
  async verify({ result }) {
    return { ok: true, evidence: [`it was ${result.before}`] };
  },
  async rollback({ kube, result }) {
    const now = await kube.get(configMap('switch'));
    if (result === undefined) return { kind: 'undone', evidence: 'nothing is known to undo' };
    await kube.patch(configMap('switch'), { data: { flips: result.before } }, { uid: now.metadata.uid ?? '' });
    return { kind: 'undone' };
  },
});

export const writingActions: readonly Action[] = [write, set, flip];
