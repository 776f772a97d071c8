import type { GateName } from '../model/gate.ts';
import type { RunMail } from '../model/mail.ts';
import { isOpen, type OpenState, type Run } from '../model/run.ts';
import { close } from './close.ts';
import { nothingToDecide, notProposed } from './decided.ts';
import { type About, after, calming, entry, none, type Observation, paging, type Turn, turn } from './observation.ts';
import { closing } from './state/closing.ts';
import { diagnosing } from './state/diagnosing.ts';
import { executing } from './state/executing.ts';
import { proposed } from './state/proposed.ts';
import { verifying } from './state/verifying.ts';
import { waiting } from './state/waiting.ts';

type Transition = (run: Run, seen: Observation, about: About) => Turn | undefined;

/**
 * The whole life of a run, one entry per open state. What a state does not answer, it ignores: repeats and late news are harmless.
 * `claimed` is what every state sees when it is taken up, for the first time or after a crash: there is no resume code.
 */
export const transitions: { readonly [S in OpenState]: Transition } = {
  queued: (run, seen) => {
    if (seen.kind !== 'claimed') return undefined;
    const { dueMs: _due, ...rest } = run;
    return turn({ ...rest, state: 'diagnosing', doing: 'diagnose' }, { kind: 'diagnose' }, [
      entry('run.started', { playbook: run.playbook, target: run.target, by: run.start.by }),
    ]);
  },
  diagnosing,
  waiting,
  proposed,
  executing,
  verifying,
  closing,
};

/** Where a run goes when something is seen, and the one thing to do next. Pure: storing and doing is the caller's. */
export function advance(run: Run, seen: Observation, about: About): Turn {
  if (!isOpen(run.state)) return turn(run);
  const passed = goesOn(run, seen, about);
  const next = transitions[run.state](passed.run, seen, about) ?? anyState(passed.run, seen, about) ?? turn(passed.run);
  return passed.tell.length === 0 ? next : after(passed, next);
}

const STANDSTILL: ReadonlySet<Observation['kind']> = new Set(['held', 'trouble', 'mail', 'claimed', 'interrupted']);

/** An effect that could be done ends the hold and the trouble; a proposal shows its hold until it starts. */
function goesOn(run: Run, seen: Observation, about: About): Pick<Turn, 'run' | 'entries' | 'tell'> {
  if (STANDSTILL.has(seen.kind)) return { run, entries: [], tell: [] };
  const { heldSinceMs: _since, trouble: _trouble, escalated, ...rest } = run;
  const paged = escalated === stuckKey(run);
  const now: Run = { ...rest, refusals: 0, ...(escalated === undefined || paged ? {} : { escalated }) };
  const tell = paged ? calming(run) : [];
  if (run.state === 'proposed' && seen.kind !== 'fits') return { run: now, entries: [], tell };
  const { hold: _hold, ...free } = now;
  return { run: moved(free, standstillMs(run, about), about), entries: [], tell };
}

/** How long a run has stood still: held, or because the other side was away. */
function standstillMs({ heldSinceMs, trouble }: Run, { nowMs }: About): number {
  return nowMs - Math.min(heldSinceMs ?? nowMs, trouble?.sinceMs ?? nowMs);
}

/** The time that a step stood still is not its own: neither a pause nor an API server that was away makes anything too slow. */
function moved(run: Run, byMs: number, { nowMs }: About): Run {
  if (byMs === 0) return run;
  const steps = run.steps.map((step) =>
    (step.phase === 'started' || step.phase === 'observing') && step.startedMs !== undefined
      ? { ...step, startedMs: Math.min(nowMs, step.startedMs + byMs) }
      : step,
  );
  return { ...run, steps, ...(run.verifyingSinceMs === undefined ? {} : { verifyingSinceMs: Math.min(nowMs, run.verifyingSinceMs + byMs) }) };
}

