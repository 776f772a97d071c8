import { pagedBy } from '../escalate/ladder.ts';
import { headOfClosed, putIncidentHead, readIncidentHead } from '../ingest/incident.ts';
import { chain, type Entry } from '../model/entry.ts';
import { errorCode, errorText } from '../model/error.ts';
import { incidentHeadId } from '../model/identity.ts';
import { INCIDENT_VERSION, type Incident, type Proposal } from '../model/incident.ts';
import { canonical } from '../model/json.ts';
import type { Policy, Severity } from '../model/policy.ts';
import type { ChannelSettings } from '../notify/channel/wanted.ts';
import { laneJson, laneOfOutgoing, mailOut, newLane, type Outgoing } from '../notify/lane.ts';
import { renderCard, renderEntry, renderFile, renderProposal } from '../notify/render.ts';
import { renderUpdate } from '../notify/render-update.ts';
import type { Chat, ChatMessage } from '../port/chat.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import { isAside, type Pager } from '../port/pager.ts';
import type { Change, Claimed, CommitResult, Guard, Indexed, Mail, Store } from '../port/store.ts';
import { advance, type Turn } from './advance.ts';
import { askForChannel, saidInside } from './channel.ts';
import type { News } from './hear.ts';
import { followProposals } from './proposals.ts';
import { readIncident, readIncidentMail } from './stored.ts';

export type IncidentDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Read anew for each turn: the configuration may be reloaded. */
  readonly policy: () => Policy;
  /** Kinds of messages that the chat takes, as it is configured now; absent: every kind. */
  readonly takes?: () => Chat['takes'];
  /** What the pager takes beside pages; absent: nothing. */
  readonly pagerTakes?: Pager['takes'];
  /** Which incidents have a channel of their own; absent: none has. */
  readonly channels?: () => ChannelSettings | undefined;
  /** Whether the chat takes reports as files now. */
  readonly files?: () => boolean;
  /** Incidents of which severities others are told of; absent: nobody is. */
  readonly updates?: () => readonly Severity[] | undefined;
  /** Who is on call for this target, as the pager calls them. */
  readonly onCall?: (target: string) => readonly string[];
  /** What was measured over the incident's runs: names and values for its end. */
  readonly measured?: (incident: Incident) => Promise<NonNullable<ChatMessage['table']>>;
  /** Starts the run of an episode whose rest is over, if it still fires. A repeat changes nothing; what came of it is mail to the incident. */
  readonly startParked: (of: { readonly cluster: string; readonly episode: string }) => Promise<void>;
};

/** A parked episode whose run could not be started now is tried again after this long. */
const TRY_AGAIN_MS = 30_000;

/** So often is a commit built again whose lanes or head somebody else changed in between. */
const MOST_TRIES = 5;

/**
 * One claim of an incident, one commit: its next value, its timeline's new lines, the messages made of them, and its mail as read.
 * Who lost the claim stores nothing, and the mail is still there.
 */
export async function driveIncident(deps: IncidentDeps, claimed: Claimed): Promise<void> {
  const { log, clock } = deps;
  const { record, mail } = claimed;
  const before = readIncident(record.value);
  const planned = advance(before, newsOf(mail, log), { nowMs: clock.nowMs(), policy: deps.policy() });
  const turn = await startRested(deps, planned);
  let base = before;
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const result = await store(deps, claimed, { before: base, turn });
    if (result.kind === 'done') return;
    log.info('incident.not-stored', { incident: record.id, result: result.kind, tries });
    if (result.kind === 'fenced') return;
    if (result.guard === undefined) base = await behindForged(deps, base);
  }
}

/** Another hand wrote into its timeline. People are told all the same, behind that; the break stays where it is, and the audit finds it. */
async function behindForged({ store, log }: IncidentDeps, incident: Incident): Promise<Incident> {
  const { id, cluster, chain: head } = incident;
  const last = (await store.entries({ partition: cluster, of: id, afterN: head.n })).at(-1);
  if (last === undefined) return incident;
  log.error('incident.journal-spoiled', { incident: id, behind: head.n });
  return { ...incident, chain: { n: last.n, hash: head.hash } };
}

