import type { Incident } from '../model/incident.ts';
import type { Run } from '../model/run.ts';
import { isOpen } from '../model/run.ts';

/** One run of an incident in one line: how it stands, and who or what it waits for. */
export type RunLine = { readonly run: string; readonly playbook: string; readonly target: string; readonly state: string; readonly waitsFor?: string };

/** An incident at a glance, for lists and cards. */
export type IncidentGlance = {
  readonly id: string;
  readonly title: string;
  readonly state: Incident['state'];
  readonly severity: Incident['severity'];
  readonly cluster: string;
  /** Since when it is in this state. */
  readonly sinceMs: number;
  readonly because?: string;
  readonly lead?: string;
  readonly firing: number;
  readonly runs: readonly RunLine[];
  /** Everything that waits for a person, most urgent first: what somebody looking at it now can do. */
  readonly needsPeople: readonly string[];
};

/** `runs`: those of the incident that are known; the open ones come first. */
export function view(incident: Incident, runs: readonly Run[]): IncidentGlance {
  const { id, title, state, severity, cluster, lead, closedBecause, firing, climbs, openedMs, mitigatedMs, closedMs } = incident;
  const ordered = runs.toSorted((a, b) => Number(isOpen(b.state)) - Number(isOpen(a.state)) || a.createdMs - b.createdMs);
  const lines = ordered.map((run): RunLine => {
    const waitsFor = waitingFor(run);
    return { run: run.id, playbook: run.playbook, target: run.target, state: run.state, ...(waitsFor === undefined ? {} : { waitsFor: waitsFor.words }) };
  });
  const calls = climbs.filter((climb) => climb.stoppedMs === undefined).map((climb) => `an answer: ${climb.reason}`);
  const asks = ordered.flatMap((run) => (waitingFor(run)?.person === true ? [`${run.playbook} on ${run.target}: ${waitingFor(run)?.words ?? ''}`] : []));
  return {
    id,
    title,
    state,
    severity,
    cluster,
    sinceMs: (state === 'closed' ? closedMs : state === 'mitigated' ? mitigatedMs : undefined) ?? openedMs,
    ...(closedBecause === undefined ? {} : { because: closedBecause }),
    ...(lead === undefined ? {} : { lead }),
    firing: firing.length,
    runs: lines,
    needsPeople: [...calls, ...asks],
  };
}

/** Who or what an open run waits for, in words; undefined while it works. */
function waitingFor(run: Run): { readonly words: string; readonly person: boolean } | undefined {
  if (!isOpen(run.state)) return undefined;
  const { hold, waiting, approval } = run;
  if (run.state === 'proposed' && approval !== undefined) {
    const { requirement } = approval;
    const asks = requirement.kind === 'people' ? requirement.words : requirement.kind === 'hold' ? requirement.reason : 'nobody';
    return { words: hold === undefined ? `approval (${asks})` : `approval (${asks}); held by ${hold.gate}: ${hold.reason}`, person: true };
  }
  if (hold !== undefined) return { words: `${hold.gate}: ${hold.reason}`, person: hold.gate === 'pause' || hold.gate === 'role' };
  if (waiting !== undefined) return { words: waiting.reason, person: waiting.for === 'person' };
  return undefined;
}
