import { defined } from '../model/defined.ts';
import type { Chat, ChatMessage, Line } from '../port/chat.ts';
import type { Log } from '../port/log.ts';
import type { Claimed } from '../port/store.ts';
import { type Lane, type Outgoing, readMailed } from './lane.ts';

export type Queued = { readonly outgoing: Outgoing /** Its place in the mail; absent: it waited in the lane already. */; readonly order?: number };

/** How a lane stands in its holder's hands: what is known, and what is left to deliver. */
export type Standing = { readonly lane: Lane; readonly rest: readonly Queued[] };

/** What waited in the lane, then the mail. Of several states of one message only the newest goes out, in the place of the oldest. */
export function queueOf(log: Log, { record, mail }: Claimed, lane: Lane): readonly Queued[] {
  const mailed = mail.flatMap((one) => {
    const outgoing = readMailed(lane.to, one.value);
    if (outgoing === undefined) log.error('outbox.unreadable', { lane: record.id, key: one.key });
    return outgoing === undefined ? [] : [{ outgoing, order: one.order }];
  });
  const all: readonly Queued[] = [...lane.waiting.map((outgoing) => ({ outgoing })), ...mailed];
  const newest = new Map(all.flatMap((queued) => (editedKey(queued.outgoing) === undefined ? [] : [[editedKey(queued.outgoing), queued.outgoing] as const])));
  const seen = new Set<string>();
  return all.flatMap((queued) => {
    const key = editedKey(queued.outgoing);
    if (key === undefined) return [queued];
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ ...queued, outgoing: newest.get(key) ?? queued.outgoing }];
  });
}

const EDITED: ReadonlySet<ChatMessage['kind']> = new Set(['card', 'approval', 'update']);

/** The key of a message that is edited after it was posted: a card as the incident goes on, an approval as votes come. */
export function editedKey(outgoing: Outgoing): string | undefined {
  return outgoing.to === 'chat' && EDITED.has(outgoing.message.kind) ? outgoing.message.key : undefined;
}

/** What goes out next, and how many of the queue that is: lines that wait together become one message, in their order. */
export function nextOf(queue: readonly [Queued, ...Queued[]], together: Chat['together']): { readonly outgoing: Outgoing; readonly taken: number } {
  const [{ outgoing }] = queue;
  if (together === undefined || outgoing.to !== 'chat' || outgoing.message.kind !== 'timeline') return { outgoing, taken: 1 };
  const { message } = outgoing;
  const more: Line[] = [];
  let left = { lines: together.lines - linesOf(message), characters: together.characters - lengthOf(message) };
  for (const { outgoing: next } of queue.slice(1)) {
    if (next.to !== 'chat' || next.message.kind !== 'timeline' || (next.message.aloud === true) !== (message.aloud === true)) break;
    left = { lines: left.lines - linesOf(next.message), characters: left.characters - lengthOf(next.message) };
    if (left.lines < 0 || left.characters < 0) break;
    const { key, title, lines, atMs, calls } = next.message;
    more.push({ key, title, lines, ...defined({ atMs, calls }) });
  }
  return { outgoing: more.length === 0 ? outgoing : { to: 'chat', message: { ...message, more } }, taken: 1 + more.length };
}

/** Somebody waits for one of these: a decision, a failure, the end. */
export function isUrgent(queue: readonly Queued[]): boolean {
  return queue.some(({ outgoing }) => outgoing.to === 'chat' && (outgoing.message.aloud === true || outgoing.message.kind === 'approval'));
}

/** The keys that a message is known by: its own, and of all that it says besides. */
export function keysOf({ key, more = [] }: Pick<ChatMessage, 'key' | 'more'>): readonly string[] {
  return [key, ...more.map((line) => line.key)];
}

const MOST_WAITING = 300;
const KEPT_AT_EACH_END = 100;

/** Of very many quiet lines that wait, those in the middle become one line that counts them: nobody reads them all, and the report has them. */
export function folded(waiting: readonly Outgoing[]): readonly Outgoing[] {
  const quiet = waiting.filter(isQuiet);
  const away = new Set<Outgoing>(quiet.length <= MOST_WAITING ? [] : quiet.slice(KEPT_AT_EACH_END, -KEPT_AT_EACH_END));
  const [first] = away;
  if (first?.to !== 'chat') return waiting;
  const count = [...away].reduce((sum, one) => sum + (one.to === 'chat' ? (one.message.folded ?? 1) : 0), 0);
  const { key, thread, folded: before } = first.message;
  const marker: ChatMessage = {
    key: before === undefined ? `${key}/folded` : key,
    thread,
    kind: 'timeline',
    title: `${count} more lines folded; the console and the report have them all`,
    lines: [],
    folded: count,
  };
  return waiting.flatMap((one): readonly Outgoing[] => (one === first ? [{ to: 'chat', message: marker }] : away.has(one) ? [] : [one]));
}

function isQuiet(one: Outgoing): boolean {
  return one.to === 'chat' && one.message.kind === 'timeline' && one.message.aloud !== true;
}

function linesOf({ lines }: Line): number {
  return 1 + lines.length;
}

function lengthOf({ title, lines }: Line): number {
  return lines.reduce((sum, one) => sum + one.length + 1, title.length + 1);
}

/** A card that is there already goes first: it says how things stand, and no line waits for it or it for them. Lines keep their order. */
export function cardFirst(queue: readonly Queued[], { refs }: Pick<Lane, 'refs'>): readonly Queued[] {
  const card = queue.find(({ outgoing }) => outgoing.to === 'chat' && outgoing.message.kind === 'card' && refs.has(outgoing.message.key));
  return card === undefined ? queue : [card, ...queue.filter((one) => one !== card)];
}