async function store(
  deps: IncidentDeps,
  { record, mail }: Claimed,
  { before, turn }: { readonly before: Incident; readonly turn: Turn },
): Promise<CommitResult> {
  const { partition, id, epoch, seq } = record;
  const { entries, head } = chain(id, before.chain, turn.entries);
  const { proposals, changed } = followProposals(turn.incident.proposals, entries);
  const heard: Incident = { ...turn.incident, chain: head, ...(proposals.length > 0 || before.proposals !== undefined ? { proposals } : {}) };
  const channel = await channelOf(deps, heard, turn);
  const { incident } = channel;
  const said = [...(await withTable(deps, incident, [...outgoingOf(incident, entries, turn), ...(await editsOf(deps.store, { incident, entries, changed }))]))];
  const files = deps.files?.() === true && incident.runs.length > 0 ? entries.filter(({ type }) => type === 'incident.closed') : [];
  said.push(...files.map((entry): Outgoing => ({ to: 'chat', message: renderFile(entry, incident) })));
  const told = toldToOthers(deps, { before, incident });
  const inside = await saidInside(deps.store, incident, { said, entries });
  const outgoing = [...(inside.length === 0 ? said : quietly(said)), ...inside, ...told].filter((one) => isTaken(deps, one));
  const lanes = await openLanes(deps.store, incident, outgoing);
  const moved = await moveHead(deps.store, before, incident);
  const lastOrder = mail.at(-1)?.order;
  const due = turn.dueMs === undefined ? {} : { dueMs: turn.dueMs };
  const changes: readonly Change[] = [
    { do: 'put', id, kind: 'incident', version: INCIDENT_VERSION, indexed: indexOf(incident), value: incident, release: true, ...due },
    ...(entries.length === 0 ? [] : [{ do: 'append', of: id, entries } as const]),
    ...(lastOrder === undefined ? [] : [{ do: 'read', reader: id, upTo: lastOrder } as const]),
    ...channel.changes,
    ...lanes.changes,
    // Named after the turn, so that each edit of the card is a mail of its own, and a repeat of the turn is none.
    ...outgoing.map((one, index) => mailOut(id, `${head.n}/${seq}/${index}`, one)),
    ...moved.changes,
  ];
  const guards: readonly Guard[] = [{ is: 'held', id, epoch, seq }, ...channel.guards, ...lanes.guards, ...moved.guards];
  return deps.store.commit({ partition, opId: deps.ids.next(), guards, changes });
}

/** Without channels nothing is asked of anybody. */
async function channelOf({ store, clock, policy, channels, onCall }: IncidentDeps, incident: Incident, { entries }: Turn): ReturnType<typeof askForChannel> {
  const settings = channels?.();
  if (settings === undefined) return { incident, guards: [], changes: [] };
  const { people, ladders } = policy();
  const targets = [...new Set(incident.climbs.flatMap((climb) => pagedBy(climb, ladders)))];
  const asking = { settings, policy: { people }, onCall: onCall ?? (() => []), targets, nowMs: clock.nowMs() };
  return askForChannel(store, { incident, lines: entries }, asking);
}

/** What others are told, when it is another than before. */
function toldToOthers({ updates }: IncidentDeps, { before, incident }: { readonly before: Incident; readonly incident: Incident }): readonly Outgoing[] {
  const severities = updates?.();
  if (severities === undefined) return [];
  const message = renderUpdate(incident);
  const isFor = ({ severity, update }: Incident): boolean => severities.includes(severity) || update !== undefined;
  // One that became less grave is told of to its end.
  if (!isFor(incident) && !isFor(before)) return [];
  const isNew = before.chain.n === 0 || !isFor(before);
  return isNew || canonical(message) !== canonical(renderUpdate(before)) ? [{ to: 'chat', message }] : [];
}

/** Where the incident has a channel of its own, only what has to be decided is shown to everybody elsewhere, and files lie there alone. */
function quietly(said: readonly Outgoing[]): readonly Outgoing[] {
  return said.flatMap((one): readonly Outgoing[] => {
    if (one.to !== 'chat' || one.message.kind === 'file') return one.to === 'chat' ? [] : [one];
    if (one.message.kind !== 'timeline') return [one];
    const { aloud: _aloud, ...message } = one.message;
    return [{ ...one, message }];
  });
}

function isTaken({ takes, pagerTakes }: IncidentDeps, one: Outgoing): boolean {
  if (one.to === 'chat') return takes?.()?.has(one.message.kind) !== false;
  const { action } = one.page;
  return !isAside(action) || pagerTakes?.().has(action) === true;
}

/** The card first, because the thread hangs on it; then each new line as a message; pages go their own way. */
function outgoingOf(incident: Incident, entries: readonly Entry[], { pages }: Turn): readonly Outgoing[] {
  const paging = pages.map((page): Outgoing => ({ to: 'pager', page }));
  if (entries.length === 0) return paging;
  const latest = entries.slice(-3).map(({ data, type }) => (typeof data['text'] === 'string' ? data['text'] : type));
  const lines = entries.map((entry): Outgoing => ({ to: 'chat', message: renderEntry(entry, incident) }));
  const updatedMs = entries.at(-1)?.atMs ?? incident.openedMs;
  return [{ to: 'chat', message: renderCard(incident, latest, updatedMs) }, ...lines, ...paging];
}

type Changed = { readonly incident: Incident; readonly entries: readonly Entry[]; readonly changed: readonly Proposal[] };