/** What every open state answers alike, unless it has an answer of its own. */
function anyState(run: Run, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'held') return held(run, seen, about);
  if (seen.kind === 'trouble') return trouble(run, seen, about);
  if (seen.kind === 'fits') return turn(withoutDue(run), none, [entry('run.fits')]);
  if (seen.kind !== 'mail') return undefined;
  const { mail } = seen;
  if (run.state === 'closing' && !DECISIONS.has(mail.kind)) return undefined;
  switch (mail.kind) {
    case 'cancel':
      return close(run, about, { end: 'cancelled', reason: `Cancelled by ${mail.by}: ${mail.reason}`, mode: mail.keep ? 'stop' : 'rollback' });
    case 'supersede':
      // A storm takes over only what nobody has approved yet.
      if (mail.surface === 'storm' && hasBegun(run)) return undefined;
      return close(run, about, { end: 'superseded', reason: `Superseded by ${mail.by}: ${mail.reason}`, mode: 'rollback' });
    case 'joined':
      return turn(run, none, [entry('run.joined', { episode: mail.episode })]);
    case 'resolved':
      return turn(run, none, [entry('alert.resolved', { episode: mail.episode })]);
    case 'look': {
      // Something changed that may have held it: the next look is now.
      return run.hold === undefined ? undefined : turn(withoutDue(run));
    }
    case 'approve':
    case 'reject':
      return turn(run, none, [
        entry('approval.refused', {
          by: mail.by,
          surface: mail.surface,
          code: 'approval.not-waiting',
          reason: nothingToDecide(run),
        }),
      ]);
    case 'withdraw':
    case 'hold':
    case 'release':
      return turn(run, none, [entry(`${mail.kind}.refused`, { by: mail.by, surface: mail.surface, code: 'approval.not-waiting', reason: notProposed(run) })]);
    default:
      return undefined;
  }
}

/** What is said about a proposal is answered in every state. */
const DECISIONS: ReadonlySet<RunMail['kind']> = new Set(['approve', 'reject', 'withdraw', 'hold', 'release']);

function withoutDue(run: Run): Run {
  const { dueMs: _due, ...rest } = run;
  return rest;
}

/** Work that people approved is under way, or the run waits in the middle of its work. What nobody was asked about gives way, and is given back. */
function hasBegun(run: Run): boolean {
  if (run.state === 'executing' || run.state === 'verifying') return run.approval?.requirement.kind === 'people';
  return run.locked && run.waiting !== undefined && run.waiting.what !== 'finding' && run.waiting.what !== 'settle';
}

/** So long a run may stand still before people are called. */
const TOO_LONG_MS = 1_800_000;

const stuckKey = (run: Run): string => `${run.id}/stuck`;

/** Asked again by itself. People who know nothing of it, since no person paused it and no time is set for it, are told when it takes too long. */
function held(run: Run, seen: Extract<Observation, { kind: 'held' }>, about: About): Turn {
  const { gate, reason, untilMs } = seen.hold;
  const isNews = run.hold?.reason !== reason || run.hold.gate !== gate;
  const heldSinceMs = run.hold === undefined ? about.nowMs : (run.heldSinceMs ?? about.nowMs);
  const patience = run.waiting !== undefined && run.waiting.untilMs > about.nowMs ? run.waiting.untilMs : Number.POSITIVE_INFINITY;
  const lookMs = about.nowMs + pauseMs({ gate, untilMs, heldMs: about.nowMs - heldSinceMs });
  const next: Run = { ...run, hold: seen.hold, heldSinceMs, dueMs: Math.min(untilMs ?? lookMs, lookMs, patience) };
  const said = turn(next, none, isNews ? [entry('run.held', { gate, reason, untilMs })] : []);
  if (gate === 'journal') return isNews ? paging(said, about, { key: `${run.id}/journal`, reason }) : said;
  if (gate === 'pause' || untilMs !== undefined || about.nowMs - heldSinceMs < TOO_LONG_MS) return said;
  return pageStuck(said, about, `Held for too long: ${reason}`);
}

/** What ends a hold tells the run, so looking by itself is for what nobody told: the longer it lasts, the rarer. */
function pauseMs({ gate, untilMs, heldMs }: { readonly gate: GateName; readonly untilMs: number | undefined; readonly heldMs: number }): number {
  if (gate === 'pause' || gate === 'lock') return Math.min(60_000, Math.max(5000, heldMs / 20));
  return untilMs === undefined ? Math.min(300_000, Math.max(30_000, heldMs / 20)) : 300_000;
}

function trouble(run: Run, seen: Extract<Observation, { kind: 'trouble' }>, about: About): Turn {
  const isNews = run.refusals === 0;
  const { reason } = seen;
  const sinceMs = run.trouble?.sinceMs ?? about.nowMs;
  const next: Run = { ...run, refusals: run.refusals + 1, trouble: { reason, sinceMs }, dueMs: about.nowMs + seen.afterMs };
  const said = turn(next, none, isNews ? [entry('run.trouble', { code: seen.code, reason })] : []);
  return about.nowMs - sinceMs < TOO_LONG_MS ? said : pageStuck(said, about, `Tried ${next.refusals} times: ${reason}`);
}

/** Once for each standstill; another cause that people know of already is enough. */
function pageStuck(said: Turn, about: About, reason: string): Turn {
  if (said.run.escalated !== undefined) return said;
  const key = stuckKey(said.run);
  return paging({ ...said, run: { ...said.run, escalated: key } }, about, { key, reason });
}
