import { alertMail, mailKey, putEpisode, readEpisode } from '../ingest/episode.ts';
import { fold, type Happened } from '../ingest/fold.ts';
import { heartbeatId, putHeartbeat, readHeartbeat, watchdogAbsent } from '../ingest/heartbeat.ts';
import { incidentKey, unroutedKey } from '../ingest/incident.ts';
import { openSheet, type Sheet } from '../ingest/sheet.ts';
import type { Alert, Episode } from '../model/alert.ts';
import { SalvorError } from '../model/error.ts';
import { blobId, episodeId, incidentHeadId, runHeadId } from '../model/identity.ts';
import { canonical, isObject } from '../model/json.ts';
import { OPEN_STATES } from '../model/run.ts';
import { choose, type Routed } from '../route/choose.ts';
import { type Find, type Found, type Intake, routeContext, settingsOf } from './intake.ts';
import { respond } from './respond.ts';
import { tell, tellRun } from './tell.ts';

/** `parked`: nothing was received; its episode waited for a cooldown, and is answered now if it still fires. */
export type Arrived = { readonly alert: Alert; readonly receivedMs: number; readonly parked?: true };

/** Alerts that are folded together or not at all. `reply`: the record that says that they were, so that a repeat changes nothing. */
export type Part<Of = unknown> = { readonly of: Of; readonly reply?: string; readonly alerts: readonly Arrived[] };

/** What finders answered, by what they were asked. */
export type FindCache = Map<string, Found>;

/** A part that has to wait until finders have looked. */
export type Aside<Of> = { readonly part: Part<Of>; readonly finds: readonly Find[] };

type Batch<Of> = {
  readonly parts: readonly Part<Of>[];
  readonly finds: FindCache;
  /** Something that has to be true for this to make sense, and changes in the same commit; false drops it all. */
  readonly only?: (sheet: Sheet) => Promise<boolean>;
};

const TRIES = 12;

/**
 * Folds parts of one cluster in one commit: episodes, the incidents and runs that they lead to, and the mail about them. Another hand that was
 * quicker makes it begin again from what is stored now. Answers the parts that need a finder first; they are untouched.
 */
export async function foldBatch<Of>(intake: Intake, cluster: string, batch: Batch<Of>): Promise<readonly Aside<Of>[]> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const sheet = openSheet(intake.store, cluster);
    if (batch.only !== undefined && !(await batch.only(sheet))) return [];
    const folding = await prepare(intake, sheet, batch);
    const counted = await foldOnto(intake, sheet, folding);
    if (await sheet.commit(intake.ids.next())) {
      for (const [what, alerts] of counted) intake.happened?.(what, alerts);
      return folding.aside;
    }
    intake.log.debug('fold.again', { cluster, attempt });
  }
  throw new SalvorError('store.unavailable', `The alerts of ${cluster} could not be folded: other hands were quicker ${TRIES} times`, { retry: 'later' });
}

type Folding<Of> = {
  readonly parts: readonly Part<Of>[];
  readonly aside: readonly Aside<Of>[];
  readonly routes: ReadonlyMap<string, Routed>;
  readonly finds: FindCache;
};

