/**
 * What the phases of a Backup mean. A phase that nobody knows here counts as unsettled: neither over nor good.
 * Source  Velero 1.18: `Queued` and `ReadyToStart` are new in it, `New` is no longer seen; a fresh Backup has no phase.
 */
export type PhaseMeaning =
  /** Waits for its turn. */
  | 'queued'
  | 'running'
  /** Over: everything that was asked for is in it. */
  | 'good'
  /** Over: some of it is missing; what is there can be restored. */
  | 'partial'
  /** Over: nothing usable. */
  | 'bad'
  | 'deleting'
  | 'unknown';

const MEANINGS: ReadonlyMap<string, PhaseMeaning> = new Map([
  ['', 'queued'],
  ['New', 'queued'],
  ['Queued', 'queued'],
  ['ReadyToStart', 'queued'],
  ['InProgress', 'running'],
  ['WaitingForPluginOperations', 'running'],
  ['WaitingForPluginOperationsPartiallyFailed', 'running'],
  ['Finalizing', 'running'],
  ['FinalizingPartiallyFailed', 'running'],
  ['Completed', 'good'],
  ['PartiallyFailed', 'partial'],
  ['Failed', 'bad'],
  ['FailedValidation', 'bad'],
  ['Deleting', 'deleting'],
]);

export function phaseMeaning(phase: string): PhaseMeaning {
  return MEANINGS.get(phase) ?? 'unknown';
}

/** It will not change by itself any more. */
export const isTerminal = (phase: string): boolean => ['good', 'partial', 'bad'].includes(phaseMeaning(phase));
export const isRunning = (phase: string): boolean => phaseMeaning(phase) === 'running';
export const isQueued = (phase: string): boolean => phaseMeaning(phase) === 'queued';
export const isGood = (phase: string): boolean => phaseMeaning(phase) === 'good';
/** A partial backup is often the best recovery point there is; a failed one has no usable archive. */
export const isRestorable = (phase: string): boolean => ['good', 'partial'].includes(phaseMeaning(phase));
/** Over, and not what was asked for. */
export const isFailure = (phase: string): boolean => ['partial', 'bad'].includes(phaseMeaning(phase));
