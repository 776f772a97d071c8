import { putEpisode, readEpisode } from './ingest/episode.ts';
import { endEpisode, expiresMs } from './ingest/fold.ts';
import { heartbeatId, putHeartbeat, readHeartbeat, watchdogAbsent } from './ingest/heartbeat.ts';
import { deferChange, type Settled, settleChanges } from './ingest/settle.ts';
import { openSheet } from './ingest/sheet.ts';
import { errorCode, errorText } from './model/error.ts';
import { isObject } from './model/json.ts';
import { type Claimed, INBOX, type StoredRecord } from './port/store.ts';
import { type Arrival, partsOf, readArrival, triesOf } from './run/arrival.ts';
import { foldBatch, tellEnd } from './run/fold-batch.ts';
import { foldParts } from './run/fold-parts.ts';
import { type Intake, settingsOf } from './run/intake.ts';
import { rereadGroups } from './run/reread-groups.ts';

/** How often a webhook is put back because something about it did not answer, or broke. */
const MOST_TRIES = 2;
const AGAIN_MS = [5000, 20_000] as const;
/** While a Watchdog stays away, its alert goes on firing. */
const TRIES = 12;

/**
 * The way of webhooks from the inbox to episodes, incidents and queued runs. What they say is folded cluster by cluster, each in few commits that
 * name the webhooks they fold; only then are the webhooks taken out of the inbox. A crash anywhere between repeats it, and changes nothing twice.
 */
export async function fanOut(intake: Intake, claimed: readonly Claimed[]): Promise<void> {
  const { arrivals, broken } = readAll(intake, claimed);
  await quarantineBroken(intake, broken);
  try {
    const waitsForFinder = await foldArrivals(intake, arrivals);
    const folded = arrivals.filter((arrival) => !waitsForFinder.has(arrival));
    const waitsForRest = await rereadGroups(intake, folded);
    const done = folded.filter((arrival) => !waitsForRest.has(arrival));
    await settle(
      intake,
      done.map((arrival) => ({ ...arrival, quarantined: arrival.read.quarantined })),
    );
    await putBack(
      intake,
      arrivals.filter((arrival) => !done.includes(arrival)),
    );
  } catch (error) {
    if (errorCode(error).startsWith('store.')) throw error;
    await isolate(intake, claimed, error);
  }
}

type Broken = { readonly record: StoredRecord; readonly reason: string };

function readAll(intake: Intake, claimed: readonly Claimed[]): { readonly arrivals: readonly Arrival[]; readonly broken: readonly Broken[] } {
  const arrivals: Arrival[] = [];
  const broken: Broken[] = [];
  for (const { record } of claimed) {
    try {
      arrivals.push(readArrival(intake, record));
    } catch (error) {
      broken.push({ record, reason: errorText(error) });
    }
  }
  return { arrivals, broken };
}

/** Folds every cluster that the webhooks speak of; answers the webhooks whose finder failed, and that may come again. */
async function foldArrivals(intake: Intake, arrivals: readonly Arrival[]): Promise<ReadonlySet<Arrival>> {
  const clusters = [...new Set(arrivals.flatMap(({ read }) => read.alerts.map(({ cluster }) => cluster)))].sort();
  const mayWait = ({ tries }: Arrival): boolean => tries + 1 < MOST_TRIES;
  const waits = await Promise.all(
    clusters.map((cluster) => foldParts(intake, cluster, { parts: arrivals.flatMap((arrival) => partsOf(arrival, cluster)), mayWait })),
  );
  return new Set(waits.flat());
}

/** Takes webhooks out of the inbox. One that another hand holds by now is that hand's; the others go on without it. */
async function settle(intake: Intake, settled: readonly Settled[]): Promise<void> {
  let left = settled;
  while (left.length > 0) {
    const { guards, changes } = settleChanges(left);
    const result = await intake.store.commit({ partition: INBOX, opId: intake.ids.next(), guards, changes });
    if (result.kind === 'done') {
      const quarantined = left.reduce((sum, one) => sum + one.quarantined.length, 0);
      const handled = left.reduce((sum, { webhook }) => sum + webhook.alerts, -quarantined);
      if (quarantined > 0) intake.happened?.('quarantined', quarantined);
      if (handled > 0) intake.happened?.('handled', handled);
      return;
    }
    const { guard } = result;
    const lost = guard?.is === 'held' ? guard.id : left[0]?.record.id;
    intake.log.info('inbox.taken-over', { inbox: lost });
    left = left.filter(({ record }) => record.id !== lost);
  }
}

/** Puts webhooks back, to be taken again a little later. */
async function putBack(intake: Intake, arrivals: readonly { readonly record: StoredRecord; readonly tries: number }[]): Promise<void> {
  const nowMs = intake.clock.nowMs();
  for (const { record, tries } of arrivals) {
    const dueMs = nowMs + (AGAIN_MS[tries] ?? AGAIN_MS[1]);
    const guard = { is: 'held', id: record.id, epoch: record.epoch, seq: record.seq } as const;
    await intake.store.commit({ partition: INBOX, opId: intake.ids.next(), guards: [guard], changes: [deferChange(record, { tries: tries + 1, dueMs })] });
  }
}

