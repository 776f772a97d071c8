import type { Finding } from '../../model/finding.ts';
import type { Elsewhere } from '../volume/elsewhere.ts';
import { remakerOf } from './owner.ts';
import { type Pod, podName } from './pod.ts';
import type { Seen, Symptom } from './symptom.ts';

export type Sick = {
  readonly pod: Pod;
  readonly seen: Seen;
  /** A person wants it restarted although nothing says that it helps. */
  readonly anyway: boolean;
  /** Whether the node under it is Ready; true where it has none. */
  readonly nodeIsReady: boolean;
  /** Names of the budgets that choose it. */
  readonly budgets: readonly string[];
  /** Its volumes that are still at other machines. */
  readonly elsewhere?: readonly Elsewhere[];
};

const LOOK_AGAIN_MS = 15_000;
const GIVE_UP_MS = 1_800_000;

/** Only what a new start from nothing can mend. */
const HELPED: ReadonlySet<Symptom> = new Set(['hung', 'leftover']);
/** What goes on by itself. */
const PASSING: ReadonlySet<Symptom> = new Set(['starting', 'ending']);

/** What a restart can help, what time helps, and what people have to mend: then what to look at, first things first. */
export function symptomFinding({ pod, seen, anyway, nodeIsReady, budgets, elsewhere = [] }: Sick): Finding {
  const name = podName(pod);
  const reason = `${name} ${seen.words}`;
  const handOver = (hints: readonly string[], why = reason): Finding => ({ kind: 'hand-over', reason: why, hints });
  if (PASSING.has(seen.symptom)) return { kind: 'wait', reason, lookAgainMs: LOOK_AGAIN_MS, giveUpMs: GIVE_UP_MS };
  if (seen.symptom === 'not-ending') return handOver(notEndingHints(pod, nodeIsReady));
  if (seen.symptom === 'well' && !anyway) return { kind: 'recovered', reason };
  if (!nodeIsReady)
    return handOver(
      [
        `What to do about the node: salvor run node-not-ready --param node=${pod.node}`,
        'Its controller makes another pod elsewhere when the control plane evicts this one',
      ],
      `${reason}, and its node ${pod.node} is not Ready`,
    );
  if (!HELPED.has(seen.symptom) && !anyway) return handOver([...elsewhere.map(elsewhereHint), ...HINTS[seen.symptom](pod, seen), ...restartHint(pod, seen)]);
  if (pod.isMirror)
    return handOver([`Its kubelet runs it from a file on ${pod.node}: restart it there`], `${name} is a static pod: an eviction does not restart it`);
  if (remakerOf(pod) === undefined)
    return handOver(
      [`Who made it makes it again: kubectl -n ${pod.namespace} get pod ${pod.name} -o yaml`],
      `${reason}, and ${ownerText(pod)} makes it again as far as Salvor knows`,
    );
  const [one, two] = budgets;
  if (one !== undefined && two !== undefined && !pod.isFinished)
    return handOver(
      [`Make their selectors differ: kubectl -n ${pod.namespace} get pdb ${budgets.join(' ')}`],
      `${reason}, and two budgets choose it (${budgets.join(', ')}): the API server lets nobody evict such a pod`,
    );
  return { kind: 'act', reason };
}

/** A VolumeAttachment is never deleted by hand: it says where somebody may still write. */
function elsewhereHint({ claim, node, nodeIsReady }: Elsewhere): string {
  return nodeIsReady
    ? `Its volume ${claim} is still at ${node}, which is Ready: look at who uses it there`
    : `Its volume ${claim} is still at ${node}, which is not Ready; if that machine is off: salvor run node-out-of-service --param node=${node}`;
}

function ownerText({ owner }: Pod): string {
  return owner === undefined ? 'no controller' : `no controller but ${owner.kind} ${owner.name}`;
}

