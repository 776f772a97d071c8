import { remediation, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { backupsQuery, DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { isRunning } from '../src/domain/velero/phase.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { deploymentRef, readServerDeployment, SERVER } from '../src/domain/velero/server-health.ts';
import { type KubeObject, objectName } from '../src/model/object.ts';

const LOOK_MS = 5000;
const ANSWER_WITHIN_MS = 10_000;
/** On the pod's template: a value that changes makes a new pod, as `kubectl rollout restart` does by its time. */
const RESTARTED = 'salvor.io/restarted';
const FIELD = `spec.template.metadata.annotations.${RESTARTED}`;
const Template = z.looseObject({
  spec: z.looseObject({ template: z.looseObject({ metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }).optional() }) }),
});

/**
 * Restart the Velero server, and go on only when the new one answers. What is in progress ends as Failed.
 *
 * Writes  one annotation on the pod template of its Deployment.
 * Voids   an approval when it is another Deployment, or a backup has begun or ended since.
 * Source  kubectl rollout restart; Velero 1.18 marks what it finds InProgress at its start as Failed.
 */
export const veleroRestart = remediation({
  id: 'velero.restart',
  summary: 'Restart the Velero server and see that it answers',
  risk: 'reversible',
  needs: ['get deployments.apps', 'list backups.velero.io', ...SERVER_NEEDS],
  // Who may patch a Deployment runs what they like in it: an operator gives this on purpose.
  offByDefault: ['patch deployments.apps'],
  timeoutMs: 60_000,
  params: z.strictObject({ namespace: z.string().refine(isDnsSubdomain, 'expected the name of a namespace').default(DEFAULT_NAMESPACE) }),
  result: z.strictObject({ uid: z.string(), version: z.string() }),

  async plan({ params, kube, stepKey }) {
    const ref = deploymentRef(params.namespace, SERVER);
    const found = await kube.get(ref);
    const running = (await kube.list(backupsQuery(params.namespace))).map(readBackup).filter(({ phase }) => isRunning(phase));
    const mark = markOf(found);
    return {
      summary: 'Restart the Velero server',
      changes: [{ verb: 'patch', object: objectName(ref), field: FIELD, from: mark === valueOf(stepKey) ? null : (mark ?? null), to: valueOf(stepKey) }],
      undo: [],
      facts: { uid: found.metadata.uid, running: running.map(({ uid }) => uid).sort() },
      notes: [
        'For some seconds no backup and no restore starts; what is queued goes on afterwards',
        ...running.map((one) => `${one.name} is ${progressText(one)}, and ends Failed by this`),
        'The counters of its metrics begin at 0 again',
      ],
    };
  },

  async execute({ params, kube, stepKey }) {
    const ref = deploymentRef(params.namespace, SERVER);
    const found = await kube.get(ref);
    const { uid = '' } = found.metadata;
    if (markOf(found) !== valueOf(stepKey)) {
      await kube.patch(ref, { spec: { template: { metadata: { annotations: { [RESTARTED]: valueOf(stepKey) } } } } }, { uid });
      return { more: LOOK_MS, progress: 'the new pod is being made' };
    }
    if (!readServerDeployment(found).isRolledOut) return { more: LOOK_MS, progress: 'the new pod is not Ready yet' };
    const server = await kube.veleroServer({ namespace: params.namespace, withinMs: ANSWER_WITHIN_MS });
    return server === undefined ? { more: LOOK_MS, progress: 'the new pod is Ready, and the server does not answer yet' } : { uid, version: server.version };
  },

  async verify({ params, kube, result }) {
    const found = await kube.find(deploymentRef(params.namespace, SERVER));
    if (found === undefined || found.metadata.uid !== result.uid) return { ok: false, reason: `the Deployment ${SERVER} was deleted` };
    if (!readServerDeployment(found).isRolledOut) return { ok: false, again: true, reason: 'the server answered, and its pod is no longer available' };
    return { ok: true, evidence: [`Velero ${result.version} answers again`] };
  },

  rollback: { impossible: 'A server that was restarted is not un-restarted: what it had in progress ended as Failed, and its schedules go on.' },
});

const valueOf = (stepKey: string): string => stepKey.slice(0, 16);
const markOf = (found: KubeObject): string | undefined => Template.safeParse(found).data?.spec.template.metadata?.annotations?.[RESTARTED];