/** Something broke that is no fault of the store: each webhook is tried alone, so that one costs no other, and is quarantined when it breaks again. */
async function isolate(intake: Intake, claimed: readonly Claimed[], error: unknown): Promise<void> {
  const [only, second] = claimed;
  if (second === undefined) {
    if (only !== undefined) await quarantineBroken(intake, [{ record: only.record, reason: errorText(error) }]);
    return;
  }
  for (const one of claimed) {
    const now = await intake.store.get(INBOX, one.record.id);
    if (now?.epoch === one.record.epoch && now.seq === one.record.seq) await fanOut(intake, [one]);
  }
}

/** A webhook that cannot be worked with comes again once; then it is kept for people, and holds up nobody. */
async function quarantineBroken(intake: Intake, broken: readonly Broken[]): Promise<void> {
  const again: { readonly record: StoredRecord; readonly tries: number }[] = [];
  const over: Settled[] = [];
  for (const { record, reason } of broken) {
    const tries = triesOf(record);
    intake.log.error('inbox.broken', { inbox: record.id, tries: tries + 1, reason });
    if (tries + 1 < MOST_TRIES) again.push({ record, tries });
    else over.push(brokenSettled(record, { reason, tries: tries + 1 }));
  }
  await putBack(intake, again);
  await settle(intake, over);
}

function brokenSettled(record: StoredRecord, { reason, tries }: { readonly reason: string; readonly tries: number }): Settled {
  const { value } = record;
  const { alerts, sender, receivedMs, body } = isObject(value) ? value : {};
  const webhook = {
    alerts: typeof alerts === 'number' ? alerts : 0,
    sender: typeof sender === 'string' ? sender : '',
    receivedMs: typeof receivedMs === 'number' ? receivedMs : record.createdMs,
  };
  const excerpt = typeof body === 'string' ? body.slice(0, 1000) : 'nothing to show';
  return { record, webhook, tries, quarantined: Array.from({ length: webhook.alerts }, () => ({ reason: `it breaks what reads it: ${reason}`, excerpt })) };
}

/** A Watchdog that is overdue: an alert of Salvor's own fires, in the commit that notes its absence. It goes on firing until the Watchdog is back. */
export async function watchdogDue(intake: Intake, { record }: Claimed): Promise<void> {
  const cluster = record.partition;
  const nowMs = intake.clock.nowMs();
  const before = readHeartbeat(record.value);
  if (before === undefined) return;
  const sinceMs = before.absentSinceMs ?? before.lastSeenMs;
  const overdueMs = before.lastSeenMs + intake.watchdog().withinMs;
  const isOver = nowMs >= overdueMs;
  const alerts = isOver ? [{ alert: watchdogAbsent({ cluster, status: 'firing', sinceMs, nowMs }), receivedMs: nowMs }] : [];
  const next = isOver ? { lastSeenMs: before.lastSeenMs, absentSinceMs: sinceMs } : before;
  const dueMs = isOver ? nowMs + settingsOf(intake, cluster).repeatIntervalMs : overdueMs;
  await foldBatch(intake, cluster, {
    parts: [{ of: undefined, alerts }],
    finds: new Map(),
    only: async (sheet) => {
      await sheet.load([heartbeatId(cluster)]);
      // A Watchdog that came meanwhile has the last word.
      if (readHeartbeat(sheet.value(heartbeatId(cluster)))?.lastSeenMs !== before.lastSeenMs) return false;
      sheet.add({ ...putHeartbeat(cluster, next, dueMs), release: true });
      return true;
    },
  });
}

/** Ends episodes that were not heard of for twice the time in which Alertmanager would have repeated them: an end is sometimes never sent. */
export async function expireEpisodes(intake: Intake, claimed: readonly Claimed[]): Promise<void> {
  for (const [partition, records] of Map.groupBy(claimed, ({ record }) => record.partition)) {
    const { repeatIntervalMs } = settingsOf(intake, partition);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const sheet = openSheet(intake.store, partition);
      await sheet.load(records.map(({ record }) => record.id));
      const episodes = records.flatMap(({ record }) => readEpisode(sheet.value(record.id)) ?? []);
      await sheet.load(episodes.flatMap(({ runs }) => runs));
      const nowMs = intake.clock.nowMs();
      for (const episode of episodes) {
        const isOver = episode.state === 'firing' && expiresMs(episode, repeatIntervalMs) <= nowMs;
        const next = isOver ? endEpisode(episode, 'expired', nowMs) : episode;
        sheet.add({ ...putEpisode(next, repeatIntervalMs), release: true });
        if (isOver) tellEnd(sheet, next, 'Not heard of any more');
      }
      if (await sheet.commit(intake.ids.next())) break;
    }
  }
}

/** An episode whose cooldown is over: where it still fires and has no run yet, it starts the next one. */
export async function startParked(intake: Intake, { cluster, episode }: { readonly cluster: string; readonly episode: string }): Promise<void> {
  const stored = readEpisode((await intake.store.get(cluster, episode))?.value);
  if (stored?.state !== 'firing' || stored.runs.length > 0) return;
  await foldParts(intake, cluster, { parts: [{ of: undefined, alerts: [{ alert: stored.alert, receivedMs: stored.lastSeenMs, parked: true }] }] });
}
