import { type CheckAction, check, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { names } from '../src/domain/pod/drain-plan.ts';
import { Drained } from '../src/domain/pod/drained.ts';
import { readPod } from '../src/domain/pod/pod.ts';
import { type Replaced, replaced, startingText } from '../src/domain/pod/replacement.ts';
import { readReplicas } from '../src/domain/pod/replicas.ts';
import { counted } from '../src/model/counted.ts';

type Reader = Parameters<CheckAction['run']>[0]['kube'];

/** Without names of workloads: what is younger than this may be there because of the drain. */
const YOUNG_MS = 3_600_000;
/** Kinds that keep a number of pods. */
const KEEPERS: readonly string[] = ['ReplicaSet', 'StatefulSet'];

/**
 * Whether what ran on a node serves again elsewhere: each controller that lost pods has as many new ones Ready. What was not Ready before does not
 * count, and pods that no node takes are named with the words of the scheduler. Without `workloads`: every pod of the last hour that is not Ready yet.
 */
export const workloadReady = check({
  id: 'workload.ready',
  summary: 'See that what ran on a node serves again elsewhere',
  needs: ['list pods', 'get replicasets.apps', 'get statefulsets.apps'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node'), workloads: z.array(Drained).optional() }),
  facts: z.strictObject({ workloads: z.number(), pods: z.number() }),

  async run({ params, kube, nowMs }) {
    const { node, workloads } = params;
    const found = workloads === undefined ? [await youngPods(kube, { node, nowMs })] : await replacements(kube, workloads);
    const missing = found.flatMap((one) => one.missing);
    if (missing.length > 0) return { ok: false, again: true, reason: names(missing) };
    const pods = found.reduce((sum, { ready }) => sum + ready, 0);
    const evidence = [
      workloads?.length === 0 ? `nothing of ${node} had to be made again` : `what ran on ${node} serves elsewhere: ${counted(pods, 'new pod')} Ready`,
    ];
    return { ok: true, facts: { workloads: workloads?.length ?? 0, pods }, evidence };
  },
});

async function replacements(kube: Reader, workloads: readonly Drained[]): Promise<readonly Replaced[]> {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  const pods = (await Promise.all(namespaces.map((namespace) => kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })))).flat().map(readPod);
  return Promise.all(
    workloads.map(async (workload) => {
      const { kind, namespace, name, uid } = workload;
      const owner = KEEPERS.includes(kind) ? await kube.find({ apiVersion: 'apps/v1', kind, namespace, name }) : undefined;
      return replaced(workload, { pods, wanted: owner?.metadata.uid === uid ? readReplicas(owner) : undefined });
    }),
  );
}

async function youngPods(kube: Reader, { node, nowMs }: { readonly node: string; readonly nowMs: number }): Promise<Replaced> {
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' })).map(readPod);
  const young = pods.filter(
    (pod) =>
      pod.node !== node &&
      nowMs - pod.madeMs < YOUNG_MS &&
      pod.owner !== undefined &&
      pod.owner.kind !== 'DaemonSet' &&
      !pod.isFinished &&
      pod.deletionMs === undefined,
  );
  return { ready: young.filter(({ isReady }) => isReady).length, missing: young.filter(({ isReady }) => !isReady).map(startingText) };
}
