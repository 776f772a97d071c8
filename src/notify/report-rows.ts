import { formatDuration } from '../model/duration.ts';
import type { RunReport } from './report-data.ts';

/** The four clocks and the time that people took, each beside the objective that they are the parts of; then what is counted apart from them. */
export function clockRows({ clocks, rto }: RunReport): readonly (readonly [string, string])[] {
  const part = (spentMs: number): string => `${formatDuration(spentMs)}${shareOf(spentMs, rto?.objectiveMs)}`;
  const rows: (readonly [string, string])[] = [
    ['Detect', part(clocks.detect)],
    ['Decide', part(clocks.decide)],
    ['Act', part(clocks.act)],
    ['Prove', part(clocks.prove)],
    ['Waiting for people', part(clocks.people)],
    ['Cleanup', formatDuration(clocks.cleanup)],
  ];
  return rto === undefined
    ? rows
    : [...rows, ['Machine time until proven', formatDuration(rto.machineMs)], ['From the request until proven', formatDuration(rto.sinceDeclaredMs)]];
}

function shareOf(spentMs: number, objectiveMs: number | undefined): string {
  return objectiveMs === undefined || objectiveMs === 0 ? '' : `, ${Math.round((spentMs / objectiveMs) * 100)}% of the RTO objective`;
}

/** What was measured beside what was aimed for; `not measured` is said, not left out. */
export function measureRows({ rto, rpo }: RunReport): readonly (readonly [string, string, string, string])[] {
  return [measureRow('RTO', rto), measureRow('RPO', rpo)];
}

function measureRow(
  name: string,
  of: { readonly measuredMs: number; readonly objectiveMs?: number; readonly met?: boolean } | undefined,
): readonly [string, string, string, string] {
  if (of === undefined) return [name, 'not measured', '', ''];
  const objective = of.objectiveMs === undefined ? 'none stated' : formatDuration(of.objectiveMs);
  return [name, formatDuration(of.measuredMs), objective, of.met === undefined ? '' : of.met ? 'met' : 'missed'];
}
