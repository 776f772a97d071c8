import { type DiagnosisAction, diagnosis, z } from '../src/action/contract.ts';
import { noSuchKind } from '../src/action/failure-files.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { NODES } from '../src/domain/node/kinds.ts';
import { readNode } from '../src/domain/node/node.ts';
import { readPod } from '../src/domain/pod/pod.ts';
import { SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { backupsQuery, DEFAULT_NAMESPACE, VELERO_API } from '../src/domain/velero/kinds.ts';
import { isRunning } from '../src/domain/velero/phase.ts';
import {
  busyWith,
  deploymentRef,
  NODE_AGENT,
  podTrouble,
  readServerDeployment,
  restartByHand,
  SERVER,
  serverFinding,
} from '../src/domain/velero/server-health.ts';
import { counted } from '../src/model/counted.ts';
import { errorCode } from '../src/model/error.ts';
import type { KubeObject } from '../src/model/object.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const SERVER_WITHIN_MS = 30_000;
const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/** Whether Velero's server works (it is asked, not only its pod looked at), and whether every node has a node agent. */
export const veleroHealth = diagnosis({
  id: 'velero.health',
  summary: 'See whether the Velero server works, and whether node agents cover the nodes',
  needs: ['get deployments.apps', 'list pods', 'get daemonsets.apps', 'list backups.velero.io', 'list restores.velero.io', ...SERVER_NEEDS],
  optional: ['list nodes'],
  timeoutMs: 90_000,
  params: z.strictObject({ namespace: Name.default(DEFAULT_NAMESPACE), restart: z.boolean().default(false) }),
  facts: z.strictObject({
    server: z.string().optional(),
    replicas: z.number().optional(),
    available: z.number().optional(),
    busy: z.string().optional(),
    nodes: z.number().optional(),
    uncovered: z.array(z.string()).optional(),
  }),

  async run({ params, kube }) {
    const { namespace, restart } = params;
    const found = await kube.find(deploymentRef(namespace, SERVER));
    const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })).map(readPod);
    const backups = (await kube.list(backupsQuery(namespace)).catch(noSuchKind)).map(readBackup);
    const restores = await kube.list({ apiVersion: VELERO_API, kind: 'Restore', namespace }).catch(noSuchKind);
    const restoring = restores.filter((one) => isRunning(phaseOf(one))).map(({ metadata }) => metadata.name);
    const agent = await kube.find({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace, name: NODE_AGENT });
    const nodes = await kube.list(NODES).catch((error: unknown) => {
      if (errorCode(error) === 'kube.forbidden') return undefined;
      throw error;
    });
    const server = await kube.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS }).catch((error: unknown) => void noSuchKind(error));

    const own = pods.filter(({ labels }) => labels['deploy'] === SERVER);
    const covered = new Set(pods.filter(({ labels, isReady }) => labels['name'] === NODE_AGENT && isReady).map(({ node }) => node));
    const uncovered =
      agent === undefined || nodes === undefined
        ? undefined
        : nodes
            .map(readNode)
            .filter(({ name }) => !covered.has(name))
            .map(({ name }) => name);
    const deployment = found && readServerDeployment(found);
    const wanted = serverFinding({ namespace, deployment, server, pods: own, backups, restoring, uncovered, anyway: restart });
    const finding = wanted.kind === 'act' && !(await mayRestart(kube, namespace)) ? restartByHand(namespace, wanted.reason) : wanted;
    const busy = busyWith({ backups, restoring });
    return {
      finding,
      facts: { server: server?.version, replicas: deployment?.replicas, available: deployment?.available, busy, nodes: nodes?.length, uncovered },
      evidence: [
        finding.reason,
        server === undefined ? 'it took up no ServerStatusRequest within 30 s' : `it took up a ServerStatusRequest: ${server.version}`,
        ...(deployment === undefined ? [] : [`Deployment ${SERVER}: ${deployment.available} of ${counted(deployment.replicas, 'replica')} available`]),
        ...own.flatMap(podTrouble).map(({ text }) => text),
        agent === undefined ? 'no node agent is installed: volumes are copied by snapshots alone' : agentText(nodes, uncovered),
        ...(busy === '' ? [] : [busy]),
      ],
    };
  },
});

const mayRestart = (kube: Prober, namespace: string): Promise<boolean> =>
  kube.mayI({ verb: 'patch', group: 'apps', resource: 'deployments', namespace, name: SERVER });

function agentText(nodes: readonly KubeObject[] | undefined, uncovered: readonly string[] | undefined): string {
  if (nodes === undefined || uncovered === undefined) return 'which nodes have a node agent was not seen, since the right is missing: list nodes';
  return `a node agent is Ready on ${nodes.length - uncovered.length} of ${counted(nodes.length, 'node')}`;
}

const Phase = z.looseObject({ status: z.looseObject({ phase: z.string() }) });
const phaseOf = (restore: KubeObject): string => Phase.safeParse(restore).data?.status.phase ?? '';
