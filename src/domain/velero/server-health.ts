import { z } from 'zod';
import { counted } from '../../model/counted.ts';
import type { Finding } from '../../model/finding.ts';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { count } from '../lenient.ts';
import type { Pod } from '../pod/pod.ts';
import { type Backup, newestFirst } from './backup.ts';
import { isRunning } from './phase.ts';
import { PATIENCE, progressText } from './second-try.ts';

/** Names that Velero's own installer gives; a chart may give others, and says so by a parameter. */
export const SERVER = 'velero';
export const NODE_AGENT = 'node-agent';
export const deploymentRef = (namespace: string, name: string): ObjectRef => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });

/** The server's Deployment as far as its health asks. */
export type ServerDeployment = { readonly uid: string; readonly replicas: number; readonly available: number; readonly isRolledOut: boolean };

const Parts = z.looseObject({
  spec: z.looseObject({ replicas: count }).optional().catch(undefined),
  status: z.looseObject({ observedGeneration: count, replicas: count, updatedReplicas: count, availableReplicas: count }).nullish().catch(undefined),
});

export function readServerDeployment(found: KubeObject): ServerDeployment {
  const { spec, status } = Parts.parse(found);
  const wanted = spec?.replicas ?? 1;
  const isSeen = (status?.observedGeneration ?? 0) >= (found.metadata.generation ?? 0);
  const available = status?.availableReplicas ?? 0;
  const isNew = status?.updatedReplicas === wanted && status.replicas === wanted;
  return { uid: found.metadata.uid ?? '', replicas: wanted, available, isRolledOut: isSeen && isNew && available === wanted };
}

export type ServerSight = {
  readonly namespace: string;
  readonly deployment: ServerDeployment | undefined;
  readonly server: { readonly version: string } | undefined;
  readonly pods: readonly Pod[];
  readonly backups: readonly Backup[];
  /** Restores that are in progress, by name. */
  readonly restoring: readonly string[];
  /** Nodes without a node agent that is Ready; undefined where Velero was installed without. */
  readonly uncovered: readonly string[] | undefined;
  /** A person wants it restarted although it answers. */
  readonly anyway: boolean;
};

/** A restart of the pod takes this long, pulled images and elections included. */
const STARTING_GIVE_UP_MS = 10 * 60_000;
const MOST_NAMES = 5;

/** How the server is, and what helps: a restart only where it looks well, answers nothing, and nothing is in the middle of being backed up. */
export function serverFinding(sight: ServerSight): Finding {
  const { namespace, deployment, server, anyway } = sight;
  const busy = busyWith(sight);
  if (deployment === undefined) {
    return server === undefined
      ? {
          kind: 'hand-over',
          reason: `there is no Deployment ${SERVER} in ${namespace}, and no server of Velero answers there`,
          hints: [
            `Look where Velero is: kubectl get deployments -A | grep velero`,
            'Install it again with the same storage location: its backups are found in the bucket',
          ],
        }
      : { kind: 'recovered', reason: `Velero ${server.version} answers, although there is no Deployment ${SERVER} in ${namespace}` };
  }
  if (deployment.replicas > 1) return manyReplicas(namespace, deployment.replicas);
  if (deployment.replicas === 0) {
    return {
      kind: 'hand-over',
      reason: `the Deployment ${SERVER} is scaled to 0: somebody stopped Velero`,
      hints: ['Ask who stopped it, and why', `To start it: kubectl -n ${namespace} scale deployment ${SERVER} --replicas=1`],
    };
  }
  if (server !== undefined && anyway)
    return { kind: 'act', reason: `Velero ${server.version} answers, and a person wants it restarted${busy === '' ? '' : `: ${busy}`}` };
  if (server !== undefined) return agentFinding(sight, server.version);
  if (deployment.available === 0) return notRunning(sight);
  if (busy !== '' && !anyway) {
    return {
      kind: 'hand-over',
      reason: `the Velero server looks well and answers nothing, and ${busy}`,
      hints: [
        'A restart ends what is in progress as Failed: wait for it where it still moves',
        `Where it does not: salvor run backup-health --param restart=true`,
      ],
    };
  }
  return {
    kind: 'act',
    reason: `the Velero server looks well and answers nothing: its pod is Ready, and no request is taken up${busy === '' ? '' : `; ${busy}`}`,
  };
}

