import type { Alert, Episode } from '../model/alert.ts';

/**
 * What an alert means to the episode of its labels. Webhooks are sent at least once, by several senders, in any order, and say nothing
 * about alerts that are missing from them; so one alert changes one episode, and nothing else.
 */
export type Happened =
  /** It fires for the first time, or again behind an end. */
  | 'opened'
  | 'refired'
  /** It was known already; where `moved`, its start moved. */
  | 'repeated'
  | 'resolved'
  /** Its end is the first that was heard of it. */
  | 'resolved-first'
  /** News of a firing that is over already, or of an end before the present firing: it changes nothing. */
  | 'late';

export type Folded = { readonly episode: Episode; readonly happened: Happened; readonly moved: boolean };

/**
 * How long after an end a webhook about the same firing may still be under way: a sender tries again for one group interval, which is
 * five minutes unless somebody changed it. Behind that, the same start firing again is news: Prometheus was cut off and came back.
 */
const UNDER_WAY_MS = 300_000;

export function fold(episode: Episode | undefined, alert: Alert, receivedMs: number): Folded {
  if (episode === undefined) return first(alert, receivedMs);
  return episode.state === 'firing' ? intoFiring(episode, alert, receivedMs) : intoEnded(episode, alert, receivedMs);
}

function first(alert: Alert, receivedMs: number): Folded {
  const base = {
    cluster: alert.cluster,
    labelsDigest: alert.labelsDigest,
    alert,
    incident: '',
    runs: [],
    firstSeenMs: receivedMs,
    lastSeenMs: receivedMs,
    times: 1,
    latestStartMs: startOf(alert, receivedMs),
  };
  if (alert.status === 'firing') return { episode: { ...base, ordinal: 1, state: 'firing' }, happened: 'opened', moved: false };
  return {
    episode: { ...base, ordinal: 0, state: 'ended', ended: { atMs: endOf(alert, receivedMs), by: 'resolved' } },
    happened: 'resolved-first',
    moved: false,
  };
}

function intoFiring(episode: Episode, alert: Alert, receivedMs: number): Folded {
  const before = latestStart(episode);
  const start = startOf(alert, receivedMs);
  const seen: Episode = { ...episode, lastSeenMs: Math.max(episode.lastSeenMs, receivedMs), times: episode.times + 1, latestStartMs: Math.max(before, start) };
  if (alert.status === 'firing') {
    const moved = alert.startsAtMs !== episode.alert.startsAtMs;
    return { episode: { ...seen, alert }, happened: 'repeated', moved };
  }
  // The end of an earlier firing: this one began behind it.
  if (start < before && endOf(alert, receivedMs) < before) return { episode, happened: 'late', moved: false };
  return { episode: { ...seen, state: 'ended', alert, ended: { atMs: endOf(alert, receivedMs), by: 'resolved' } }, happened: 'resolved', moved: false };
}

function intoEnded(episode: Episode, alert: Alert, receivedMs: number): Folded {
  const before = latestStart(episode);
  const start = startOf(alert, receivedMs);
  if (alert.status === 'resolved') {
    const atMs = Math.max(episode.ended?.atMs ?? 0, endOf(alert, receivedMs));
    const ended = episode.ended?.by === 'resolved' ? { ...episode.ended, atMs } : episode.ended;
    const seen: Episode = {
      ...episode,
      lastSeenMs: Math.max(episode.lastSeenMs, receivedMs),
      times: episode.times + 1,
      latestStartMs: Math.max(before, start),
    };
    return { episode: { ...seen, ...(ended === undefined ? {} : { ended }) }, happened: 'repeated', moved: false };
  }
  if (start <= before && isUnderWay(episode, receivedMs)) return { episode, happened: 'late', moved: false };
  const { ended: _ended, ...rest } = episode;
  const opened: Episode = {
    ...rest,
    ordinal: episode.ordinal + 1,
    state: 'firing',
    alert,
    incident: '',
    runs: [],
    firstSeenMs: receivedMs,
    lastSeenMs: receivedMs,
    times: 1,
    latestStartMs: Math.max(before, start),
  };
  return { episode: opened, happened: episode.ordinal === 0 ? 'opened' : 'refired', moved: false };
}

/** Whether a webhook received now may have been sent before the episode ended. */
function isUnderWay(episode: Episode, receivedMs: number): boolean {
  switch (episode.ended?.by) {
    case 'expired':
      return false;
    case 'disproved':
      return receivedMs <= episode.ended.atMs;
    default:
      return receivedMs - episode.lastSeenMs <= UNDER_WAY_MS;
  }
}

/** A start may lie in the future; for telling firings apart, none began later than it was heard of. */
function startOf(alert: Alert, receivedMs: number): number {
  return Math.min(alert.startsAtMs, receivedMs);
}

function endOf(alert: Alert, receivedMs: number): number {
  return Math.min(alert.endsAtMs ?? receivedMs, receivedMs);
}

function latestStart(episode: Episode): number {
  return episode.latestStartMs ?? startOf(episode.alert, episode.firstSeenMs);
}

/** When an open episode ends by itself: it was not repeated for twice the time in which it should have been. */
export function expiresMs(episode: Episode, repeatIntervalMs: number): number {
  return episode.lastSeenMs + 2 * repeatIntervalMs;
}

/** Ends an open episode that nobody resolved: it was not heard of for too long, or Alertmanager does not know it any more. */
export function endEpisode(episode: Episode, by: 'expired' | 'disproved', nowMs: number): Episode {
  return { ...episode, state: 'ended', ended: { atMs: nowMs, by } };
}
