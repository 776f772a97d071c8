import type { Group } from '../ingest/alertmanager.ts';
import { putEpisode, readEpisode } from '../ingest/episode.ts';
import { endEpisode } from '../ingest/fold.ts';
import type { Reread } from '../ingest/reread.ts';
import { openSheet } from '../ingest/sheet.ts';
import { SalvorError } from '../model/error.ts';
import type { Arrival } from './arrival.ts';
import { tellEnd } from './fold-batch.ts';
import { foldParts } from './fold-parts.ts';
import { type Intake, settingsOf } from './intake.ts';

/** How often a webhook waits for an Alertmanager that does not answer; then its unknown rest stays unknown until the next webhook. */
const REREAD_TRIES = 2;
const TRIES = 12;

/**
 * Asks Alertmanager for the rest of the groups that it cut: such a body says nothing about the alerts that are not in it, and its own status may
 * say resolved while they fire. Answers the webhooks that have to come again later, since it did not answer.
 */
export async function rereadGroups(intake: Intake, arrivals: readonly Arrival[]): Promise<ReadonlySet<Arrival>> {
  const asked = new Map<string, { readonly cluster: string; readonly group: Group; readonly arrivals: Arrival[] }>();
  for (const arrival of arrivals) {
    const { truncated, group, alerts } = arrival.read;
    if (truncated === 0) continue;
    for (const cluster of new Set(alerts.map((alert) => alert.cluster))) {
      intake.log.info('ingest.truncated', { cluster, truncated, rereads: settingsOf(intake, cluster).rereads });
      if (!settingsOf(intake, cluster).rereads) continue;
      const key = `${cluster}/${group.digest}/${group.receiver}`;
      const one = asked.get(key) ?? { cluster, group, arrivals: [] };
      one.arrivals.push(arrival);
      asked.set(key, one);
    }
  }
  const deferred = new Set<Arrival>();
  await Promise.all(
    [...asked.values()].map(async ({ cluster, group, arrivals: cut }) => {
      const askedMs = intake.clock.nowMs();
      const answer = await intake.reread(cluster, group);
      if (!('failed' in answer)) return foldReread(intake, { cluster, group, answer, askedMs });
      const again = cut.filter(({ tries }) => tries + 1 < REREAD_TRIES);
      for (const arrival of again) deferred.add(arrival);
      intake.log.warn('ingest.reread-failed', { cluster, reason: answer.failed, again: again.length > 0 });
    }),
  );
  return deferred;
}

type Answered = { readonly cluster: string; readonly group: Group; readonly answer: Reread; readonly askedMs: number };

/** What is listed as active fires; what was open in this group and is not there at all is over. */
async function foldReread(intake: Intake, { cluster, group, answer, askedMs }: Answered): Promise<void> {
  await foldParts(intake, cluster, { parts: answer.active.map((alert) => ({ of: undefined, alerts: [{ alert, receivedMs: askedMs }] })) });
  const gone = (await openEpisodes(intake, cluster, group)).filter(
    ({ labelsDigest, lastSeenMs }) => !answer.present.has(labelsDigest) && lastSeenMs <= askedMs,
  );
  if (gone.length === 0) return;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const sheet = openSheet(intake.store, cluster);
    await sheet.load(gone.flatMap(({ id, runs }) => [id, ...runs]));
    for (const { id } of gone) {
      const episode = readEpisode(sheet.value(id));
      if (episode === undefined || episode.state === 'ended' || episode.lastSeenMs > askedMs) continue;
      const ended = endEpisode(episode, 'disproved', askedMs);
      sheet.add(putEpisode(ended, settingsOf(intake, cluster).repeatIntervalMs));
      tellEnd(sheet, ended, 'Alertmanager does not list it any more');
    }
    if (await sheet.commit(intake.ids.next())) return;
  }
  throw new SalvorError('store.unavailable', `The re-read group of ${cluster} could not be folded: other hands were quicker ${TRIES} times`, {
    retry: 'later',
  });
}

type OpenEpisode = { readonly id: string; readonly labelsDigest: string; readonly lastSeenMs: number; readonly runs: readonly string[] };

async function openEpisodes(intake: Intake, cluster: string, group: Group): Promise<readonly OpenEpisode[]> {
  const open: OpenEpisode[] = [];
  let cursor: string | undefined;
  do {
    const page = await intake.store.list({
      partition: cluster,
      kind: 'episode',
      where: { state: 'firing', group: group.digest },
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const record of page.records) {
      const episode = readEpisode(record.value);
      if (episode !== undefined) open.push({ id: record.id, labelsDigest: episode.labelsDigest, lastSeenMs: episode.lastSeenMs, runs: episode.runs });
    }
    ({ cursor } = page);
  } while (cursor !== undefined);
  return open;
}
