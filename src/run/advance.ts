import { isOpen, type OpenState, type Run } from '../model/run.ts';
import { close } from './close.ts';
import { type About, entry, none, type Observation, paging, type Turn, turn } from './observation.ts';
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
  const now = released(run, seen);
  return transitions[run.state](now, seen, about) ?? anyState(now, seen, about) ?? turn(now);
}

/** An effect that could be done ends the hold; a proposal shows its hold until it starts. */
function released(run: Run, seen: Observation): Run {
  const passed = seen.kind !== 'held' && seen.kind !== 'trouble' && seen.kind !== 'mail' && seen.kind !== 'claimed';
  if (!passed || run.hold === undefined || run.state === 'proposed') return run;
  const { hold: _hold, ...rest } = run;
  return rest;
}

/** What every open state answers alike, unless it has an answer of its own. */
function anyState(run: Run, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'held') return held(run, seen, about);
  if (seen.kind === 'trouble') return trouble(run, seen, about);
  if (seen.kind !== 'mail' || run.state === 'closing') return undefined;
  const { mail } = seen;
  switch (mail.kind) {
    case 'cancel':
      return close(run, about, { end: 'cancelled', reason: `Cancelled by ${mail.by}: ${mail.reason}`, mode: mail.keep ? 'stop' : 'rollback' });
    case 'supersede': {
      // A storm takes over only what nobody has approved yet.
      const begun = run.state === 'executing' || run.state === 'verifying';
      if (mail.surface === 'storm' && begun) return undefined;
      return close(run, about, { end: 'superseded', reason: `Superseded by ${mail.by}: ${mail.reason}`, mode: 'rollback' });
    }
    case 'joined':
      return turn(run, none, [entry('run.joined', { episode: mail.episode })]);
    case 'resolved':
      return turn(run, none, [entry('alert.resolved', { episode: mail.episode })]);
    case 'approve':
    case 'reject':
      return turn(run, none, [
        entry('approval.refused', {
          by: mail.by,
          surface: mail.surface,
          code: 'approval.not-waiting',
          reason: `The run is ${run.state}: there is nothing to decide`,
        }),
      ]);
    default:
      return undefined;
  }
}

function held(run: Run, seen: Extract<Observation, { kind: 'held' }>, about: About): Turn {
  const isNews = run.hold?.reason !== seen.hold.reason || run.hold.gate !== seen.hold.gate;
  const lookMs = about.nowMs + (seen.hold.gate === 'pause' || seen.hold.gate === 'lock' ? 5000 : 30_000);
  const dueMs = Math.min(seen.hold.untilMs ?? lookMs, lookMs);
  const next: Run = { ...run, hold: seen.hold, dueMs };
  if (!isNews) return turn(next);
  const said = turn(next, none, [entry('run.held', { gate: seen.hold.gate, reason: seen.hold.reason, untilMs: seen.hold.untilMs })]);
  return seen.hold.gate === 'journal' ? paging(said, about, { key: `${run.id}/journal`, reason: seen.hold.reason }) : said;
}

function trouble(run: Run, seen: Extract<Observation, { kind: 'trouble' }>, about: About): Turn {
  const isNews = run.refusals === 0;
  return turn(
    { ...run, refusals: run.refusals + 1, dueMs: about.nowMs + seen.afterMs },
    none,
    isNews ? [entry('run.trouble', { code: seen.code, reason: seen.reason })] : [],
  );
}
