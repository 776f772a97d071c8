import { alertMail, mailKey, nameOf } from '../ingest/episode.ts';
import { WATCHDOG_ABSENT } from '../ingest/heartbeat.ts';
import { incidentKey, severityOf, unroutedKey } from '../ingest/incident.ts';
import type { Sheet } from '../ingest/sheet.ts';
import type { Episode } from '../model/alert.ts';
import { episodeId } from '../model/identity.ts';
import type { JsonObject } from '../model/json.ts';
import { label } from '../model/label.ts';
import type { Playbook } from '../model/playbook.ts';
import { type Route, type Routed, routeParams } from '../route/choose.ts';
import { answerStorm, type Begun } from './answer-storm.ts';
import { type Found, type Intake, settingsOf } from './intake.ts';
import { openIncident } from './open-incident.ts';
import { type Prepared, putRun } from './put-run.ts';
import { type StormOn, stormOn } from './storm-on.ts';
import { tell, tellRun } from './tell.ts';

/** What an episode led to. Without an incident it was only counted. */
export type Response = { readonly incident: string; readonly runs: readonly string[] };

export type Opened = {
  readonly episode: Episode;
  readonly routed: Routed;
  /** What the playbook's finder found, where it has one. */
  readonly found?: Found;
  readonly receivedMs: number;
};

/** Writes onto the sheet what an episode that began to fire leads to: an incident, its runs, and what people are told. */
export async function respond(intake: Intake, sheet: Sheet, opened: Opened): Promise<Response> {
  const { routed } = opened;
  switch (routed.kind) {
    case 'heartbeat':
      return { incident: '', runs: [] };
    case 'unrouted':
      return nobodyAnswers(intake, sheet, { ...opened, answer: routed.answer });
    case 'hand-over':
      return handOver(intake, sheet, { ...opened, playbook: routed.playbook, params: {}, cause: 'hand-over', reason: routed.reason });
    case 'route':
      return routed.playbook.find === undefined
        ? startEach(intake, sheet, {
            opened,
            route: routed,
            targets: routed.target === undefined ? [] : [{ params: routed.params, found: {}, target: routed.target, locks: routed.locks }],
          })
        : startFound(intake, sheet, { opened, route: routed });
  }
}

async function nobodyAnswers(
  intake: Intake,
  sheet: Sheet,
  { episode, answer }: Opened & { readonly answer: 'page' | 'incident' | 'count' },
): Promise<Response> {
  if (answer === 'count') return { incident: '', runs: [] };
  const { alert } = episode;
  const storm = answer === 'page' ? undefined : await stormOn(intake, sheet);
  if (storm !== undefined) return join(sheet, storm, episode);
  const policy = intake.policy();
  const severity = severityOf(label(alert.labels, 'severity'), policy.severities);
  const incident = await openIncident(sheet, { key: unroutedKey(alert), title: `${nameOf(alert)} on ${alert.cluster}`, severity, nowMs: intake.clock.nowMs() });
  tellFiring(sheet, incident, episode);
  if (answer === 'page') {
    const ladder = alert.name === WATCHDOG_ABSENT ? intake.watchdog().ladder : 'default';
    const reason = `No playbook answers ${nameOf(alert)} on ${alert.cluster}, and its severity says that somebody must look`;
    tell(sheet, { to: incident, key: `${mailKey(episode, 'firing')}/page` }, { kind: 'escalate', key: 'unrouted', ladder, reason });
  }
  return { incident, runs: [] };
}

type HandingOver = Opened & { readonly playbook: Playbook; readonly params: JsonObject; readonly cause: string; readonly reason: string };

async function handOver(intake: Intake, sheet: Sheet, of: HandingOver): Promise<Response> {
  const incident = await incidentOf(intake, sheet, of);
  tellFiring(sheet, incident, of.episode);
  tell(
    sheet,
    { to: incident, key: `${mailKey(of.episode, 'firing')}/${of.cause}` },
    { kind: 'escalate', key: of.cause, ladder: of.playbook.escalate, reason: of.reason },
  );
  return { incident, runs: [] };
}

