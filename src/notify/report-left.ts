import { type Clocks, PHASES } from '../model/clocks.ts';
import { formatDuration } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { PHASE_NAMES } from './clocks.ts';

/** A run as far as it is told here. */
type Told = {
  readonly id: string;
  readonly playbook: string;
  readonly state: string;
  readonly reason?: string;
  readonly clocks: Clocks;
  readonly rto?: Beside;
  readonly rpo?: Beside;
};
type Beside = { readonly measuredMs: number; readonly objectiveMs?: number; readonly met?: boolean };

/** What the report cannot say. `belonged`: how many runs the incident had; `missing` of them are no longer stored. */
export function gapsOf(runs: readonly Told[], { belonged, missing }: { readonly belonged: number; readonly missing: number }): readonly string[] {
  const gaps = runs.flatMap((run) => [
    ...(run.state === 'done' && run.rto === undefined ? [`${run.id}: nothing was verified, so its RTO is not measured`] : []),
    ...(run.rto !== undefined && run.rto.objectiveMs === undefined ? [`${run.id}: ${run.playbook} states no RTO objective`] : []),
    ...(run.state === 'done' && run.rpo === undefined ? [`${run.id}: no recovery point was measured`] : []),
  ]);
  return missing === 0 ? gaps : [...gaps, `${missing} of ${belonged} runs are no longer stored`];
}

const UNWELL: ReadonlySet<string> = new Set(['failed', 'rolled-back', 'handed-over', 'expired', 'superseded']);

/** What people have to do behind the end: asked by what was measured, answered by nobody yet. `paged`: how often somebody was called. */
export function actionsOf({ state }: Pick<Incident, 'state'>, runs: readonly Told[], paged: number): readonly string[] {
  if (state !== 'closed') return [];
  return [
    ...runs.flatMap((run) => [...unwellOf(run), ...missedOf(run)]),
    ...(paged === 0 ? [] : [`Somebody was paged ${paged === 1 ? 'once' : `${paged} times`}: what would have told them earlier, or not at night`]),
    'What caused it, and what keeps it from happening again',
    'Who was affected, from when to when, and who told them',
  ];
}

function missedOf({ id, clocks, rto, rpo }: Told): readonly string[] {
  const longest = PHASES.filter((phase) => phase !== 'cleanup').reduce((most, phase) => (clocks[phase] > clocks[most] ? phase : most));
  const most = `most of it ${PHASE_NAMES[longest]}, ${formatDuration(clocks[longest])}`;
  return [
    ...(rto?.met === false ? [`${id}: RTO missed by ${overOf(rto)}, ${most}: what makes it shorter`] : []),
    ...(rto?.met !== false && longest === 'people' ? [`${id}: people were waited for longest, ${formatDuration(clocks.people)}: who could decide sooner`] : []),
    ...(rpo?.met === false ? [`${id}: RPO missed by ${overOf(rpo)}: what makes backups more often`] : []),
  ];
}

function unwellOf({ id, state, reason }: Told): readonly string[] {
  return UNWELL.has(state) ? [`${id} ended ${state}${reason === undefined ? '' : ` (${reason})`}: what was done by hand, and what is left`] : [];
}

function overOf({ measuredMs, objectiveMs = 0 }: Beside): string {
  return formatDuration(measuredMs - objectiveMs);
}
