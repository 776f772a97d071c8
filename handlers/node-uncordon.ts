import { type KubeObject, remediation, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { cordonOf, cordonText } from '../src/domain/node/cordon.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { isReady, readNode } from '../src/domain/node/node.ts';
import { MARK, objectName } from '../src/model/object.ts';

/** `ours`: only a cordon of Salvor's that nobody has decided about since. `anyone`: a person asked for it, and saw on the card whose it is. */
const Whose = z.enum(['ours', 'anyone']);

/**
 * Let pods come to a node again. Where it takes them already, is gone, or somebody else cordoned it, there is nothing to change.
 *
 * Writes  Node.spec.unschedulable, and takes away Salvor's annotations.
 * Voids   an approval when it is another machine under this name; before the start also when somebody else cordoned it.
 * Errors  kube.conflict (somebody else wrote at the same time: it looks again).
 * Source  `kubectl uncordon`.
 */
export const nodeUncordon = remediation({
  id: 'node.uncordon',
  summary: 'Let pods come to a node again',
  risk: 'reversible',
  needs: ['get nodes', 'patch nodes'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node'), whose: Whose.default('ours') }),
  result: z.strictObject({ gone: z.boolean() }),

  async plan({ params, kube }) {
    const found = await kube.find(nodeRef(params.node));
    if (found === undefined) return nothing(`${params.node} is no longer in the cluster: there is nothing to uncordon`, '');
    const node = readNode(found);
    const cordon = cordonOf(found);
    if (cordon.kind === 'none') return nothing(`${node.name} takes pods already`, node.uid);
    if (!mayUncordon(found, params.whose)) return nothing(`${node.name} stays cordoned: ${cordonText(cordon)}`, node.uid);
    return {
      summary: `Uncordon ${node.name}: pods may come again`,
      changes: [
        {
          verb: 'patch',
          object: objectName(nodeRef(node.name)),
          field: 'spec.unschedulable',
          from: true,
          to: false,
          // A part of what is approved: another cordon than the one on the card asks again.
          note: cordonText(cordon),
        },
      ],
      undo: [],
      facts: { uid: node.uid },
      notes: isReady(node) ? [] : [`${node.name} is not ready: ${node.ready.message || 'nobody says why'}. Pods come only when it is`],
    };
  },

  async execute({ params, kube }) {
    const ref = nodeRef(params.node);
    const found = await kube.find(ref);
    if (found === undefined) return { gone: true };
    const { uid, resourceVersion } = readNode(found);
    if (!mayUncordon(found, params.whose)) return { gone: false };
    const annotations = { [MARK.run]: null, [MARK.step]: null, [MARK.before]: null };
    await kube.patch(ref, { metadata: { annotations }, spec: { unschedulable: null } }, { uid, resourceVersion });
    return { gone: false };
  },

  async verify({ params, kube }) {
    const found = await kube.find(nodeRef(params.node));
    if (found === undefined) return { ok: true, evidence: [`${params.node} is no longer in the cluster`] };
    const cordon = cordonOf(found);
    if (cordon.kind === 'none') return { ok: true, evidence: [`${params.node} takes pods again`] };
    if (mayUncordon(found, params.whose)) return { ok: false, reason: `${params.node} is still cordoned: ${cordonText(cordon)}` };
    return { ok: true, evidence: [`${params.node} stays cordoned: ${cordonText(cordon)}`] };
  },

  rollback: { impossible: 'Pods may have come since, and would stay. To keep new ones away again: salvor run node-not-ready --param node=NAME' },
});

function mayUncordon(found: KubeObject, whose: z.output<typeof Whose>): boolean {
  const { kind } = cordonOf(found);
  return kind === 'ours' || (kind === 'theirs' && whose === 'anyone');
}

const nothing = (summary: string, uid: string) => ({ summary, changes: [], undo: [], facts: { uid } });
