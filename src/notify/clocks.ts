import { type Clocks, clocksOf, PHASES, type Phase } from '../model/clocks.ts';
import type { Entry } from '../model/entry.ts';
import type { Run } from '../model/run.ts';

/** What people call the clocks. */
export const PHASE_NAMES: { readonly [P in Phase]: string } = {
  detect: 'detect',
  decide: 'decide',
  act: 'act',
  prove: 'prove',
  people: 'waiting for people',
  cleanup: 'cleanup',
};

/** A stretch of a run's time that belongs to one clock. */
export type Stretch = { readonly phase: Phase; readonly fromMs: number; readonly toMs: number };

/** Where the time of a recovery went. */
export type Recovery = {
  /** The whole life of the run, cleanup and waiting for people beside the four clocks. */
  readonly clocks: Clocks;
  readonly stretches: readonly Stretch[];
  /** When it was last proven that it worked; absent: it was not. */
  readonly provenMs?: number;
  /**
   * The measured RTO: from the fact (a drill: from its first write) until it was proven. People are waited for while things are down,
   * so that time is in it; `machineMs` is the sum of the four clocks without it.
   */
  readonly rtoMs?: number;
  readonly machineMs?: number;
  /** From the moment somebody or something asked for the run until it was proven. */
  readonly sinceDeclaredMs?: number;
};

type Journal = readonly Pick<Entry, 'type' | 'atMs'>[];
type Measured = Pick<Run, 'start' | 'measured' | 'createdMs' | 'endedMs' | 'state' | 'playbook'>;

/** Reads the clocks of one run from its journal. */
export function recoveryOf(run: Measured, journal: Journal, nowMs: number): Recovery {
  const whole = { clocks: clocksOf(run, journal, nowMs), stretches: stretchesOf(run, journal, nowMs) };
  const last = journal.findLastIndex(({ type }) => type === 'run.verified');
  const provenMs = journal[last]?.atMs;
  if (run.state !== 'done' || provenMs === undefined) return whole;
  const { endedMs: _endedMs, ...open } = run;
  const until = clocksOf(open, journal.slice(0, last + 1), provenMs);
  const machineMs = until.detect + until.decide + until.act + until.prove;
  const firstWriteMs = journal.find(({ type }) => type === 'write.intent')?.atMs;
  const rtoMs = isDrill(run) && firstWriteMs !== undefined ? Math.max(0, provenMs - firstWriteMs) : machineMs + until.people;
  return { ...whole, provenMs, rtoMs, machineMs, sinceDeclaredMs: Math.max(0, provenMs - run.createdMs) };
}

/** A drill restores what is not down: its own playbooks say so by their names. */
function isDrill({ playbook }: Pick<Run, 'playbook'>): boolean {
  return playbook === 'drill' || playbook.startsWith('drill-');
}

/** The clocks in the order in which they ran; stretches without time are left out. */
function stretchesOf(run: Measured, journal: Journal, nowMs: number): readonly Stretch[] {
  const { endedMs, ...open } = run;
  const stretches: Stretch[] = [];
  const endMs = endedMs ?? nowMs;
  // What a moment more would be counted as is the clock that runs behind a line: the model's own table decides, not a second one.
  const runningAfter = (lines: Journal, atMs: number): Phase => {
    const now = clocksOf(open, lines, atMs);
    const later = clocksOf(open, lines, atMs + 1);
    return PHASES.find((phase) => later[phase] > now[phase]) ?? 'detect';
  };
  const spentBefore = clocksOf(open, journal.slice(0, 1), journal[0]?.atMs ?? endMs);
  let fromMs = (journal[0]?.atMs ?? endMs) - PHASES.reduce((sum, phase) => sum + spentBefore[phase], 0);
  let phase: Phase = 'detect';
  let latestMs = fromMs;
  for (const [index, { atMs }] of journal.entries()) {
    latestMs = Math.max(latestMs, atMs);
    const next = runningAfter(journal.slice(0, index + 1), latestMs);
    if (next === phase) continue;
    if (latestMs > fromMs) stretches.push({ phase, fromMs, toMs: latestMs });
    fromMs = latestMs;
    phase = next;
  }
  if (endMs > fromMs) stretches.push({ phase, fromMs, toMs: endMs });
  return stretches;
}
