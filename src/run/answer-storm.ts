import { putIncidentHead, readIncidentHead } from '../ingest/incident.ts';
import type { Sheet } from '../ingest/sheet.ts';
import type { Episode } from '../model/alert.ts';
import { formatDuration } from '../model/duration.ts';
import { incidentHeadId } from '../model/identity.ts';
import { isObject } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import { resolveWith } from '../playbook/resolve.ts';
import { problemsText, readParams } from '../route/params.ts';
import { readTargets } from '../route/target.ts';
import { type Intake, settingsOf } from './intake.ts';
import { type Prepared, putRun } from './put-run.ts';
import { stormOf } from './storm.ts';
import { tell, tellRun } from './tell.ts';

/** A run that just started. */
export type Begun = Prepared & { readonly run: string };

type Storming = {
  readonly playbook: Playbook;
  readonly key: string;
  readonly incident: string;
  readonly begun: readonly Begun[];
  readonly episode: Episode;
  readonly nowMs: number;
};

/** Counts what just started; where it is a storm, one run takes over, and those that nobody approved yet are told to end. */
export async function answerStorm(intake: Intake, sheet: Sheet, of: Storming): Promise<string | undefined> {
  const { playbook, key, incident, nowMs } = of;
  const [trigger] = of.begun;
  if (playbook.storm?.atLeast === undefined || trigger === undefined) return undefined;
  const { ordinal, open = incident, recent = [] } = readIncidentHead(sheet.value(incidentHeadId(key)));
  const decision = stormOf(playbook.storm, [...recent, ...of.begun.map(({ run }) => ({ run, atMs: nowMs }))], nowMs);
  if (decision.kind === 'calm') {
    sheet.add(putIncidentHead(key, { ordinal, open, recent: [...decision.recent] }));
    return undefined;
  }
  const taker = takerOf(intake, { ...of, cluster: sheet.partition, trigger });
  if ('reason' in taker) {
    intake.log.warn('storm.not-answered', { playbook: playbook.id, runs: decision.runs.length });
    sheet.add(putIncidentHead(key, { ordinal, open, recent: [] }));
    tell(sheet, { to: incident, key: `storm/${trigger.run}` }, { kind: 'escalate', key: 'storm', ladder: playbook.escalate, reason: taker.reason });
    return undefined;
  }
  const start = { by: 'storm', playbook: playbook.id, runs: decision.runs } as const;
  const started = await putRun(intake, sheet, { ...taker, incident, start, nowMs });
  if (started.kind === 'parked') return undefined;
  const run = started.kind === 'started' ? started.run.id : started.run;
  const reason = `${decision.runs.length} runs of ${playbook.id} within ${formatDuration(playbook.storm.within)} have one cause: ${taker.playbook.id} takes over`;
  for (const single of decision.runs)
    tellRun(sheet, { to: single, key: `storm/${run}` }, { kind: 'supersede', by: 'storm', surface: 'storm', reason, newRun: run });
  sheet.add(putIncidentHead(key, { ordinal, open, recent: [] }));
  await raise(sheet, incident, taker.playbook);
  return run;
}

/** Several at once are more than one alone: the incident becomes as severe as what answers it now. SEV1 sorts before SEV2. */
async function raise(sheet: Sheet, incident: string, { id, severity }: Playbook): Promise<void> {
  await sheet.load([incident]);
  const stored = sheet.value(incident);
  const before = isObject(stored) ? stored['severity'] : undefined;
  if (severity === undefined || typeof before !== 'string' || severity >= before) return;
  tell(sheet, { to: incident, key: `storm/severity/${severity}` }, { kind: 'severity', by: id, surface: 'storm', severity });
}

type Taking = Storming & { readonly cluster: string; readonly trigger: Begun };

/** The playbook that answers a storm, with parameters from the storm's `with`, as the run that made it one sees them. */
function takerOf(intake: Intake, { playbook, cluster, trigger, episode }: Taking): (Prepared & { readonly playbook: Playbook }) | { readonly reason: string } {
  const { storm } = playbook;
  const taker = intake.catalog().find((one) => one.playbook.id === storm?.start);
  if (storm === undefined || taker === undefined) return { reason: `${playbook.id} sees a storm, but its playbook ${storm?.start ?? ''} is not loaded` };
  const { labels } = episode.alert;
  const { params, found } = trigger;
  const given = resolveWith(storm.with, { labels, params, found, run: { id: trigger.run, cluster }, diagnosis: {}, steps: {}, checks: {}, answers: {} });
  if (!given.ok) return { reason: `${playbook.id} sees a storm, but nothing is at ${given.absent.join(', ')}` };
  const { namespaces } = settingsOf(intake, cluster);
  const { defaults } = taker;
  const read = readParams(taker.playbook, { cluster, namespaces, labels, found, given: given.params, ...(defaults === undefined ? {} : { defaults }) });
  if (!read.ok) return { reason: `${playbook.id} sees a storm, but ${taker.playbook.id} cannot start: ${problemsText(read.problems)}` };
  const targets = readTargets(taker.playbook, { cluster, params: read.params, labels, found });
  if ('absent' in targets) return { reason: `${playbook.id} sees a storm, but ${taker.playbook.id} has no target: nothing is at ${targets.absent}` };
  return { playbook: taker.playbook, params: read.params, found, ...targets };
}