/** Reads everything that the parts will touch, in few rounds, and sets aside what cannot be folded yet. */
async function prepare<Of>(
  intake: Intake,
  sheet: Sheet,
  { parts, finds }: { readonly parts: readonly Part<Of>[]; readonly finds: FindCache },
): Promise<Folding<Of>> {
  const watchdog = intake.watchdog().alertname;
  const every = parts.flatMap(({ alerts }) => alerts);
  await sheet.load([
    ...parts.flatMap(({ reply }) => reply ?? []),
    ...every.map(({ alert }) => episodeId(alert.labelsDigest)),
    ...(every.some(({ alert }) => alert.name === watchdog) ? [heartbeatId(sheet.partition)] : []),
  ]);
  const todo = parts.filter(({ reply }) => reply === undefined || sheet.record(reply) === undefined);
  const routes = new Map<string, Routed>();
  const aside: Aside<Of>[] = [];
  const ready: Part<Of>[] = [];
  const wanted = new Set<string>();
  const playbooks = intake.catalog();
  const context = routeContext(intake);
  for (const part of todo) {
    const missing: Find[] = [];
    for (const { alert, parked } of part.alerts) {
      const stored = readEpisode(sheet.value(episodeId(alert.labelsDigest)));
      for (const run of alert.status === 'resolved' ? (stored?.runs ?? []) : []) wanted.add(run);
      const isAnswered = stored?.state === 'firing' && stored.incident !== '' && parked === undefined;
      if (alert.status === 'resolved' || isAnswered || routes.has(alert.labelsDigest)) continue;
      const routed = choose(alert, playbooks, context);
      routes.set(alert.labelsDigest, routed);
      for (const id of headsOf(alert, routed)) wanted.add(id);
      const find = findOf(alert, routed);
      if (find !== undefined && !finds.has(findKey(find))) missing.push(find);
    }
    if (missing.length === 0) ready.push(part);
    else aside.push({ part, finds: missing });
  }
  await sheet.load(wanted);
  return { parts: ready, aside, routes, finds };
}

/** The records that decide whether something is open already. */
function headsOf(alert: Alert, routed: Routed): readonly string[] {
  if (routed.kind === 'unrouted') return routed.answer === 'count' ? [] : [incidentHeadId(unroutedKey(alert))];
  if (routed.kind === 'heartbeat') return [];
  const { playbook } = routed;
  const params = routed.kind === 'route' ? routed.params : {};
  const incident = incidentHeadId(incidentKey(playbook, { cluster: alert.cluster, labels: alert.labels, params }));
  if (routed.kind === 'hand-over' || routed.target === undefined) return [incident];
  return [incident, runHeadId({ playbook: playbook.id, cluster: alert.cluster, target: routed.target.value }), blobId(playbook.digest)];
}

/** What has to be looked for before an alert can be answered. */
export function findOf(alert: Alert, routed: Routed): Find | undefined {
  if (routed.kind !== 'route' || routed.playbook.find === undefined) return undefined;
  return { playbook: routed.playbook, cluster: alert.cluster, labels: alert.labels, params: routed.params };
}

export function findKey({ playbook, cluster, labels, params }: Find): string {
  return canonical([playbook.digest, cluster, labels.map(([name, value]) => [name, value]), params]);
}

type Counted = ReadonlyMap<string, number>;

async function foldOnto<Of>(intake: Intake, sheet: Sheet, folding: Folding<Of>): Promise<Counted> {
  const { repeatIntervalMs } = settingsOf(intake, sheet.partition);
  const watchdog = intake.watchdog().alertname;
  const episodes = new Map<string, Episode>();
  const counted = new Map<string, number>();
  const count = (what: Happened | 'heartbeat'): void => void counted.set(what, (counted.get(what) ?? 0) + 1);

  const foldOne = async ({ alert, receivedMs, parked }: Arrived): Promise<void> => {
    const id = episodeId(alert.labelsDigest);
    await sheet.load([id]);
    const before = episodes.get(id) ?? readEpisode(sheet.value(id));
    if (parked && before !== undefined) {
      if (before.state === 'firing' && before.runs.length === 0) await answer(id, before, receivedMs);
      return;
    }
    const { episode, happened } = fold(before, alert, receivedMs);
    count(happened);
    if (happened === 'late') return;
    episodes.set(id, episode);
    if (happened === 'resolved') tellEnd(sheet, episode);
    // An alert that was only counted may be answered by now: playbooks are reloaded while it fires.
    else if (episode.state === 'firing' && episode.incident === '') await answer(id, episode, receivedMs);
  };
  const answer = async (id: string, episode: Episode, receivedMs: number): Promise<void> => {
    const { alert } = episode;
    const routed = folding.routes.get(alert.labelsDigest) ?? choose(alert, intake.catalog(), routeContext(intake));
    const find = findOf(alert, routed);
    const found = find === undefined ? undefined : folding.finds.get(findKey(find));
    const response = await respond(intake, sheet, { episode, routed, receivedMs, ...(found === undefined ? {} : { found }) });
    episodes.set(id, { ...episode, ...response });
  };

  warnOfCollisions(intake, folding.parts);
  for (const arrived of causesFirst(folding)) {
    if (arrived.alert.name !== watchdog) await foldOne(arrived);
    else {
      count('heartbeat');
      const back = heartbeat(intake, sheet, arrived);
      if (back !== undefined) await foldOne(back);
    }
  }
  for (const part of folding.parts) {
    if (part.reply !== undefined) sheet.put({ id: part.reply, kind: 'reply', value: { folded: part.alerts.length } });
  }
  for (const episode of episodes.values()) sheet.add(putEpisode(episode, repeatIntervalMs));
  return counted;
}

