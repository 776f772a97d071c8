import { formatDuration } from '../model/duration.ts';
import type { Report, RunReport } from './report-data.ts';

/** Runs that are named one by one; the report has all. */
const MOST_RUNS = 8;

/** What the end of an incident says in a few lines: of one run its clocks, and RTO and RPO beside what was aimed for; of several what became of each. */
export function reportTable({ runs }: Report): readonly (readonly [string, string])[] {
  const [only, ...more] = runs;
  if (only === undefined) return [];
  if (more.length === 0) return oneRun(only);
  const left = runs.length - MOST_RUNS;
  const rows = runs
    .slice(0, MOST_RUNS)
    .map((run) => [`${run.playbook} on ${run.target}`, `${run.state}${run.rto === undefined ? '' : `, RTO ${beside(run.rto)}`}`] as const);
  return left > 0 ? [...rows, ['More', `${left} runs more in the report`]] : rows;
}

function oneRun({ clocks, rto, rpo, state, playbook, target }: RunReport): readonly (readonly [string, string])[] {
  return [
    [`${playbook} on ${target}`, state],
    ['RTO', beside(rto)],
    ['RPO', beside(rpo)],
    ['Detect, decide', `${formatDuration(clocks.detect)}, ${formatDuration(clocks.decide)}`],
    ['Act, prove', `${formatDuration(clocks.act)}, ${formatDuration(clocks.prove)}`],
    ['Waiting for people', formatDuration(clocks.people)],
  ];
}

function beside(of: RunReport['rpo']): string {
  if (of === undefined) return 'not measured';
  const objective = of.objectiveMs === undefined ? 'no objective stated' : `objective ${formatDuration(of.objectiveMs)}: ${of.met === true ? 'met' : 'missed'}`;
  return `${formatDuration(of.measuredMs)} (${objective})`;
}
