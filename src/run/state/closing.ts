import type { Run } from '../../model/run.ts';
import { continueClosing, toUndo, withStep } from '../close.ts';
import { type About, after, calming, entry, none, type Observation, paging, type Turn, turn } from '../observation.ts';

const LONGEST_PAUSE_MS = 300_000;

/** Undoes what must be undone, then ends. An undo that fails keeps the locks, retries and pages until it works or somebody writes it off. */
export function closing(run: Run, seen: Observation, about: About): Turn | undefined {
  switch (seen.kind) {
    case 'claimed':
      return continueClosing(run, about);
    case 'undone':
      return after(
        { entries: [entry('undo.done', { step: seen.step, evidence: seen.evidence })], tell: calming(run) },
        continueClosing(withStep(afresh(run), seen, { phase: 'undone' }), about),
      );
    case 'undo-impossible':
      return after(
        { entries: [entry('undo.impossible', { step: seen.step, reason: seen.reason })], tell: [] },
        continueClosing(withStep(afresh(run), seen, { phase: 'not-undone', reason: seen.reason }), about),
      );
    case 'undo-more':
      return turn({ ...withStep(run, seen, { phase: 'undoing', progress: seen.progress }), dueMs: about.nowMs + seen.afterMs });
    case 'undo-failed':
    case 'trouble':
      return failed(run, seen, about);
    case 'held':
      return held(run, seen, about);
    case 'mail': {
      if (seen.mail.kind !== 'supersede') return undefined;
      const [stuck] = toUndo(run);
      const tries = run.closing?.attempts ?? 0;
      if (stuck === undefined || tries === 0) return undefined;
      const { mail } = seen;
      return after(
        { entries: [entry('undo.written-off', { step: stuck.step, by: mail.by, reason: mail.reason })], tell: calming(run) },
        continueClosing(withStep(afresh(run), stuck, { phase: 'written-off', reason: mail.reason }), about),
      );
    }
    default:
      return undefined;
  }
}

/** The next undo has its own tries, and its own page. */
function afresh(run: Run): Run {
  const { escalated: _escalated, closing: ending, ...rest } = run;
  return ending === undefined ? rest : { ...rest, closing: { ...ending, attempts: 0, paged: false } };
}

function failed(run: Run, seen: Extract<Observation, { kind: 'undo-failed' | 'trouble' }>, about: About): Turn {
  const { closing: ending } = run;
  if (ending === undefined) return turn(run);
  const attempts = ending.attempts + 1;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** Math.min(attempts, 12));
  const page = attempts >= 3 && ending.paged !== true;
  const key = `${run.id}/undo`;
  const next: Run = {
    ...run,
    closing: { ...ending, attempts, paged: page || ending.paged === true },
    dueMs: about.nowMs + pauseMs,
    ...(page ? { escalated: key } : {}),
  };
  const lines = attempts === 1 || page ? [entry('undo.failed', { reason: seen.reason, attempts })] : [];
  const said = turn(next, none, lines);
  return page ? paging(said, about, { key, reason: `An undo fails: ${seen.reason}` }) : said;
}

/** Only a pause holds an undo, and that pages. */
function held(run: Run, seen: Extract<Observation, { kind: 'held' }>, about: About): Turn {
  const isNews = run.hold?.reason !== seen.hold.reason;
  const key = `${run.id}/undo-held`;
  const dueMs = Math.min(seen.hold.untilMs ?? Number.MAX_SAFE_INTEGER, about.nowMs + 5000);
  const next: Run = { ...run, hold: seen.hold, dueMs, escalated: key };
  if (!isNews) return turn(next);
  return paging(turn(next, none, [entry('run.held', { gate: seen.hold.gate, reason: seen.hold.reason })]), about, {
    key,
    reason: `An undo waits: ${seen.hold.reason}`,
  });
}
