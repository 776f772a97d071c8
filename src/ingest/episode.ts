import { z } from 'zod';
import type { Alert, Episode } from '../model/alert.ts';
import { episodeId } from '../model/identity.ts';
import type { Json } from '../model/json.ts';
import { label } from '../model/label.ts';
import type { IncidentMail } from '../model/mail.ts';
import type { Change } from '../port/store.ts';
import { expiresMs } from './fold.ts';

const Pairs = z.array(z.tuple([z.string(), z.string()]).readonly());

const StoredAlert = z.object({
  cluster: z.string(),
  status: z.enum(['firing', 'resolved']),
  name: z.string(),
  labels: Pairs,
  labelsDigest: z.string(),
  annotations: Pairs,
  startsAtMs: z.number(),
  endsAtMs: z.number().exactOptional(),
  fingerprint: z.string(),
  groupDigest: z.string(),
  receiver: z.string(),
  cut: z.number(),
});

const StoredEpisode: z.ZodType<Episode> = z.object({
  cluster: z.string(),
  labelsDigest: z.string(),
  ordinal: z.number(),
  state: z.enum(['firing', 'ended']),
  alert: StoredAlert,
  incident: z.string(),
  runs: z.array(z.string()),
  firstSeenMs: z.number(),
  lastSeenMs: z.number(),
  times: z.number(),
  latestStartMs: z.number().exactOptional(),
  ended: z.object({ atMs: z.number(), by: z.enum(['resolved', 'expired', 'disproved']) }).exactOptional(),
});

/** An episode as it was stored; undefined where there is none. */
export function readEpisode(value: Json | undefined): Episode | undefined {
  return value === undefined ? undefined : StoredEpisode.parse(value);
}

/** The record of an episode. While it fires it is due when it would have to be given up. */
export function putEpisode(episode: Episode, repeatIntervalMs: number): Extract<Change, { do: 'put' }> {
  const { state, alert } = episode;
  const due = state === 'firing' ? { dueMs: expiresMs(episode, repeatIntervalMs) } : {};
  return { do: 'put', id: episodeId(episode.labelsDigest), kind: 'episode', indexed: { state, group: alert.groupDigest }, value: episode, ...due };
}

const SUMMARY_LIMIT = 500;

/** What an incident is told about an alert. `ending`: how an episode ended that nobody resolved. */
export function alertMail(episode: Episode, status: 'firing' | 'resolved', ending?: string): IncidentMail {
  const { alert } = episode;
  const severity = label(alert.labels, 'severity');
  const said = label(alert.annotations, 'summary') ?? label(alert.annotations, 'description') ?? label(alert.annotations, 'message') ?? nameOf(alert);
  const summary = (ending === undefined ? said : `${ending}: ${said}`).slice(0, SUMMARY_LIMIT).toWellFormed();
  return { kind: 'alert', status, name: nameOf(alert), episode: episodeId(episode.labelsDigest), summary, ...(severity === undefined ? {} : { severity }) };
}

/** Once for each episode and each news of it. */
export function mailKey(episode: Episode, what: string): string {
  return `${what}/${episodeId(episode.labelsDigest)}/${episode.ordinal}`;
}

/** How people call an alert; `alertname` is not guaranteed. */
export function nameOf(alert: Pick<Alert, 'name'>): string {
  return alert.name === '' ? '(an alert without a name)' : alert.name;
}