/**
 * Every alert in the order in which it came, but those first that can make a storm, of them the most severe: what came beside them is then seen to be of
 * it. The alerts of one episode have one route and keep their order.
 */
function causesFirst({ parts, routes }: Pick<Folding<unknown>, 'parts' | 'routes'>): readonly Arrived[] {
  const rank = ({ alert }: Arrived): string => {
    const routed = routes.get(alert.labelsDigest);
    return routed?.kind === 'route' && routed.playbook.storm?.atLeast !== undefined ? (routed.playbook.severity ?? 'SEV3') : LAST;
  };
  const every = parts.flatMap(({ alerts }) => alerts.map((arrived) => ({ arrived, rank: rank(arrived) })));
  return every.toSorted((a, b) => (a.rank === b.rank ? 0 : a.rank < b.rank ? -1 : 1)).map(({ arrived }) => arrived);
}

/** Behind every severity. */
const LAST = 'T';

/** Alertmanager's fingerprint has 64 bits and can be forged: two label sets under one are two episodes here, and worth a line. */
function warnOfCollisions(intake: Intake, parts: readonly Part[]): void {
  const seen = new Map<string, string>();
  const collided = parts
    .flatMap(({ alerts }) => alerts)
    .filter(({ alert: { fingerprint, labelsDigest } }) => {
      const before = seen.get(fingerprint) ?? labelsDigest;
      if (fingerprint !== '') seen.set(fingerprint, labelsDigest);
      return before !== labelsDigest;
    });
  const [first] = collided;
  if (first === undefined) return;
  const { cluster, name, labelsDigest } = first.alert;
  intake.log.warn('ingest.fingerprint-collision', { cluster, alertname: name.slice(0, 100), labels: labelsDigest.slice(0, 8), alerts: collided.length });
}

/** Takes a Watchdog into its record. Where it was missing, the alert about that is over. */
function heartbeat(intake: Intake, sheet: Sheet, { alert, receivedMs }: Arrived): Arrived | undefined {
  const cluster = sheet.partition;
  const before = readHeartbeat(sheet.value(heartbeatId(cluster)));
  // A resolved Watchdog is no sign of life, and an old one no news.
  if (alert.status === 'resolved' || (before !== undefined && before.lastSeenMs >= receivedMs)) return undefined;
  sheet.add(putHeartbeat(cluster, { lastSeenMs: receivedMs }, receivedMs + intake.watchdog().withinMs));
  const sinceMs = before?.absentSinceMs;
  return sinceMs === undefined ? undefined : { alert: watchdogAbsent({ cluster, status: 'resolved', sinceMs, nowMs: receivedMs }), receivedMs };
}

/** Tells everyone concerned that an episode is over: its incident, and its runs that are still open. It is news, not an order. */
export function tellEnd(sheet: Sheet, episode: Episode, ending?: string): void {
  const id = episodeId(episode.labelsDigest);
  if (episode.incident !== '') tell(sheet, { to: episode.incident, key: mailKey(episode, 'resolved') }, alertMail(episode, 'resolved', ending));
  for (const run of episode.runs) {
    if (mayBeOpen(sheet, run)) tellRun(sheet, { to: run, key: mailKey(episode, 'resolved') }, { kind: 'resolved', episode: id });
  }
}

function mayBeOpen(sheet: Sheet, run: string): boolean {
  const value = sheet.value(run);
  const state = isObject(value) ? value['state'] : undefined;
  return value === undefined || OPEN.has(state);
}

const OPEN: ReadonlySet<unknown> = new Set(OPEN_STATES);
