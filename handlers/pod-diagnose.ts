import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { newestWarnings, readEvent } from '../src/domain/event.ts';
import { nodeRef, podRef } from '../src/domain/node/kinds.ts';
import { isReady, readNode } from '../src/domain/node/node.ts';
import { readBeside } from '../src/domain/pod/beside.ts';
import { type Pod, readPod } from '../src/domain/pod/pod.ts';
import { PodPath, podParts } from '../src/domain/pod/pod-path.ts';
import { type Seen, SYMPTOMS, symptomOf } from '../src/domain/pod/symptom.ts';
import { symptomFinding } from '../src/domain/pod/symptom-finding.ts';
import { redact } from '../src/domain/redact.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { volumesElsewhere } from '../src/domain/volume/elsewhere.ts';
import { cut } from '../src/model/cut.ts';
import { Duration } from '../src/model/duration.ts';
import { errorText, SalvorError } from '../src/model/error.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const MOST_EVENTS = 5;
const MOST_LINES = 20;
const SHOWN_LINES = 8;
const LINE_LENGTH = 300;

const Facts = z.strictObject({
  pod: z.string(),
  /** Empty where the pod is gone, or nobody owns it. */
  uid: z.string(),
  owner: z.string(),
  ownerUid: z.string(),
  symptom: z.enum(SYMPTOMS).optional(),
  node: z.string().optional(),
  container: z.string().optional(),
  restarts: z.number().optional(),
  exitCode: z.number().optional(),
  /** How many other pods of its controller are Ready. */
  othersReady: z.number().optional(),
  /** True where the rule for a restart by itself holds. */
  byItself: z.boolean().optional(),
  /** Why a person has to say yes. */
  reasons: z.array(z.string()).optional(),
  /** What its budgets say to a dry run. */
  refused: z.string().optional(),
});
type FactsInput = z.input<typeof Facts>;

/**
 * What keeps a pod from serving, and whether a restart can help: it can where the pod runs and hangs, and where it has failed and is only left over.
 * For everything else people hear what to mend. Events, the last end and the last lines of the container before are read first: a restart loses them.
 *
 * Reads   the Pod, its Events and logs, its node, the pods, claims and budgets beside it, where its volumes are; asks the budgets by a dry-run eviction.
 * Errors  kube.* of the API server. A log that cannot be read is told, and decides nothing.
 */
export const podDiagnose = diagnosis({
  id: 'pod.diagnose',
  summary: 'Find out why a pod does not serve and whether a restart can help',
  needs: [
    'get pods',
    'list pods',
    'get pods/log',
    'list events',
    'get nodes',
    'get persistentvolumeclaims',
    'list poddisruptionbudgets.policy',
    'list volumeattachments.storage.k8s.io',
    'create pods/eviction',
  ],
  params: z.strictObject({
    pod: PodPath,
    /** For how long a pod may be not Ready, or not started, before it counts as hung. */
    patience: Duration.default(300_000),
    /** A person wants it restarted although nothing says that it helps. */
    anyway: z.boolean().default(false),
  }),
  facts: Facts,

  async run({ params, kube, nowMs }) {
    const { namespace, name } = podParts(params.pod);
    const found = await kube.find(podRef(namespace, name));
    if (found === undefined) {
      const finding: Finding = { kind: 'recovered', reason: `${params.pod} is gone; what its controller made in its place has alerts of its own` };
      return { finding, facts: { pod: params.pod, uid: '', owner: '', ownerUid: '' }, evidence: [finding.reason] };
    }
    const pod = readPod(found);
    const seen = symptomOf(pod, { nowMs, patienceMs: params.patience });
    const node = pod.node === '' ? undefined : await kube.find(nodeRef(pod.node));
    const nodeIsReady = pod.node === '' || (node !== undefined && isReady(readNode(node)));
    const beside = await readBeside(kube, pod, nowMs);
    const elsewhere = seen.symptom === 'not-starting' ? await volumesElsewhere(kube, pod) : [];
    const finding = symptomFinding({ pod, seen, anyway: params.anyway, nodeIsReady, budgets: beside.budgets, elsewhere });
    const { reasons } = beside;
    // Who asks for it although nothing says that it helps decides for himself, and nobody else may.
    const byItself = reasons.length === 0 && !params.anyway;
    const facts: FactsInput = {
      pod: params.pod,
      uid: pod.uid,
      symptom: seen.symptom,
      node: pod.node,
      owner: pod.owner === undefined ? '' : `${pod.owner.kind}/${pod.owner.name}`,
      ownerUid: pod.owner?.uid ?? '',
      container: seen.container?.name,
      restarts: seen.container?.restarts,
      exitCode: seen.container?.ended?.exitCode,
      othersReady: beside.others.filter((one) => one.isReady).length,
      byItself,
      reasons: [...reasons],
      refused: beside.refused,
    };
    return {
      finding,
      facts,
      evidence: [
        finding.reason,
        ...(finding.kind === 'act' && reasons.length > 0 ? [`a person has to say yes: ${reasons.join('; ')}`] : []),
        ...endText(seen),
        ...(await eventsOf(kube, pod)),
        ...(await lastLines(kube, pod, seen)),
      ],
      measured: pod.isReady || pod.readySinceMs === undefined ? {} : { factTimeMs: pod.readySinceMs },
    };
  },
});

function endText({ container }: Seen): readonly string[] {
  const ended = container?.ended;
  if (container === undefined || ended === undefined) return [];
  const at = ended.atMs === undefined ? '' : ` ${timeText(ended.atMs)}`;
  return [`${container.name} ended${at}: ${ended.reason}, code ${ended.exitCode}; ${container.restarts} restarts`];
}

async function eventsOf(kube: Prober, { namespace, name, uid }: Pod): Promise<readonly string[]> {
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${name}`;
  const events = await kube.list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector });
  const mine = events.filter((event) => aboutUid(event['involvedObject'], uid)).map(readEvent);
  return newestWarnings(mine)
    .slice(0, MOST_EVENTS)
    .map(({ reason, message, count, atMs }) => line(`event ${timeText(atMs)} ${reason}${count > 1 ? ` (${count} times)` : ''}: ${message}`));
}

/** An event of another pod that had the same name is another story. */
function aboutUid(involved: unknown, uid: string): boolean {
  const read = z.looseObject({ uid: z.string() }).safeParse(involved);
  return !read.success || read.data.uid === uid;
}

/** Of the container as it was before its last restart; of what runs where it has not restarted. */
async function lastLines(kube: Prober, pod: Pod, { container, symptom }: Seen): Promise<readonly string[]> {
  const asked = container ?? pod.containers[0];
  if (asked === undefined || symptom === 'image' || symptom === 'config' || symptom === 'unplaced' || symptom === 'well') return [];
  const previous = asked.restarts > 0;
  const { namespace, name } = pod;
  try {
    const text = await kube.logs({ namespace, pod: name, container: asked.name, previous, tailLines: MOST_LINES });
    const lines = text.split('\n').filter((one) => one.trim() !== '');
    return lines.slice(-SHOWN_LINES).map((one) => line(`${asked.name}${previous ? ', before its last restart' : ''}: ${one}`));
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    return [line(`the log of ${asked.name} cannot be read: ${errorText(error)}`)];
  }
}

const line = (text: string): string => cut(redact(text), LINE_LENGTH);
