import { errorCode, errorText, SalvorError } from '../../model/error.ts';
import type { PagerMail } from '../../model/mail.ts';
import type { Page, Pager } from '../../port/pager.ts';
import type { Claimed } from '../../port/store.ts';
import { laneOfId } from '../lane.ts';
import { isResting, pauseMs } from '../pause.ts';
import { type Book, type BookDeps, bookOf } from './book.ts';
import { newPageLane, type PageLane, readPageLane, readPageMail, without } from './lane.ts';
import { accepted, escalated, heard, looked, missed, type Turned, withPage } from './lane-turn.ts';

/** Asking for help waits for the call that it is about so often, a minute in all; notes wait behind it. */
const MOST_ASKS = 6;

type Deps = BookDeps & { readonly pager: Pager };

/**
 * Delivers the pages of one incident, in the order of its timeline; then sees whether what was accepted calls somebody; then notes and changes, which never
 * keep a page waiting. What is refused for one target keeps no other target's page waiting; while the pager is away all wait. What becomes of a page is
 * mail to the incident, in the commit that records it. A crash between a delivery and its record repeats that delivery under the same dedup key.
 */
export async function deliverPages(deps: Deps, claimed: Claimed, stop?: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  const book = bookOf(deps, claimed);
  const begun = takeIn(deps, claimed);
  book.turn(begun);
  const isOver = async (): Promise<boolean> => stop?.aborted === true || !(await book.renew());

  const pages = isResting(book.lane().retryAtMs, clock.nowMs()) ? [] : book.lane().waiting;
  const failed = new Set<string>();
  let retryAtMs: number | undefined;
  for (const [index, page] of pages.entries()) {
    if (failed.has(page.target)) continue;
    if (index > 0 && (await isOver())) return book.close();
    const sent = await sendPage(deps, page, book.lane());
    if ('lane' in sent) {
      book.turn(sent);
      if (!(await book.record())) return;
      continue;
    }
    const { error } = sent;
    const attempts = book.lane().attempts + 1;
    retryAtMs = clock.nowMs() + pauseMs(attempts, error);
    const refused = isRefused(error);
    const facts = { lane: claimed.record.id, attempts, waiting: book.lane().waiting.length, code: errorCode(error), reason: errorText(error) };
    log[isAway(error) ? 'warn' : 'error']('outbox.undelivered', facts);
    // While the pager is away, all that wait are told of: nobody else of them is called either.
    for (const one of refused ? [page] : book.lane().waiting)
      book.turn(missed(book.lane(), one, { nowMs: clock.nowMs(), retryAtMs, reason: answerOf(error), refused, onCall: deps.pager.onCall?.(one.target) }));
    if (!refused) break;
    failed.add(page.target);
  }
  if (pages.length > 0) {
    const lane = without(book.lane(), 'retryAtMs');
    book.turn({ lane: retryAtMs === undefined ? { ...lane, attempts: 0 } : { ...lane, attempts: lane.attempts + 1, retryAtMs }, news: [] });
  }

  for (const one of book.lane().watched.filter(({ askMs }) => askMs <= clock.nowMs())) {
    if (await isOver()) return book.close();
    book.turn(await look(deps, book.lane(), one));
  }
  await tellAside(deps, book, isOver);
  return book.close();
}

/** Mail takes its place in the lane. What cannot be read is our own mistake, and nobody else's page waits for it. */
function takeIn({ log }: Deps, { record, mail }: Claimed): Turned {
  const read = readPageLane(record.value);
  if (read === undefined) log.error('outbox.lane-unreadable', { lane: record.id });
  let turned: Turned = { lane: read ?? newPageLane(laneOfId(record.id).incident), news: [] };
  for (const one of mail) {
    const is = readPageMail(one.value);
    if (is === undefined) log.error('outbox.unreadable', { lane: record.id, key: one.key });
    else if ('page' in is) turned = { ...turned, lane: withPage(turned.lane, is.page) };
    else {
      const next = heard(turned.lane, is.call);
      turned = { lane: next.lane, news: [...turned.news, ...next.news] };
    }
  }
  return turned;
}

async function sendPage({ pager, clock, log }: Deps, page: Page, lane: PageLane): Promise<Turned | { readonly error: unknown }> {
  if (page.action === 'trigger' && page.before !== undefined && pager.escalate !== undefined) {
    try {
      const call = await pager.escalate(page, lane.found);
      if (call !== undefined) return escalated(lane, page, call);
    } catch (error) {
      // A page that only joins the open call is better than none.
      log.warn('pager.not-escalated', { target: page.target, code: errorCode(error), reason: errorText(error) });
    }
  }
  try {
    await pager.send(page);
    return accepted(lane, page, { nowMs: clock.nowMs(), confirms: pager.confirms?.() });
  } catch (error) {
    return { error };
  }
}

async function look({ pager, clock }: Deps, lane: PageLane, one: PageLane['watched'][number]): Promise<Turned> {
  const nowMs = (): number => clock.nowMs();
  if (pager.calls === undefined || pager.confirms?.()?.by !== 'asking') return looked(lane, one, { nowMs: nowMs(), calls: [] });
  try {
    return looked(lane, one, { calls: await pager.calls(one.page, one.sinceMs), nowMs: nowMs() });
  } catch (error) {
    return looked(lane, one, { calls: [], nowMs: nowMs(), failed: answerOf(error) });
  }
}

/** Notes and changes, once every page is out. One that can never be delivered is let go: the timeline has what it says. */
async function tellAside({ pager, clock, log }: Deps, book: Book, isOver: () => Promise<boolean>): Promise<void> {
  const lane = book.lane();
  if (lane.waiting.length > 0 || isResting(lane.asideAtMs, clock.nowMs())) return;
  for (const page of lane.aside) {
    if (await isOver()) return;
    const done: PageLane = { ...without(book.lane(), 'asideAtMs'), aside: book.lane().aside.filter((one) => one !== page), asideAttempts: 0 };
    let reason: string | undefined;
    try {
      await pager.send(page);
    } catch (error) {
      log.warn('pager.not-noted', { action: page.action, code: errorCode(error), reason: errorText(error) });
      const isLetGo = (error instanceof SalvorError && error.retry === 'never') || (page.action === 'ask' && book.lane().asideAttempts >= MOST_ASKS);
      if (!isLetGo) {
        const asideAttempts = book.lane().asideAttempts + 1;
        book.turn({ lane: { ...book.lane(), asideAttempts, asideAtMs: clock.nowMs() + pauseMs(asideAttempts, error) }, news: [] });
        return;
      }
      reason = answerOf(error);
    }
    book.turn({ lane: done, news: page.action === 'ask' ? [askTold(page, reason)] : [] });
    if (!(await book.record())) return;
  }
}

/** What became of asking people to help: the incident hears of it either way. */
function askTold({ details }: Page, reason: string | undefined): PagerMail {
  const who = details['names'] ?? '';
  const about = { kind: 'pager', target: 'the decision', who: [who] } as const;
  return reason === undefined ? { ...about, what: 'asked' } : { ...about, what: 'not-asked', reason };
}

function isAway(error: unknown): boolean {
  return error instanceof SalvorError && error.code === 'pager.unavailable';
}

/** The other side is there, and says no: to this page, whoever else is paged. */
function isRefused(error: unknown): boolean {
  return isAway(error) && error instanceof SalvorError && error.details['refused'] === true;
}

/** What the other side answered, where the adapter says it apart from the page that it answered to. */
function answerOf(error: unknown): string {
  const answer = error instanceof SalvorError ? error.details['answer'] : undefined;
  return typeof answer === 'string' ? answer : errorText(error);
}
