import { plain } from '../../domain/plain.ts';
import { digest } from '../../model/digest.ts';
import type { EntryDraft } from '../../model/entry.ts';
import { shortId } from '../../model/identity.ts';
import type { Incident } from '../../model/incident.ts';
import { isObject } from '../../model/json.ts';
import type { Policy, Severity } from '../../model/policy.ts';
import type { Bookmark } from '../../port/channels.ts';

/** When an incident gets a channel of its own, and how it is furnished: the operator's word. */
export type ChannelSettings = {
  readonly severities: readonly Severity[];
  readonly risks: readonly string[];
  readonly isPrivate: boolean;
  /** The first part of its name. */
  readonly prefix: string;
  /** Teams whose members are invited. */
  readonly invite: readonly string[];
  readonly bookmarks: readonly Bookmark[];
  /** After so long without a word behind the end it is archived. */
  readonly archiveAfterMs: number;
  /** Address of the console, without a slash at its end. */
  readonly site?: string | undefined;
};

/** What an incident's channel should be like now; whoever furnishes it makes it so, one thing after another. */
export type Wanted = {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly topic: string;
  readonly purpose: string;
  readonly invite: readonly { readonly id: string; readonly name: string }[];
  readonly bookmarks: readonly Bookmark[];
  /** Since when it is over; absent: it goes on. */
  readonly closedMs?: number;
  readonly archiveAfterMs: number;
};

/** Names leave room for a number behind them: Slack takes 80 characters. */
const MOST_NAME = 60;
const MOST_CLUSTER = 20;
const MOST_INVITED = 150;

/** Whether this incident should have a channel now: by how bad it is, or by what one of these lines proposes. */
export function wantsChannel({ severity }: Pick<Incident, 'severity'>, lines: readonly EntryDraft[], { severities, risks }: ChannelSettings): boolean {
  if (severities.includes(severity)) return true;
  return lines.some(
    ({ type, data }) => type === 'run.proposed' && isObject(data['facts']) && risks.some((risk) => isObject(data['facts']) && data['facts']['risk'] === risk),
  );
}

/** The count that numbers a cluster's channels of one day. */
export const channelCountId = (nowMs: number): string => `channels/${dayOf(nowMs)}`;

/**
 * `inc-20261122-3-prod-backup-failed`: letters, digits and dashes whatever an alert is called, at most 60. The cluster is in it, so that no two incidents
 * want the same name: numbers are counted for each cluster alone.
 */
export function channelName(
  { cluster, title }: Pick<Incident, 'cluster' | 'title'>,
  of: { readonly prefix: string; readonly number: number; readonly nowMs: number },
): string {
  const about = slug(title);
  const name = [of.prefix, dayOf(of.nowMs), of.number, clusterPart(cluster), ...(about === '' ? [] : [about])].join('-');
  return name.slice(0, MOST_NAME).replace(/-+$/, '');
}

function clusterPart(cluster: string): string {
  const said = slug(cluster);
  return said === cluster && said.length <= MOST_CLUSTER ? said : `${said.slice(0, MOST_CLUSTER - 5).replace(/-+$/, '')}-${digest(cluster).slice(0, 4)}`;
}

function slug(text: string): string {
  return plain(text, 200)
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '');
}

/** The beginning of a purpose, which says whose channel it is: an own channel is known again by it. */
export const markOf = (incident: string): string => `Salvor incident ${shortId(incident)}:`;

type People = { readonly policy: Pick<Policy, 'people'>; readonly onCall: readonly string[] };

/** What this incident's channel should be like as things stand. `onCall`: names of people as the pager calls them. */
export function wantedOf(incident: Incident, settings: ChannelSettings, { policy, onCall }: People): Wanted {
  const { severity, state, lead, communications, title, cluster, closedMs } = incident;
  const topic = [
    severity,
    state,
    `lead ${lead ?? 'nobody yet'}`,
    ...(communications === undefined ? [] : [`communications ${communications}`]),
    plain(title, 150),
  ];
  const called = new Set(onCall.map((name) => name.toLowerCase()));
  const invited = policy.people.filter(
    ({ name, pagerduty, teams }) =>
      name === lead ||
      name === communications ||
      called.has(name.toLowerCase()) ||
      (pagerduty !== undefined && onCall.includes(pagerduty)) ||
      teams.some((team) => settings.invite.includes(team)),
  );
  const console = settings.site === undefined ? [] : [{ title: 'Console', url: `${settings.site}/incidents/${encodeURIComponent(shortId(incident.id))}` }];
  return {
    name: incident.channel?.wanted ?? '',
    isPrivate: settings.isPrivate,
    topic: topic.join(' | '),
    purpose: `${markOf(incident.id)} recovery on ${cluster}, ${plain(title, 120)}`,
    invite: invited.flatMap(({ name, slack }) => (slack === undefined ? [] : [{ id: slack, name }])).slice(0, MOST_INVITED),
    bookmarks: [...console, ...settings.bookmarks],
    archiveAfterMs: settings.archiveAfterMs,
    ...(state === 'closed' && closedMs !== undefined ? { closedMs } : {}),
  };
}
