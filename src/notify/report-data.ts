import { plain } from '../domain/plain.ts';
import type { Clocks } from '../model/clocks.ts';
import type { Entry } from '../model/entry.ts';
import { shortId } from '../model/identity.ts';
import type { Incident } from '../model/incident.ts';
import { isList, isObject, type Json, textIn } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Run, StepState } from '../model/run.ts';
import { recoveryOf, type Stretch } from './clocks.ts';
import { diffLine } from './diff-line.ts';
import { actionsOf, gapsOf } from './report-left.ts';

/** Everything a report is made of. */
export type ReportSource = {
  readonly incident: Incident;
  readonly timeline: readonly Entry[];
  readonly runs: readonly { readonly run: Run; readonly journal: readonly Entry[]; readonly playbook?: Playbook }[];
  readonly nowMs: number;
};

/** A report as data; the written forms are made of this, and say nothing that is not in it. Absent: not known, or not so. */
export type Report = {
  readonly incident: {
    readonly id: string;
    readonly title: string;
    readonly state: string;
    readonly severity: string;
    readonly cluster: string;
    readonly playbook?: string;
    readonly openedMs: number;
    readonly closedMs?: number;
    readonly because?: string;
  };
  readonly generatedMs: number;
  /** The answer, in one sentence. */
  readonly summary: string;
  readonly people: readonly string[];
  readonly runs: readonly RunReport[];
  readonly timeline: readonly { readonly n: number; readonly atMs: number; readonly type: string; readonly text: string; readonly run?: string }[];
  /** What this report cannot say, for people to fill in. */
  readonly gaps: readonly string[];
  /** What people have to do behind the end; who, and until when, is theirs to say. */
  readonly actions: readonly string[];
};

export type RunReport = {
  readonly id: string;
  readonly playbook: string;
  readonly summary?: string;
  readonly cluster: string;
  readonly target: string;
  readonly state: string;
  readonly reason?: string;
  readonly startedBy: string;
  readonly createdMs: number;
  readonly endedMs?: number;
  readonly clocks: Clocks;
  readonly stretches: readonly Stretch[];
  readonly rto?: {
    readonly measuredMs: number;
    readonly machineMs: number;
    readonly sinceDeclaredMs: number;
    readonly objectiveMs?: number;
    readonly met?: boolean;
  };
  readonly rpo?: { readonly measuredMs: number; readonly objectiveMs?: number; readonly met?: boolean };
  readonly steps: readonly StepReport[];
  readonly approvals: readonly { readonly atMs: number; readonly text: string; readonly plan?: string }[];
  readonly evidence: readonly { readonly atMs: number; readonly type: string; readonly text: string }[];
};

export type StepReport = {
  readonly step: string;
  readonly action: string;
  readonly stage: string;
  readonly generation: number;
  readonly phase: string;
  readonly summary: string;
  readonly diff: readonly string[];
  readonly reason?: string;
};

/** The report of an incident: pure, and the same for the same journals. */
export function reportData({ incident, timeline, runs, nowMs }: ReportSource): Report {
  const ordered = runs.toSorted((a, b) => a.run.createdMs - b.run.createdMs || (a.run.id < b.run.id ? -1 : 1));
  const reports = ordered.map((one) => runReport(one, nowMs));
  const { id, title, state, severity, cluster, playbook, openedMs, closedMs, closedBecause } = incident;
  return {
    incident: {
      id: shortId(id),
      title: plain(title),
      state,
      severity,
      cluster,
      openedMs,
      ...(playbook === undefined ? {} : { playbook }),
      ...(closedMs === undefined ? {} : { closedMs }),
      ...(closedBecause === undefined ? {} : { because: plain(closedBecause) }),
    },
    generatedMs: nowMs,
    summary: summaryOf(incident, reports),
    people: peopleOf(
      timeline,
      ordered.map(({ run }) => run),
    ),
    runs: reports,
    timeline: timeline.map(({ n, atMs, type, data }) => ({
      n,
      atMs,
      type,
      text: textIn(data['text']) || type,
      ...(typeof data['run'] === 'string' ? { run: shortId(data['run']) } : {}),
    })),
    gaps: gapsOf(reports, { belonged: incident.runs.length, missing: incident.runs.filter((own) => !reports.some((run) => run.id === shortId(own))).length }),
    actions: actionsOf(incident, reports, timeline.filter(({ type }) => type === 'escalation.paged').length),
  };
}