/** A restart would help, and Salvor may not: the right to patch a Deployment is off by default. */
export function restartByHand(namespace: string, reason: string): Finding {
  return {
    kind: 'hand-over',
    reason: `${reason}. Salvor may not restart it`,
    hints: [
      `Restart it: kubectl -n ${namespace} rollout restart deployment ${SERVER}`,
      'Let Salvor do that after an approval: salvor rbac --with velero.restart',
    ],
  };
}

/** Velero elects no leader: two servers take up the same backup. Source  Velero 1.18, pkg/cmd/server (no leader election), its chart (`replicas: 1`). */
export function manyReplicas(namespace: string, replicas: number): Finding {
  return {
    kind: 'hand-over',
    reason: `the Deployment ${SERVER} has ${replicas} replicas: Velero is one replica by design, elects no leader, and two servers work on the same backup`,
    hints: [
      `kubectl -n ${namespace} scale deployment ${SERVER} --replicas=1`,
      'For more at once set --concurrent-backups of the server, for volumes loadConcurrency of the node agent',
    ],
  };
}

/** What a restart would end, in words; empty where nothing is in progress. */
export function busyWith({ backups, restoring }: Pick<ServerSight, 'backups' | 'restoring'>): string {
  const running = newestFirst(backups).filter(({ phase }) => isRunning(phase));
  const parts = [...running.map((one) => `${one.name} is ${progressText(one)}`), ...restoring.map((name) => `the restore ${name} is in progress`)];
  return parts.slice(0, MOST_NAMES).join(', ');
}

function notRunning({ namespace, pods }: ServerSight): Finding {
  const [why] = pods.flatMap(podTrouble);
  const reason = `no pod of the Velero server is available${why === undefined ? '' : `: ${why.text}`}`;
  if (why === undefined || why.mayHeal) return { kind: 'wait', reason, lookAgainMs: PATIENCE.server.lookAgainMs, giveUpMs: STARTING_GIVE_UP_MS };
  return { kind: 'hand-over', reason, hints: [...why.fix, `kubectl -n ${namespace} describe pod -l deploy=velero`] };
}

type Trouble = { readonly text: string; readonly mayHeal: boolean; readonly fix: readonly string[] };

/** Why a pod of the server does not run. */
export function podTrouble(pod: Pod): readonly Trouble[] {
  if (pod.unplaced !== undefined)
    return [{ text: `no node takes ${pod.name}: ${pod.unplaced}`, mayHeal: false, fix: ['Make room, or lower what the server asks for'] }];
  return [...pod.initContainers, ...pod.containers].flatMap(({ waiting, ended, restarts }) => {
    if (ended?.reason === 'OOMKilled')
      return [
        {
          text: `${pod.name} was killed for want of memory, ${counted(restarts, 'restart')}`,
          mayHeal: false,
          fix: ['Raise the memory limit of the server: it grows with the objects of the largest backup'],
        },
      ];
    if (waiting === undefined) return [];
    const mayHeal = ['ContainerCreating', 'PodInitializing'].includes(waiting.reason);
    const pull = waiting.reason.includes('Image') || waiting.reason === 'ErrImagePull';
    const fix = pull ? ['Correct the image or its pull secret'] : ['Read why it ends: kubectl logs, with --previous'];
    return [{ text: `${pod.name} is ${waiting.reason}${restarts === 0 ? '' : ` after ${counted(restarts, 'restart')}`}`, mayHeal, fix }];
  });
}

function agentFinding({ namespace, uncovered }: ServerSight, version: string): Finding {
  if (uncovered === undefined || uncovered.length === 0)
    return { kind: 'recovered', reason: `Velero ${version} answers${uncovered === undefined ? '' : ', and a node agent is Ready on every node'}` };
  const names = uncovered.slice(0, MOST_NAMES).join(', ');
  return {
    kind: 'hand-over',
    reason: `Velero ${version} answers, but no node agent is Ready on ${counted(uncovered.length, 'node')}: ${names}${uncovered.length > MOST_NAMES ? ' …' : ''}`,
    hints: [
      `Volumes on those nodes are not copied. Look why: kubectl -n ${namespace} get pods -l name=${NODE_AGENT} -o wide`,
      `Taints and selectors: kubectl -n ${namespace} describe daemonset ${NODE_AGENT}`,
    ],
  };
}
