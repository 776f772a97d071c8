import { parseFacts } from '../../action/parse.ts';
import { formatDuration } from '../../model/duration.ts';
import { errorCode, errorText } from '../../model/error.ts';
import type { Finding, Measured } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import type { DiagnoseStep } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import type { Cluster } from '../../port/kube.ts';
import type { Performance } from '../engine.ts';
import type { Observation } from '../observation.ts';
import { type Lacking, lackingRights } from '../rights.ts';
import { proberOf } from '../views.ts';
import { actionOf, byOurClock, clusterOf, nowIn, paramsOf, timed } from './call.ts';
import { troubleOf } from './trouble.ts';

const HOW_TO_GO_ON = ['What else is missing: salvor check --live', 'With the rights in place, start it again: salvor run'];
/** A clock that is off by less misleads nobody. */
const TOLD_MS = 60_000;
const NOTHING_TO_DIAGNOSE: Finding = { kind: 'act', reason: 'Nothing to diagnose' };

/** Runs the diagnoses in order. Several: the first whose finding is not `act` decides, and the facts of those before it are kept. */
export async function diagnose({ engine, session, playbook }: Performance): Promise<Observation> {
  const facts = new Map<string, JsonObject>();
  const evidence: string[] = [];
  let measured: Measured = {};
  let finding = NOTHING_TO_DIAGNOSE;
  for (const step of playbook.diagnose) {
    // A later diagnosis may refer to the facts of an earlier one.
    const run: Run = { ...session.run(), diagnosis: { ...session.run().diagnosis, ...Object.fromEntries(facts) } };
    try {
      const lacking = await lackingIn(engine, run, step);
      if (lacking.blind !== undefined) evidence.push(`${lacking.blind}; until then changes are seen at the next look`);
      if (lacking.refusal !== undefined) {
        engine.log.warn('diagnosis.refused', { runId: run.id, action: step.action, reason: lacking.refusal });
        finding = { kind: 'hand-over', reason: lacking.refusal, hints: HOW_TO_GO_ON };
        break;
      }
      const answer = await runOne({ engine, session, playbook }, step, run);
      facts.set(step.id, answer.facts);
      evidence.push(...answer.evidence);
      measured = { ...measured, ...answer.measured };
      finding = answer.finding;
    } catch (error) {
      const again = troubleOf(error, run);
      if (again !== undefined) return again;
      engine.log.warn('diagnosis.failed', { runId: run.id, action: step.action, code: errorCode(error), reason: errorText(error) });
      finding = { kind: 'hand-over', reason: `The diagnosis ${step.action} could not be made: ${errorText(error)}`, hints: [] };
    }
    if (finding.kind !== 'act') break;
  }
  return { kind: 'found', finding, facts: Object.fromEntries(facts), evidence, measured };
}

/**
 * Asked before the first time, since a diagnosis may ask by objects that it must be able to remove; a run that waits looks often. Where nobody answers,
 * the handler knows best what that means.
 */
async function lackingIn(engine: Performance['engine'], run: Run, step: DiagnoseStep): Promise<Lacking> {
  if (Object.hasOwn(run.diagnosis, step.id)) return {};
  try {
    return await lackingRights(engine, run, [step]);
  } catch (error) {
    engine.log.warn('diagnosis.rights-unknown', { runId: run.id, action: step.action, code: errorCode(error), reason: errorText(error) });
    return {};
  }
}

/** Its times stand beside ours on the same page: who reads both has to know. */
function clockEvidence(cluster: Cluster): readonly string[] {
  const aheadMs = cluster.aheadMs();
  if (Math.abs(aheadMs) < TOLD_MS) return [];
  const how = `${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [`the clock of ${cluster.name} is ${how} Salvor's: ages are by its own clock, and times that it wrote are shown as it wrote them`];
}

async function runOne({ engine, session }: Performance, step: DiagnoseStep, run: Run) {
  const action = actionOf(engine, step.action, 'diagnosis');
  const cluster = await clusterOf({ engine, session }, step.cluster);
  const { params } = paramsOf(run, action, step.with);
  const answer = await timed(engine, { action, signal: session.signal }, (signal) =>
    action.run({
      run: run.id,
      begun: run.steps.map(({ planned }) => planned.stepKey),
      cluster: cluster.name,
      nowMs: nowIn(engine, cluster),
      signal,
      params,
      kube: proberOf(cluster.access),
    }),
  );
  const evidence = [...answer.evidence, ...clockEvidence(cluster)];
  return { ...answer, evidence, measured: byOurClock(answer.measured, cluster), facts: parseFacts(action, answer.facts) };
}