function runReport({ run, journal, playbook }: ReportSource['runs'][number], nowMs: number): RunReport {
  const { clocks, stretches, rtoMs, machineMs, sinceDeclaredMs } = recoveryOf(run, journal, nowMs);
  const { rto: rtoObjectiveMs, rpo: rpoObjectiveMs } = playbook?.objective ?? {};
  const { factTimeMs, recoveryPointMs } = run.measured;
  const factMs = factTimeMs ?? (run.start.by === 'alert' ? run.start.startsAtMs : run.createdMs);
  const reason = run.closing?.reason;
  return {
    id: shortId(run.id),
    playbook: run.playbook,
    cluster: run.cluster,
    target: plain(run.target),
    state: run.state,
    startedBy: startedBy(run),
    createdMs: run.createdMs,
    clocks,
    stretches,
    steps: run.steps.map(stepReport),
    approvals: journal.filter(({ type }) => type.startsWith('approval.')).map(approvalOf),
    evidence: journal.flatMap(({ atMs, type, data }) =>
      isList(data['evidence']) ? data['evidence'].map((one) => ({ atMs, type, text: plain(textIn(one)) })) : [],
    ),
    ...(playbook === undefined ? {} : { summary: playbook.summary }),
    ...(reason === undefined ? {} : { reason: plain(reason) }),
    ...(run.endedMs === undefined ? {} : { endedMs: run.endedMs }),
    ...(rtoMs === undefined || machineMs === undefined || sinceDeclaredMs === undefined
      ? {}
      : { rto: { ...besides(rtoMs, rtoObjectiveMs), machineMs, sinceDeclaredMs } }),
    ...(recoveryPointMs === undefined ? {} : { rpo: besides(Math.max(0, factMs - recoveryPointMs), rpoObjectiveMs) }),
  };
}

/** A measured time beside what was aimed for. */
function besides(measuredMs: number, objectiveMs: number | undefined): { readonly measuredMs: number; readonly objectiveMs?: number; readonly met?: boolean } {
  return objectiveMs === undefined ? { measuredMs } : { measuredMs, objectiveMs, met: measuredMs <= objectiveMs };
}

function stepReport({ step, stage, generation, phase, planned, reason }: StepState): StepReport {
  return {
    step,
    action: planned.action,
    stage,
    generation,
    phase,
    summary: plain(planned.summary),
    diff: planned.changes.map((change) => diffLine(change)),
    ...(reason === undefined ? {} : { reason: plain(reason) }),
  };
}

const APPROVAL_WORDS: ReadonlyMap<string, string> = new Map([
  ['approval.vote', 'approves'],
  ['approval.granted', 'approved by'],
  ['approval.refused', 'vote not taken'],
  ['approval.rejected', 'rejects'],
  ['approval.withdrawn', 'takes the approval back'],
  ['approval.reopened', 'waits for an approval again'],
  ['approval.held', 'holds it'],
  ['approval.released', 'releases it'],
  ['approval.widened', 'nobody decided; more people may approve'],
  ['approval.kept', 'nobody decided in time; it is kept'],
  ['approval.glass-broken', 'broke the glass'],
  ['approval.reminded', 'reminded'],
  ['approval.escalated', 'nobody decided; people are called'],
  ['approval.expired', 'expired: nobody decided in time'],
]);

function approvalOf({ atMs, type, data }: Entry): RunReport['approvals'][number] {
  const by = isList(data['by']) ? data['by'].map(textIn).join(', ') : textIn(data['by']);
  const words = APPROVAL_WORDS.get(type) ?? type;
  const said = type === 'approval.granted' ? `${words} ${by}` : by === '' ? words : `${by}: ${words}`;
  const more = [textIn(data['surface']) === '' ? '' : `by ${textIn(data['surface'])}`, textIn(data['reason'])].filter((part) => part !== '');
  const plan = data['digest'];
  return { atMs, text: plain([said, ...more].join(', ')), ...(typeof plan === 'string' && plan !== '' ? { plan: plan.slice(0, 8) } : {}) };
}

function startedBy({ start }: Run): string {
  switch (start.by) {
    case 'alert':
      return 'an alert';
    case 'person':
      return plain(`${start.person} by ${start.surface}: ${start.reason}`);
    case 'schedule':
      return 'its schedule';
    case 'storm':
      return `a storm of ${start.runs.length} runs of ${start.playbook}`;
    case 'rehearsal':
      return 'a rehearsal';
  }
}

function summaryOf({ state, closedBecause, firing, openRuns }: Incident, runs: readonly RunReport[]): string {
  if (state === 'closed') return plain(closedBecause ?? 'Closed');
  const done = runs.filter((run) => run.state === 'done' || run.state === 'recovered').length;
  return `Still ${state}: ${firing.length} firing, ${openRuns.length} of ${runs.length} runs open, ${done} ended well`;
}

/** Everybody who decided, said or was paged something, in the order of their first word. */
function peopleOf(timeline: readonly Entry[], runs: readonly Run[]): readonly string[] {
  const names = timeline
    .flatMap(({ data }) => [data['by'], ...(isObject(data['facts']) ? [data['facts']['by']] : [])])
    .flatMap((by): readonly (Json | undefined)[] => (isList(by) ? by : [by]));
  const askers = runs.flatMap(({ start }) => (start.by === 'person' ? [start.person] : []));
  return [...new Set([...askers, ...names.flatMap((name) => (typeof name === 'string' && !STARTERS.has(name) ? [name] : []))])].map((name) => plain(name, 100));
}

/** `by` of a run's first line says what started it, which is nobody. */
const STARTERS: ReadonlySet<string> = new Set(['alert', 'person', 'schedule', 'storm', 'rehearsal']);
