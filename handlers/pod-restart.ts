import { remediation, type StepPlan, z } from '../src/action/contract.ts';
import { podRef } from '../src/domain/node/kinds.ts';
import { readBeside } from '../src/domain/pod/beside.ts';
import { livingPods, remakerOf, wantedPods } from '../src/domain/pod/owner.ts';
import { type Pod, readPod } from '../src/domain/pod/pod.ts';
import { PodPath, podParts } from '../src/domain/pod/pod-path.ts';
import { Duration, formatDuration } from '../src/model/duration.ts';
import { SalvorError } from '../src/model/error.ts';
import { objectName } from '../src/model/object.ts';

const AGAIN_MS = 5000;

/**
 * Restart one pod: an eviction, which asks its budgets, and never a deletion, which does not. Its controller makes another.
 *
 * Writes  one eviction, bound to the pod by uid: a pod of the same name made since is left alone.
 * Voids   an approval when it is another pod under this name; a start by itself when the rule for it ceases to hold.
 * Errors  kube.invalid (two budgets choose it; never retried). A budget that lets none go is waited for.
 * Source  Kubernetes documentation, "API-initiated Eviction".
 */
export const podRestart = remediation({
  id: 'pod.restart',
  summary: 'Restart one pod by an eviction, which its budgets can refuse',
  risk: 'reversible',
  needs: [
    'get pods',
    'list pods',
    'get persistentvolumeclaims',
    'list poddisruptionbudgets.policy',
    'create pods/eviction',
    'get replicasets.apps',
    'get statefulsets.apps',
    'get daemonsets.apps',
  ],
  params: z.strictObject({
    pod: PodPath,
    /** Of the pod that was looked at, and of its controller. */
    uid: z.string().min(1),
    owner: z.string().min(1),
    ownerUid: z.string().min(1),
    /** True: only while the rule for a restart by itself holds. */
    byItself: z.boolean().default(false),
    /** How long the new pod has to be Ready to count. */
    steady: Duration.default(30_000),
  }),
  result: z.strictObject({ pod: z.string(), uid: z.string() }),

  async plan({ params, kube, nowMs }) {
    const { namespace, name } = podParts(params.pod);
    const found = await kube.find(podRef(namespace, name));
    const pod = found === undefined ? undefined : readPod(found);
    if (pod === undefined || pod.uid !== params.uid || pod.deletionMs !== undefined)
      return { summary: `${params.pod} is gone already`, changes: [], undo: [], facts: { uid: params.uid, byItself: params.byItself } };
    const beside = await readBeside(kube, pod, nowMs);
    const plan: StepPlan = {
      summary: pod.isFinished ? `Take ${params.pod} away: it has failed and is only left over` : `Restart ${params.pod}`,
      changes: [{ verb: 'evict', object: objectName(podRef(namespace, name)), note: `only the pod ${pod.uid}` }],
      undo: [],
      facts: { uid: pod.uid, byItself: params.byItself && beside.reasons.length === 0 },
      notes: notesOf(pod, { ...beside, owner: params.owner }),
    };
    return plan;
  },

  async execute({ params, kube }) {
    const { namespace, name } = podParts(params.pod);
    const found = await kube.find(podRef(namespace, name));
    const result = { pod: params.pod, uid: params.uid };
    if (found === undefined || found.metadata.uid !== params.uid || found.metadata.deletionTimestamp !== undefined) return result;
    try {
      await kube.evict({ namespace, name, uid: params.uid });
      return result;
    } catch (error) {
      if (!(error instanceof SalvorError) || error.code !== 'kube.too-many-requests') throw error;
      return { more: error.retryAfterMs ?? AGAIN_MS, progress: `${params.pod} may not go yet: ${error.message}` };
    }
  },

  async verify({ params, kube, nowMs }) {
    const { namespace, name } = podParts(params.pod);
    const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })).map(readPod);
    if (pods.some(({ uid }) => uid === params.uid)) return { ok: false, reason: `${params.pod} has not ended yet`, again: true };
    const [kind = '', ownerName = ''] = params.owner.split('/');
    const ref = remakerOf({ namespace, owner: { kind, name: ownerName, uid: params.ownerUid } });
    const owner = ref === undefined ? undefined : await kube.find(ref);
    if (owner === undefined || owner.metadata.uid !== params.ownerUid)
      return { ok: true, evidence: [`${params.owner} is gone since: a rollout or its deletion made the new pod of ${name} superfluous`] };
    const living = livingPods(pods, params.ownerUid);
    const wanted = wantedPods(owner);
    if (living.length < wanted) return { ok: false, reason: `${params.owner} has ${living.length} of ${wanted} pods`, again: true };
    const newest = [...living].sort((a, b) => b.madeMs - a.madeMs)[0];
    if (newest === undefined) return { ok: true, evidence: [`${params.owner} is to have no pods any more`] };
    const readyMs = newest.isReady ? nowMs - (newest.readySinceMs ?? nowMs) : 0;
    if (readyMs >= params.steady) return { ok: true, evidence: [`${newest.name}, which took its place, is Ready for ${formatDuration(readyMs)}`] };
    return {
      ok: false,
      reason: `${newest.name}, which took its place, ${newest.isReady ? `is Ready for only ${formatDuration(readyMs)}` : 'is not Ready'}`,
      again: true,
    };
  },

  rollback: { impossible: 'A pod that was evicted does not come back: its controller has made another in its place.' },
});

type Notes = { readonly owner: string; readonly others: readonly Pod[]; readonly refused: string | undefined; readonly reasons: readonly string[] };

function notesOf(pod: Pod, { owner, others, refused, reasons }: Notes): readonly string[] {
  const ready = others.filter(({ isReady }) => isReady).length;
  return [
    `${owner} makes another; ${ready} of its ${others.length} other pods ${ready === 1 ? 'is' : 'are'} Ready meanwhile`,
    ...(pod.isFinished ? [] : [`It has ${pod.graceSeconds}s to end`]),
    ...(pod.emptyDirs.length === 0 ? [] : [`Lost with it: what is in its emptyDir ${pod.emptyDirs.join(', ')}`]),
    ...(refused === undefined ? [] : [`Its budget would not let it go now: ${refused}`]),
    ...reasons.filter((reason) => reason !== refused).map((reason) => `Not by itself: ${reason}`),
  ];
}
