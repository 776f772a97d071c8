import { type Action, check, diagnosis, remediation, z } from '../../../src/action/contract.ts';
import { configMap, field } from './config-map.ts';
import { oddActions } from './odd-actions.ts';
import { writingActions } from './writing-actions.ts';

/** Actions that do the least a cluster can show: what they find, wait for and write are ConfigMaps of the namespace `app`, which the stories set. */

const HOUR_MS = 3_600_000;

/** Finds what a ConfigMap says: act, wait, recovered, hand-over; without one: act. */
const look = diagnosis({
  id: 'test.look',
  summary: 'Look at what the story says',
  needs: ['get configmaps'],
  params: z.strictObject({ name: z.string().default('finding'), level: z.number().optional(), hint: z.string().optional() }),
  facts: z.strictObject({ kind: z.string(), answers: z.boolean(), level: z.number().optional(), zone: z.string().optional(), hint: z.string().optional() }),
  async run({ kube, params }) {
    const story = await kube.find(configMap(params.name));
    const kind = field(story, 'kind') ?? 'act';
    const level = field(story, 'level');
    const zone = field(story, 'zone');
    const factTime = field(story, 'factTimeMs');
    const facts = {
      kind,
      answers: field(story, 'answers') !== 'no',
      ...(level === undefined ? {} : { level: Number(level) }),
      ...(zone === undefined ? {} : { zone }),
      ...(params.hint === undefined ? {} : { hint: params.hint }),
    };
    const evidence = [`the story says ${kind}`, ...(field(story, 'long') === 'yes' ? ['x'.repeat(20_000)] : [])];
    const said = { facts, evidence, ...(factTime === undefined ? {} : { measured: { factTimeMs: Number(factTime) } }) };
    const reason = field(story, 'reason');
    if (kind === 'wait') return { finding: { kind: 'wait', reason: reason ?? 'the storage is away', lookAgainMs: 30_000, giveUpMs: 3 * HOUR_MS }, ...said };
    if (kind === 'recovered') return { finding: { kind: 'recovered', reason: 'it is well again' }, ...said };
    if (kind === 'hand-over') return { finding: { kind: 'hand-over', reason: 'wrong credentials', hints: ['renew the secret'] }, ...said };
    return { finding: { kind: 'act', reason: reason ?? 'it can be done' }, ...said };
  },
});

/** True once a ConfigMap has a level, and in time to come where it has none; never where it says `never`. */
const ready = check({
  id: 'test.ready',
  summary: 'Is the story ready?',
  needs: ['get configmaps'],
  params: z.strictObject({ name: z.string().default('ready') }),
  facts: z.strictObject({ level: z.number() }),
  async run({ kube, params, nowMs }) {
    const story = await kube.find(configMap(params.name));
    const level = field(story, 'level');
    if (field(story, 'never') !== undefined) return { ok: false, reason: `${params.name} can never be`, again: false };
    if (field(story, 'counts') !== undefined) return { ok: false, reason: `${params.name} is at ${nowMs}`, again: true };
    if (level === undefined) return { ok: false, reason: `${params.name} is not there yet`, again: true };
    const recoveryPoint = field(story, 'recoveryPointMs');
    const measured = recoveryPoint === undefined ? {} : { measured: { recoveryPointMs: Number(recoveryPoint) } };
    return { ok: true, facts: { level: Number(level) }, evidence: [`${params.name} is at ${level}`], ...measured };
  },
});

/** Deletes the ConfigMaps labelled `old`, one a round, and keeps two: a floor that is checked before each delete. */
const clean = remediation({
  id: 'test.clean',
  summary: 'Delete old ConfigMaps but for two',
  risk: 'destructive',
  needs: ['list configmaps', 'delete configmaps'],
  params: z.strictObject({}),
  result: z.strictObject({ left: z.number() }),
  async plan({ kube }) {
    const old = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', labelSelector: 'old=yes' });
    const doomed = old.slice(0, Math.max(0, old.length - 2));
    const hold = await kube.find(configMap('legal-hold'));
    return {
      summary: `Delete ${doomed.length} of ${old.length}`,
      changes: doomed.map((one) => ({ verb: 'delete', object: `ConfigMap/app/${one.metadata.name}` })),
      undo: [],
      facts: { hold: hold !== undefined },
    };
  },
  async execute({ kube }) {
    const old = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', labelSelector: 'old=yes' });
    const [first] = old;
    if (first?.metadata.uid === undefined || old.length <= 2) return { left: old.length };
    await kube.delete(configMap(first.metadata.name), { uid: first.metadata.uid });
    return { more: 10_000, progress: `${old.length - 3} left to delete` };
  },
  async verify({ result }) {
    return { ok: true, evidence: [`${result.left} are left`] };
  },
  rollback: { impossible: 'what is deleted is gone' },
});

/** Starts something that goes on by itself: how it goes, a ConfigMap says. */
const begin = remediation({
  id: 'test.begin',
  summary: 'Start something that goes on without us',
  risk: 'reversible',
  needs: ['create configmaps', 'get configmaps'],
  params: z.strictObject({ outcome: z.string().default('outcome') }),
  result: z.strictObject({ name: z.string() }),
  async plan({ stepKey }) {
    const object = `ConfigMap/app/begun-${stepKey.slice(0, 8)}`;
    return { summary: 'Begin', changes: [{ verb: 'create', object }], undo: [], facts: {} };
  },
  async execute({ kube, stepKey }) {
    const name = `begun-${stepKey.slice(0, 8)}`;
    await kube.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name }, data: {} });
    return { name };
  },
  async observe({ kube, params, nowMs }) {
    const outcome = field(await kube.find(configMap(params.outcome)), 'state');
    if (outcome === 'done') return { state: 'done' };
    if (outcome === 'failed') return { state: 'failed', reason: 'it failed on its own' };
    return { state: 'pending', progress: outcome === 'moving' ? `at ${nowMs}` : `${outcome ?? 0} of 10` };
  },
  async verify() {
    return { ok: true, evidence: ['it went through'] };
  },
  rollback: { impossible: 'what has begun goes on' },
});

const actions: readonly Action[] = [look, ready, clean, begin, ...writingActions, ...oddActions];

/** A catalog of the test actions. */
export const testActions = { get: (id: string): Action | undefined => actions.find((action) => action.id === id) };
