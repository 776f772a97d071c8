import type { PagerMail } from '../../model/mail.ts';
import { type Call, type Confirms, isAside, type OnCall, type Page } from '../../port/pager.ts';
import { type PageLane, without } from './lane.ts';

/**
 * How a lane of pages changes by what happens, and what its incident is told. Pure.
 * A page waits that long before its incident hears of it: half of what is promised for the whole.
 */
const TELL_AFTER_MS = 15_000;
/** The pager takes a few seconds to make an incident of an event. */
const FIRST_LOOK_MS = 3000;
const LOOK_EVERY_MS = 10_000;

export type Turned = { readonly lane: PageLane; readonly news: readonly PagerMail[] };

/** What came as mail takes its place: pages in their order, notes and changes behind every page. */
export function withPage(lane: PageLane, page: Page): PageLane {
  return isAside(page.action) ? { ...lane, aside: [...lane.aside, page] } : { ...lane, waiting: [...lane.waiting, page] };
}

/** A page was accepted. Where it can be known whether it calls anybody, that is waited for. */
export function accepted(lane: PageLane, page: Page, { nowMs, confirms }: { readonly nowMs: number; readonly confirms: Confirms | undefined }): Turned {
  const { target, action } = page;
  const wasTold = lane.told.includes(target);
  const rest: PageLane = {
    ...without(lane, 'awaySinceMs'),
    waiting: lane.waiting.filter((one) => one !== page),
    told: lane.told.filter((one) => one !== target),
  };
  const watched = rest.watched.filter((one) => one.page.target !== target);
  if (action === 'resolve') return { lane: { ...rest, watched, found: rest.found.filter(([, of]) => of !== target) }, news: [] };
  // Who answered needs no call.
  if (action !== 'trigger') return { lane: { ...rest, watched }, news: [] };
  const taken: readonly PagerMail[] = confirms?.by === 'nothing' || (wasTold && confirms === undefined) ? [{ kind: 'pager', what: 'taken', target }] : [];
  if (confirms === undefined || confirms.by === 'nothing' || rest.found.some(([, of]) => of === target)) return { lane: rest, news: taken };
  const untilMs = nowMs + confirms.withinMs;
  const askMs = confirms.by === 'asking' ? Math.min(untilMs, nowMs + FIRST_LOOK_MS) : untilMs;
  return { lane: { ...rest, watched: [...watched, { page, sinceMs: nowMs, untilMs, askMs }] }, news: taken };
}

/** The call that was open already goes to the next people. */
export function escalated(lane: PageLane, page: Page, call: Call): Turned {
  const { target } = page;
  const rest: PageLane = {
    ...without(lane, 'awaySinceMs'),
    waiting: lane.waiting.filter((one) => one !== page),
    told: lane.told.filter((one) => one !== target),
  };
  return { lane: rest, news: [{ kind: 'pager', what: 'escalated', target, ...peopleOf(call) }] };
}

type Failure = { readonly nowMs: number; readonly retryAtMs: number; readonly reason: string; readonly refused: boolean; readonly onCall: OnCall | undefined };

/** A page was not accepted: the incident hears of it once, as soon as it is plain that it comes late. A refusal is plain at once. */
export function missed(lane: PageLane, { target, action }: Page, { nowMs, retryAtMs, reason, refused, onCall }: Failure): Turned {
  const awaySinceMs = lane.awaySinceMs ?? nowMs;
  const next: PageLane = refused ? lane : { ...lane, awaySinceMs };
  const isLate = refused || retryAtMs - awaySinceMs >= TELL_AFTER_MS;
  if (action !== 'trigger' || !isLate || lane.told.includes(target)) return { lane: next, news: [] };
  const told: PageLane = { ...next, told: [...next.told, target] };
  if (refused) return { lane: told, news: [{ kind: 'pager', what: 'refused', target, reason }] };
  const known = onCall === undefined ? {} : { who: onCall.names, onCallMs: onCall.atMs };
  return { lane: told, news: [{ kind: 'pager', what: 'waits', target, sinceMs: awaySinceMs, reason, ...known }] };
}

/** The pager told of a call by itself: it is the one that was waited for longest. */
export function heard(lane: PageLane, call: Call): Turned {
  const [oldest] = lane.watched;
  if (oldest === undefined || lane.found.some(([id]) => id === call.id)) return { lane, news: [] };
  return found(lane, oldest, call);
}

type Watched = PageLane['watched'][number];

/** What was seen of the calls that are open: the page made one of its own, joined another, or nothing yet. `failed`: nobody could look. */
export function looked(
  lane: PageLane,
  one: Watched,
  { nowMs, calls, failed }: { readonly nowMs: number; readonly calls: readonly Call[]; readonly failed?: string },
): Turned {
  const { page, untilMs } = one;
  const own = calls.find(({ id }) => lane.found.every(([known, target]) => known !== id || target === page.target));
  if (own !== undefined) return found(lane, one, own);
  if (nowMs < untilMs)
    return {
      lane: { ...lane, watched: lane.watched.map((other) => (other === one ? { ...one, askMs: Math.min(untilMs, nowMs + LOOK_EVERY_MS) } : other)) },
      news: [],
    };
  const rest: PageLane = { ...lane, watched: lane.watched.filter((other) => other !== one) };
  const { target } = page;
  if (failed !== undefined) return { lane: rest, news: [{ kind: 'pager', what: 'unsure', target, reason: failed }] };
  const [joined] = calls;
  if (joined !== undefined) return { lane: rest, news: [{ kind: 'pager', what: 'joined', target, ...numberOf(joined) }] };
  return { lane: rest, news: [{ kind: 'pager', what: 'nobody', target, withinMs: untilMs - one.sinceMs }] };
}

function found(lane: PageLane, one: Watched, call: Call): Turned {
  const { target } = one.page;
  const next: PageLane = {
    ...lane,
    watched: lane.watched.filter((other) => other !== one),
    found: [...lane.found.filter(([, of]) => of !== target), [call.id, target]],
  };
  return { lane: next, news: [{ kind: 'pager', what: 'called', target, ...peopleOf(call) }] };
}

function peopleOf(call: Call): Pick<PagerMail, 'who' | 'number'> {
  return { ...(call.who.length === 0 ? {} : { who: call.who }), ...numberOf(call) };
}

function numberOf({ number }: Call): Pick<PagerMail, 'number'> {
  return number === undefined ? {} : { number };
}

/** When somebody has to look at the lane again; absent: only mail moves it. */
export function dueOf({ waiting, retryAtMs, aside, asideAtMs, watched }: PageLane, nowMs: number): number | undefined {
  const dues = [
    ...(waiting.length === 0 ? [] : [retryAtMs ?? nowMs]),
    // Notes wait for the pages before them.
    ...(aside.length === 0 || waiting.length > 0 ? [] : [asideAtMs ?? nowMs]),
    ...watched.map(({ askMs }) => askMs),
  ];
  return dues.length === 0 ? undefined : Math.min(...dues);
}
