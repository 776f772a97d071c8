import { formatDuration } from '../../model/duration.ts';
import type { ContainerState, Pod } from './pod.ts';

/** What is wrong with a pod, as far as the pod itself says. */
export const SYMPTOMS = [
  'well',
  'starting',
  'ending',
  'not-ending',
  'leftover',
  'out-of-memory',
  'crash-loop',
  'image',
  'config',
  'unplaced',
  'not-starting',
  'restore-wait',
  'hung',
] as const;
export type Symptom = (typeof SYMPTOMS)[number];

/** `words` go on from the name of the pod: `is not Ready for 20m`. */
export type Seen = { readonly symptom: Symptom; readonly words: string; readonly container?: ContainerState };

const IMAGE: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
const CONFIG: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PostStartHookError',
]);

/** Velero's own init container: it waits until the data of the volume is there. */
const RESTORE_WAIT = 'restore-wait';
/** How long a deletion may be late, and a pod may take to be placed. */
const LATE_MS = 600_000;
const PLACED_MS = 60_000;

type When = { readonly nowMs: number /** For how long it may be not Ready, or not started. */; readonly patienceMs: number };

/**
 * The first thing that keeps a pod from serving. What it waits for says more than that it waits.
 * Source  kubelet of Kubernetes 1.37, its reasons of waiting containers; Velero 1.18, its init container.
 */
export function symptomOf(pod: Pod, { nowMs, patienceMs }: When): Seen {
  if (pod.deletionMs !== undefined) {
    const lateMs = nowMs - pod.deletionMs;
    if (lateMs > LATE_MS) return { symptom: 'not-ending', words: `is Terminating, ${formatDuration(lateMs)} longer than its grace` };
    return { symptom: 'ending', words: 'is Terminating, within its time' };
  }
  if (pod.phase === 'Succeeded') return { symptom: 'well', words: 'has completed' };
  if (pod.phase === 'Failed') return { symptom: 'leftover', words: `has failed${pod.reason === '' ? '' : ` (${pod.reason})`} and is only left over` };

  const restoring = pod.initContainers.find(({ name, isRunning }) => name === RESTORE_WAIT && isRunning);
  if (restoring !== undefined) return { symptom: 'restore-wait', words: 'waits for Velero to restore its volume', container: restoring };
  const waiting = waitingFor([...pod.initContainers, ...pod.containers]);
  if (waiting !== undefined) return waiting;

  const ageMs = nowMs - pod.madeMs;
  if (pod.node === '' && pod.phase === 'Pending') {
    if (ageMs < PLACED_MS) return { symptom: 'starting', words: 'is to be placed' };
    return { symptom: 'unplaced', words: `finds no node${pod.unplaced === undefined ? '' : `: ${pod.unplaced}`}` };
  }
  if (pod.isReady) return { symptom: 'well', words: 'is Ready' };
  if (pod.phase === 'Pending') {
    if (ageMs < patienceMs) return { symptom: 'starting', words: `starts since ${formatDuration(ageMs)}` };
    return { symptom: 'not-starting', words: `has a node, and has not started for ${formatDuration(ageMs)}` };
  }
  const killed = pod.containers.find(({ isReady, restarts, ended }) => !isReady && restarts > 0 && ended?.reason === 'OOMKilled');
  if (killed !== undefined) return outOfMemory(killed);
  const forMs = nowMs - (pod.readySinceMs ?? pod.madeMs);
  const container = pod.containers.find(({ isReady }) => !isReady);
  const which = container === undefined ? {} : { container };
  if (forMs < patienceMs) return { symptom: 'starting', words: `is not Ready for ${formatDuration(forMs)}`, ...which };
  return { symptom: 'hung', words: `runs and is not Ready for ${formatDuration(forMs)}`, ...which };
}

function waitingFor(containers: readonly ContainerState[]): Seen | undefined {
  for (const container of containers) {
    const { name, waiting, restarts, ended } = container;
    if (waiting === undefined) continue;
    const { reason } = waiting;
    if (IMAGE.has(reason)) return { symptom: 'image', words: `cannot get the image of ${name}: ${waiting.message || reason}`, container };
    if (CONFIG.has(reason)) return { symptom: 'config', words: `cannot start ${name}: ${waiting.message || reason}`, container };
    if (reason !== 'CrashLoopBackOff') continue;
    if (ended?.reason === 'OOMKilled') return outOfMemory(container);
    return { symptom: 'crash-loop', words: `crashes again and again: ${name} ended with ${exitText(ended)}, ${restarts} restarts`, container };
  }
  return undefined;
}

const outOfMemory = (container: ContainerState): Seen => ({
  symptom: 'out-of-memory',
  words: `is killed for want of memory: ${container.name}, ${container.restarts} restarts`,
  container,
});

/** Exit codes that shells and runtimes give a meaning. Source  bash manual, "Exit Status"; signal(7). */
const EXITS: ReadonlyMap<number, string> = new Map([
  [126, 'its command cannot be executed'],
  [127, 'its command was not found'],
  [134, 'it aborted'],
  [137, 'it was killed'],
  [139, 'it accessed memory that is not its own'],
  [143, 'it was asked to end'],
]);

function exitText(ended: ContainerState['ended']): string {
  if (ended === undefined) return 'an unknown code';
  const meaning = EXITS.get(ended.exitCode);
  return `code ${ended.exitCode}${meaning === undefined ? '' : `, ${meaning}`}`;
}
