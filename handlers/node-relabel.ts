import { type KubeObject, remediation, type StepPlan, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { type Difference, missingOn, PlainTaint } from '../src/domain/node/identity.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { taintText, writtenTaints } from '../src/domain/node/taints.ts';
import { counted } from '../src/model/counted.ts';
import { SalvorError } from '../src/model/error.ts';
import { type JsonObject, parseJson } from '../src/model/json.ts';
import { objectName } from '../src/model/object.ts';

/** Carries the step's key, and what was there before, as JSON: what an undo gives back. */
const RELABEL_MARK = 'salvor.io/relabelled';

/**
 * Give a node the labels and taints of the one that it replaces. What it has beside them stays.
 *
 * Writes  Node.metadata.labels and Node.spec.taints, and one annotation with what was there before.
 * Voids   an approval when it is another Node under this name.
 * Undoes  only what still has the value that this step gave it.
 * Errors  kube.not-found (never retried), kube.conflict (somebody else wrote at the same time: it looks again).
 */
export const nodeRelabel = remediation({
  id: 'node.relabel',
  summary: 'Give a node the labels and taints of the one that it replaces',
  risk: 'reversible',
  needs: ['get nodes', 'patch nodes'],
  params: z.strictObject({
    node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
    labels: z.record(z.string(), z.string()),
    taints: z.array(PlainTaint),
  }),
  result: z.strictObject({ node: z.string(), uid: z.string() }),

  async plan({ params, kube, stepKey }) {
    const ref = nodeRef(params.node);
    const found = await kube.get(ref);
    const { labels, taints } = madeBy(found, stepKey) ?? missingOn(found, params);
    const facts = { node: found.metadata.uid };
    const object = objectName(ref);
    const names = Object.keys(labels);
    const has = found.metadata.labels ?? {};
    const parts = [...(names.length === 0 ? [] : [counted(names.length, 'label')]), ...(taints.length === 0 ? [] : [counted(taints.length, 'taint')])];
    if (parts.length === 0) return { summary: `${params.node} has all labels and taints already`, changes: [], undo: [], facts };
    const changes = [
      ...Object.entries(labels).map(
        ([name, to]) => ({ verb: 'patch', object, field: `metadata.labels.${name}`, ...(has[name] === undefined ? {} : { from: has[name] }), to }) as const,
      ),
      ...(taints.length === 0
        ? []
        : [{ verb: 'patch', object, field: 'spec.taints', to: taints.map(textOf), note: 'added to its taints; the others stay' } as const]),
    ];
    const plan: StepPlan = {
      summary: `Give ${params.node} ${parts.join(' and ')}`,
      changes,
      undo: changes.map(({ verb, object: at, field }) => ({ verb, object: at, field, note: 'as it was before' })),
      facts,
      notes: taints.some(({ effect }) => effect === 'NoExecute') ? ['A taint with NoExecute moves the pods off it that do not tolerate it'] : [],
    };
    return plan;
  },

  async execute({ params, kube, stepKey }) {
    const ref = nodeRef(params.node);
    const found = await kube.get(ref);
    const { uid = '', resourceVersion = '', labels: has = {} } = found.metadata;
    const { labels, taints } = missingOn(found, params);
    if (madeBy(found, stepKey) !== undefined || (Object.keys(labels).length === 0 && taints.length === 0)) return { node: params.node, uid };
    const mark = JSON.stringify({ step: stepKey, labels, before: Object.fromEntries(Object.keys(labels).map((name) => [name, has[name] ?? null])), taints });
    const patch: JsonObject = {
      metadata: { ...(Object.keys(labels).length === 0 ? {} : { labels }), annotations: { [RELABEL_MARK]: mark } },
      ...(taints.length === 0 ? {} : { spec: { taints: [...writtenTaints(found), ...taints] } }),
    };
    await kube.patch(ref, patch, { uid, resourceVersion });
    return { node: params.node, uid };
  },

  async verify({ params, kube, result }) {
    const found = await kube.find(nodeRef(params.node));
    if (found === undefined || found.metadata.uid !== result.uid) return { ok: false, reason: `${params.node} was taken out of the cluster` };
    const { labels, taints } = missingOn(found, params);
    const missing = [...Object.keys(labels), ...taints.map(textOf)];
    if (missing.length > 0) return { ok: false, reason: `${params.node} lacks ${missing.join(', ')}: somebody took it away` };
    return { ok: true, evidence: [`${params.node} has the labels and taints of the node that it replaces`] };
  },

  async rollback({ params, kube, stepKey }) {
    const ref = nodeRef(params.node);
    const found = await kube.find(ref);
    const made = found === undefined ? undefined : madeBy(found, stepKey);
    if (found === undefined || made === undefined) return { kind: 'undone', evidence: `${params.node} carries nothing of this step` };
    const { uid = '', resourceVersion = '', labels: has = {} } = found.metadata;
    const labels = Object.fromEntries(Object.entries(made.before).filter(([name]) => has[name] === made.labels[name]));
    const written = writtenTaints(found);
    const kept = written.filter(
      ({ key, value, effect }) => !made.taints.some((one) => one.key === key && one.effect === effect && (one.value ?? '') === (value ?? '')),
    );
    const patch: JsonObject = {
      metadata: { ...(Object.keys(labels).length === 0 ? {} : { labels }), annotations: { [RELABEL_MARK]: null } },
      ...(kept.length === written.length ? {} : { spec: { taints: kept } }),
    };
    await kube.patch(ref, patch, { uid, resourceVersion });
    return { kind: 'undone', evidence: `${params.node} has the labels and taints that it had before` };
  },
});

const textOf = ({ value = '', ...taint }: z.output<typeof PlainTaint>): string => taintText({ ...taint, value });

type Made = Difference & { readonly before: { readonly [name: string]: string | null } };

const Mark = z.object({
  step: z.string(),
  labels: z.record(z.string(), z.string()),
  before: z.record(z.string(), z.string().nullable()),
  taints: z.array(PlainTaint),
});

/** What this step gave the node; undefined where it gave nothing. */
function madeBy(found: KubeObject, stepKey: string): Made | undefined {
  const text = found.metadata.annotations?.[RELABEL_MARK];
  if (text === undefined) return undefined;
  const mark = Mark.safeParse(parseJson(text));
  if (!mark.success) throw new SalvorError('action.failed', `the annotation ${RELABEL_MARK} of ${found.metadata.name} is not as Salvor wrote it`);
  return mark.data.step === stepKey ? mark.data : undefined;
}