/** A restart only sets the back-off to nothing: it is offered, and never proposed. */
function restartHint(pod: Pod, { symptom }: Seen): readonly string[] {
  const can = symptom === 'crash-loop' || symptom === 'out-of-memory' || symptom === 'not-starting';
  return can && remakerOf(pod) !== undefined ? [`To restart it all the same: salvor run pod-restart --param pod=${podName(pod)} --param anyway=yes`] : [];
}

function notEndingHints(pod: Pod, nodeIsReady: boolean): readonly string[] {
  return [
    ...(nodeIsReady ? [] : [`Its node ${pod.node} is not Ready; if its machine is off: salvor run node-out-of-service --param node=${pod.node}`]),
    ...(pod.finalizers.length === 0 ? [] : [`Finalizers keep it: ${pod.finalizers.join(', ')}; look at the controllers that should take them away`]),
    ...(nodeIsReady && pod.finalizers.length === 0
      ? [`Look at the kubelet of ${pod.node} and at its volumes: kubectl -n ${pod.namespace} describe pod ${pod.name}`]
      : []),
    'Deleting it by force starts a second one while the first may still write: never for a StatefulSet, unless its machine is off',
  ];
}

const describe = ({ namespace, name }: Pod): string => `Look at its events: kubectl -n ${namespace} describe pod ${name}`;
const rollback = ({ namespace, owner }: Pod): readonly string[] =>
  owner?.kind === 'ReplicaSet'
    ? [`If it began with the last rollout: kubectl -n ${namespace} rollout undo deployment/${owner.name.replace(/-[a-z0-9]+$/, '')}`]
    : [];

const HINTS: { readonly [S in Symptom]: (pod: Pod, seen: Seen) => readonly string[] } = {
  well: () => [],
  starting: () => [],
  ending: () => [],
  'not-ending': () => [],
  leftover: () => [],
  hung: () => [],
  'out-of-memory': (pod) => [
    `Compare its limit with what it uses: kubectl -n ${pod.namespace} top pod ${pod.name} --containers`,
    'Raise resources.limits.memory where the workload is declared, or find what grows in it',
    ...rollback(pod),
  ],
  'crash-loop': (pod, { container }) => [
    `Read how it ended: kubectl -n ${pod.namespace} logs ${pod.name} -c ${container?.name ?? ''} --previous`,
    ...rollback(pod),
    'Look at what it needs to start: its database, its secrets, its configuration',
  ],
  image: (pod, { words }) => [imageHint(words), `Compare image and imagePullSecrets: ${describe(pod)}`, ...rollback(pod)],
  config: (pod) => ['Look at the ConfigMaps and Secrets that it names: one of them, or a key in it, is missing', describe(pod), ...rollback(pod)],
  unplaced: (pod) => ['Look at requests, taints, quotas, and at the zone of its volumes', describe(pod)],
  'not-starting': (pod) => ['Look for volumes that cannot be attached or mounted, and for the network of its node', describe(pod)],
  'restore-wait': (pod) => [
    `Look at the restore: kubectl get podvolumerestores.velero.io,datadownloads.velero.io -A | grep ${pod.name}`,
    'Look at the node agent on its node: kubectl -n velero get pods -l name=node-agent -o wide',
  ],
};

/** Source  answers of registries, as containerd 2 passes them on. */
const IMAGE_CAUSES: readonly (readonly [RegExp, string])[] = [
  [/401|403|unauthorized|authentication required|denied|no basic auth/i, 'The registry refuses the pull secret: make it anew, or name it in imagePullSecrets'],
  [/429|toomanyrequests|rate limit/i, 'The registry limits how often it is asked: pull with an account, or by a mirror'],
  [/not found|manifest unknown|does not exist|404/i, 'The registry does not know this image: look at its name and tag'],
  [/no such host|lookup |server misbehaving/i, 'The name of the registry does not resolve on this node: look at its DNS'],
  [/timeout|deadline|connection refused|no route to host|i\/o/i, 'The registry does not answer this node: look at its network and proxy'],
];

function imageHint(words: string): string {
  return IMAGE_CAUSES.find(([pattern]) => pattern.test(words))?.[1] ?? 'Look at the image’s name, its registry and the pull secret';
}