/** Proposals that were shown, edited with what became of them: votes, and in the end why there is nothing to decide any more. */
async function editsOf(store: Store, { incident, entries, changed }: Changed): Promise<readonly Outgoing[]> {
  const edits: Outgoing[] = [];
  for (const proposal of changed) {
    const { n } = proposal;
    const isNew = n > incident.chain.n - entries.length;
    const [entry] = isNew
      ? entries.filter((one) => one.n === n)
      : await store.entries({ partition: incident.cluster, of: incident.id, afterN: n - 1, limit: 1 });
    if (entry?.n === n) edits.push({ to: 'chat', message: renderProposal(entry, incident, proposal) });
  }
  return edits;
}

/** Of a storm the report tells; to read hundreds of journals for one message would keep others waiting. */
const MOST_MEASURED = 20;

/** The end of an incident says what was measured; a report that cannot be made now holds up nothing. */
async function withTable({ measured, log }: IncidentDeps, incident: Incident, said: readonly Outgoing[]): Promise<readonly Outgoing[]> {
  const ends = said.some((one) => one.to === 'chat' && one.message.kind === 'report');
  if (measured === undefined || !ends || incident.runs.length === 0 || incident.runs.length > MOST_MEASURED) return said;
  try {
    const table = await measured(incident);
    return said.map((one) => (one.to === 'chat' && one.message.kind === 'report' ? { ...one, message: { ...one.message, table } } : one));
  } catch (error) {
    log.warn('incident.not-measured', { incident: incident.id, code: errorCode(error), reason: errorText(error) });
    return said;
  }
}

/** What lists of incidents are asked by. */
export function indexOf({ state, severity, cluster, playbook, channel }: Incident): Indexed {
  // What people say in a channel of its own is about this incident, and no other.
  const own = channel?.state === 'open' && channel.id !== undefined ? { channel: channel.id } : {};
  return { state, severity, cluster, playbook: playbook ?? '', ...own };
}

function newsOf(mail: readonly Mail[], log: Log): readonly News[] {
  return mail.flatMap((one) => {
    const read = readIncidentMail(one.value);
    if (read === undefined) log.error('incident.mail-unreadable', { incident: one.to, key: one.key });
    return read === undefined ? [] : [{ mail: read, atMs: one.atMs }];
  });
}

/** Starts come before the commit that forgets them, so a crash between the two starts them again, which changes nothing. */
async function startRested({ startParked, clock, log }: IncidentDeps, turn: Turn): Promise<Turn> {
  const failed: string[] = [];
  for (const episode of turn.start) {
    try {
      await startParked({ cluster: turn.incident.cluster, episode });
    } catch (error) {
      log.warn('incident.start-failed', { incident: turn.incident.id, episode, code: errorCode(error), reason: errorText(error) });
      failed.push(episode);
    }
  }
  if (failed.length === 0) return turn;
  const untilMs = clock.nowMs() + TRY_AGAIN_MS;
  const parked = [...turn.incident.parked, ...failed.map((episode) => ({ episode, untilMs }))];
  const entries = turn.entries.filter(({ type, data }) => type !== 'alert.unparked' || !failed.some((episode) => episode === data['episode']));
  return { ...turn, entries, incident: { ...turn.incident, parked }, dueMs: Math.min(turn.dueMs ?? untilMs, untilMs) };
}

type Part = { readonly guards: readonly Guard[]; readonly changes: readonly Change[] };

/** The lanes that messages go to are made with the first message. */
async function openLanes(store: Store, { id, cluster }: Incident, outgoing: readonly Outgoing[]): Promise<Part> {
  const guards: Guard[] = [];
  const changes: Change[] = [];
  const lanes = new Map(outgoing.map((one) => [laneOfOutgoing(id, one), one] as const));
  for (const [lane, one] of lanes) {
    if ((await store.get(cluster, lane)) !== undefined) continue;
    const inside = one.to === 'chat' ? one.inside : undefined;
    const value = laneJson({ ...newLane(one.to, id), ...(inside === undefined ? {} : { channel: inside }) });
    guards.push({ is: 'absent', id: lane });
    changes.push({ do: 'put', id: lane, kind: 'lane', indexed: { to: inside === undefined ? one.to : 'talk', incident: id }, value });
  }
  return { guards, changes };
}

/** A closed incident is no longer the open one of its key; one that opened again is, unless another took its place. */
async function moveHead(store: Store, before: Incident, after: Incident): Promise<Part> {
  const closes = before.state !== 'closed' && after.state === 'closed';
  const opens = before.state === 'closed' && after.state !== 'closed';
  if (!closes && !opens) return { guards: [], changes: [] };
  const id = incidentHeadId(after.key);
  const record = await store.get(after.cluster, id);
  const head = readIncidentHead(record?.value);
  const isOurs = head.ordinal === after.ordinal && (closes ? head.open === after.id : head.open === undefined);
  if (record === undefined || !isOurs) return { guards: [], changes: [] };
  const change = closes ? headOfClosed(after) : putIncidentHead(after.key, { ...head, open: after.id });
  return { guards: [{ is: 'seq', id, seq: record.seq }], changes: [change] };
}