function incidentOf(
  intake: Intake,
  sheet: Sheet,
  { episode, playbook, params }: { readonly episode: Episode; readonly playbook: Playbook; readonly params: JsonObject },
): Promise<string> {
  const { alert } = episode;
  const key = incidentKey(playbook, { cluster: alert.cluster, labels: alert.labels, params });
  const values = playbook.correlate.filter((name) => name !== 'cluster').flatMap((name) => label(alert.labels, name)?.slice(0, 80) ?? []);
  return openIncident(sheet, {
    key,
    playbook: playbook.id,
    title: `${nameOf(alert)} on ${alert.cluster}${values.length > 0 ? `: ${values.join(', ')}` : ''}`,
    severity: playbook.severity ?? severityOf(label(alert.labels, 'severity'), intake.policy().severities),
    nowMs: intake.clock.nowMs(),
  });
}

/** One run for each thing that the finder found, all of one incident; none, or no answer, is for people. */
async function startFound(intake: Intake, sheet: Sheet, { opened, route }: { readonly opened: Opened; readonly route: Route }): Promise<Response> {
  const { episode, found = { failed: 'the finder was not asked' } } = opened;
  const { playbook, params } = route;
  const give = (cause: string, reason: string): Promise<Response> => handOver(intake, sheet, { ...opened, playbook, params, cause, reason });
  if ('failed' in found) return give('find-failed', `${playbook.id} could not look for what to work on: ${found.failed}`);
  if (found.length === 0) return give('found-nothing', `${playbook.id} looked for what to work on, and found nothing`);
  const { alert } = episode;
  const { defaults } = intake.catalog().find((one) => one.playbook.id === playbook.id) ?? {};
  const targets: Prepared[] = [];
  const reasons: string[] = [];
  for (const one of found) {
    const read = routeParams(alert, { playbook, defaults, namespaces: settingsOf(intake, alert.cluster).namespaces, found: one });
    if ('reason' in read) reasons.push(read.reason);
    else if (read.target !== undefined) targets.push({ params: read.params, found: one, target: read.target, locks: read.locks });
  }
  if (targets.length === 0) return give('found-unusable', reasons[0] ?? `${playbook.id} has no target`);
  const response = await startEach(intake, sheet, { opened, route, targets });
  for (const [index, reason] of [...new Set(reasons)].entries()) {
    tell(
      sheet,
      { to: response.incident, key: `${mailKey(episode, 'firing')}/partly-${index}` },
      { kind: 'escalate', key: 'found-unusable', ladder: playbook.escalate, reason },
    );
  }
  return response;
}

type Starting = { readonly opened: Opened; readonly route: Route; readonly targets: readonly Prepared[] };

async function startEach(intake: Intake, sheet: Sheet, { opened, route, targets }: Starting): Promise<Response> {
  const { episode, receivedMs } = opened;
  const { playbook } = route;
  const { alert } = episode;
  const storm = playbook.storm && (await stormOn(intake, sheet, playbook.storm.start));
  if (storm !== undefined) return join(sheet, storm, episode);
  const incident = await incidentOf(intake, sheet, { episode, playbook, params: route.params });
  tellFiring(sheet, incident, episode);
  const key = incidentKey(playbook, { cluster: alert.cluster, labels: alert.labels, params: route.params });
  const nowMs = intake.clock.nowMs();
  const start = { by: 'alert', episode: episodeId(episode.labelsDigest), labels: alert.labels, startsAtMs: alert.startsAtMs, receivedMs } as const;
  const runs: string[] = [];
  const begun: Begun[] = [];
  for (const prepared of targets) {
    const started = await putRun(intake, sheet, { playbook, ...prepared, incident, start, nowMs });
    if (started.kind === 'started') {
      runs.push(started.run.id);
      begun.push({ ...prepared, run: started.run.id });
    } else if (started.kind === 'parked') {
      tell(sheet, { to: incident, key: mailKey(episode, 'park') }, { kind: 'park', episode: start.episode, untilMs: started.untilMs });
    } else if (!runs.includes(started.run)) {
      runs.push(started.run);
      tellRun(sheet, { to: started.run, key: mailKey(episode, 'joined') }, { kind: 'joined', episode: start.episode });
    }
  }
  const taker = await answerStorm(intake, sheet, { playbook, key, incident, begun, episode, nowMs });
  return { incident, runs: taker === undefined ? runs : [...runs, taker] };
}

/** What fires in a storm is a line of its incident: people have it already. */
function join(sheet: Sheet, { incident, run }: StormOn, episode: Episode): Response {
  tellFiring(sheet, incident, episode);
  return { incident, runs: [run] };
}

/** An episode that was parked has told its incident already. */
function tellFiring(sheet: Sheet, incident: string, episode: Episode): void {
  if (episode.incident !== incident) tell(sheet, { to: incident, key: mailKey(episode, 'firing') }, alertMail(episode, 'firing'));
}
