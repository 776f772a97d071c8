import { z } from 'zod';
import { incidentKey, severityOf } from '../ingest/incident.ts';
import { openSheet, type Sheet } from '../ingest/sheet.ts';
import { sha256 } from '../model/digest.ts';
import { SalvorError } from '../model/error.ts';
import { runHeadId } from '../model/identity.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { Start } from '../model/run.ts';
import type { RoutePlaybook } from '../route/choose.ts';
import { type ParamProblem, problemsText, readParams } from '../route/params.ts';
import { readTargets } from '../route/target.ts';
import { ask } from './fold-parts.ts';
import { type Found, type Intake, settingsOf } from './intake.ts';
import { openIncident } from './open-incident.ts';
import { type Prepared, putRun } from './put-run.ts';
import { readRunHead } from './start.ts';

/** A start that no alert asked for: a person, a schedule or a rehearsal did. */
export type Request = {
  readonly cluster: string;
  readonly playbook: RoutePlaybook;
  readonly given: JsonObject;
  readonly start: Exclude<Start, { by: 'alert' } | { by: 'storm' }>;
  /** Names the request: asked again, it answers the same and starts nothing. */
  readonly once?: string;
};

export type Begun =
  | {
      readonly kind: 'started';
      readonly incident: string;
      readonly runs: readonly string[] /** Open runs that do this already. */;
      readonly joined: readonly string[];
    }
  | { readonly kind: 'refused'; readonly run: string; readonly reason: string }
  | { readonly kind: 'invalid'; readonly reason: string; readonly problems?: readonly ParamProblem[] };

/** What was answered to a request that has a name. */
const Answered = z.object({ incident: z.string(), runs: z.array(z.string()), joined: z.array(z.string()) });

const TRIES = 12;

/** Starts a playbook on request: the same incidents, the same one open run for a target, as for an alert. */
export async function beginRun(intake: Intake, request: Request): Promise<Begun> {
  const prepared = await prepare(intake, request);
  if ('reason' in prepared) return { kind: 'invalid', ...prepared };
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const sheet = openSheet(intake.store, request.cluster);
    const begun = await beginOnto(intake, sheet, { request, prepared: prepared.targets, params: prepared.params });
    // Where everything is under way already, nothing is written.
    if (begun.kind !== 'started' || begun.runs.length === 0 || (await sheet.commit(intake.ids.next()))) return begun;
  }
  throw new SalvorError('store.unavailable', `${request.playbook.playbook.id} could not be started: other hands were quicker ${TRIES} times`, {
    retry: 'later',
  });
}

type NotPrepared = { readonly reason: string; readonly problems?: readonly ParamProblem[] };
type ForRequest = { readonly targets: readonly Prepared[]; readonly params: JsonObject };

/** Parameters, and targets where a finder has to look for them: one start for each. */
async function prepare(intake: Intake, { cluster, playbook: { playbook, defaults }, given }: Request): Promise<ForRequest | NotPrepared> {
  const { namespaces } = settingsOf(intake, cluster);
  const source = { cluster, namespaces, given, ...(defaults === undefined ? {} : { defaults }) };
  const first = readParams(playbook, playbook.find === undefined ? { ...source, found: {} } : source);
  if (!first.ok) return { reason: problemsText(first.problems), problems: first.problems };
  const found: Found = playbook.find === undefined ? [{}] : await ask(intake, { playbook, cluster, labels: [], params: first.params });
  if ('failed' in found) return { reason: `${playbook.id} could not look for what to work on: ${found.failed}` };
  if (found.length === 0) return { reason: `${playbook.id} looked for what to work on, and found nothing` };
  const targets: Prepared[] = [];
  for (const one of found) {
    const read = readParams(playbook, { ...source, found: one });
    if (!read.ok) return { reason: problemsText(read.problems), problems: read.problems };
    const at = readTargets(playbook, { cluster, params: read.params, found: one });
    if ('absent' in at) return { reason: `${playbook.id} needs a target, and nothing is at ${at.absent}` };
    targets.push({ params: read.params, found: one, ...at });
  }
  return { targets, params: first.params };
}

type Beginning = { readonly request: Request; readonly prepared: readonly Prepared[]; readonly params: JsonObject };

async function beginOnto(intake: Intake, sheet: Sheet, { request, prepared, params }: Beginning): Promise<Begun> {
  const {
    cluster,
    playbook: { playbook },
    start,
    once,
  } = request;
  const reply = once === undefined ? undefined : `reply/once/${sha256(`${playbook.id}\n${once}`)}`;
  if (reply !== undefined) {
    await sheet.load([reply]);
    const answered = Answered.safeParse(sheet.value(reply)).data;
    if (answered !== undefined) return { kind: 'started', ...answered };
  }
  const nowMs = intake.clock.nowMs();
  const [target] = prepared;
  const incident = await openIncident(sheet, {
    key: incidentKey(playbook, { cluster, labels: [], params }),
    playbook: playbook.id,
    title: `${playbook.id} on ${cluster}${target === undefined || target.target.value === cluster ? '' : `: ${target.target.value}`}`,
    severity: playbook.severity ?? severityOf(undefined, intake.policy().severities),
    nowMs,
  });
  const runs: string[] = [];
  const joined: string[] = [];
  for (const one of prepared) {
    const open = await openParams(sheet, runHeadId({ playbook: playbook.id, cluster, target: one.target.value }));
    const started = await putRun(intake, sheet, { playbook, ...one, incident, start, nowMs, ...(open === undefined ? {} : { open }) });
    if (started.kind === 'refused') {
      const reason = `${started.run} is open for ${one.target.value} with other parameters: ${started.differences.join('; ')}. Wait for it, cancel it, or supersede it`;
      return { kind: 'refused', run: started.run, reason };
    }
    if (started.kind === 'started') runs.push(started.run.id);
    else if (started.kind === 'joined') joined.push(started.run);
  }
  if (runs.length === 0) return { kind: 'started', incident: await incidentOf(sheet, joined[0], incident), runs, joined };
  if (reply !== undefined) sheet.put({ id: reply, kind: 'reply', value: { incident, runs, joined } });
  return { kind: 'started', incident, runs, joined };
}

/** Parameters of the open run of a head, for the rule that a command joins only with equal ones. */
async function openParams(sheet: Sheet, headId: string): Promise<JsonObject | undefined> {
  await sheet.load([headId]);
  const { openRun } = readRunHead(sheet.value(headId));
  if (openRun === undefined) return undefined;
  await sheet.load([openRun]);
  const run = sheet.value(openRun);
  const params = isObject(run) ? run['params'] : undefined;
  return isObject(params) ? params : undefined;
}

async function incidentOf(sheet: Sheet, run: string | undefined, otherwise: string): Promise<string> {
  if (run === undefined) return otherwise;
  await sheet.load([run]);
  const value = sheet.value(run);
  return isObject(value) && typeof value['incident'] === 'string' ? value['incident'] : otherwise;
}
