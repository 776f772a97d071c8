import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { drainHold, kubeletSilent } from '../src/domain/node/drain-gate.ts';
import { readingWhatIsThere } from '../src/domain/node/machinery.ts';
import { isReady } from '../src/domain/node/node.ts';
import { BEGIN_OPTIONAL, seeBegin } from '../src/domain/pod/drain-begin.ts';
import { judge, names, refusals, toEvict } from '../src/domain/pod/drain-plan.ts';
import { type DrainSight, readDrainSight, SIGHT_NEEDS } from '../src/domain/pod/drain-sight.ts';
import { counted } from '../src/model/counted.ts';
import { Duration } from '../src/model/duration.ts';

const LOOK_AGAIN_MS = 30_000;
const GIVE_UP_MS = 3_600_000;

const Params = z.strictObject({
  node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
  emptyDir: z.enum(['keep', 'delete']).default('keep'),
  force: z.boolean().default(false),
  controlPlane: z.boolean().default(false),
  atOnce: z.int().min(1).default(1),
  pending: z.enum(['hold', 'accept']).default('hold'),
  backupWithin: Duration.optional(),
});
type Params = z.output<typeof Params>;

/**
 * Whether a node can be drained now, because a person wants it empty: the kubelet answers, nothing on it forbids it, no other node is out, what moves
 * has room elsewhere, the storage on it keeps its quorum, and backups are young enough. What may pass by itself is waited for; what a person has to allow or mend is handed over, each pod with its parameter.
 */
export const nodeDrainCheck = diagnosis({
  id: 'node.drain-check',
  summary: 'See whether a node can be drained now',
  needs: [...SIGHT_NEEDS],
  optional: [...BEGIN_OPTIONAL],
  timeoutMs: 60_000,
  params: Params,
  facts: z.strictObject({
    node: z.string(),
    uid: z.string().optional(),
    ready: z.enum(['True', 'False', 'Unknown']).optional(),
    cordoned: z.boolean().optional(),
    evict: z.number().optional(),
    stay: z.number().optional(),
  }),

  async run({ params, kube, nowMs }) {
    const sight = await readDrainSight(kube, params.node);
    if (sight === undefined) {
      const finding: Finding = { kind: 'hand-over', reason: `there is no node ${params.node}`, hints: ['Look at the names: kubectl get nodes'] };
      return { finding, facts: { node: params.node }, evidence: [finding.reason] };
    }
    const { node } = sight;
    const judged = judge(sight, params);
    const pods = toEvict(judged);
    const begin = await seeBegin(readingWhatIsThere(kube), sight, { asked: params, nowMs });
    const finding = findingOf(sight, params, { nowMs, hold: begin.hold });
    const stay = judged.filter(({ answer }) => answer.do === 'skip').length;
    return {
      finding,
      facts: { node: node.name, uid: node.uid, ready: node.ready.status, cordoned: node.unschedulable, evict: pods.length, stay },
      evidence: [
        finding.reason,
        `${counted(pods.length, 'pod')} would move, ${stay} of DaemonSets and of the kubelet stay`,
        ...begin.told,
        `${node.name} stays cordoned afterwards, whether all have moved or not; to give it back: salvor run node-uncordon --param node=${node.name}`,
      ],
    };
  },
});

function findingOf(sight: DrainSight, params: Params, { nowMs, hold }: { readonly nowMs: number; readonly hold: string | undefined }): Finding {
  const { found, node, nodes } = sight;
  const silent = kubeletSilent(node, nowMs);
  if (silent !== undefined) {
    const hints = [`Look whether the machine runs; where it is proven to be off: salvor run node-out-of-service --param node=${node.name}`];
    return { kind: 'hand-over', reason: silent, hints };
  }
  const judged = judge(sight, params);
  const forbids = [
    ...(node.isControlPlane && !params.controlPlane ? ['it is a node of the control plane (controlPlane: true allows it)'] : []),
    ...refusals(judged),
  ];
  if (forbids.length > 0)
    return {
      kind: 'hand-over',
      reason: `${node.name} cannot be drained as asked: ${names(forbids)}`,
      hints: ['Ask again with what may be lost', ...forbids.slice(0, 10)],
    };
  const wait = drainHold({ found, nodes, atOnce: params.atOnce, nowMs }) ?? hold;
  if (wait !== undefined) return { kind: 'wait', reason: wait, lookAgainMs: LOOK_AGAIN_MS, giveUpMs: GIVE_UP_MS };
  return { kind: 'act', reason: `${node.name} ${isReady(node) ? 'is Ready' : 'is not Ready and its kubelet answers'}, and nothing forbids to drain it` };
}
