import { noteWords } from '../../approval/code.ts';
import { votersOf } from '../../approval/voters.ts';
import type { Approval, HeldBy } from '../../model/approval.ts';
import { defined } from '../../model/defined.ts';
import type { Hold } from '../../model/gate.ts';
import { isSteps } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import { close } from '../close.ts';
import { type About, entry, none, paging, type Turn, turn } from '../observation.ts';
import { MOST_NAMED, nextReminderMs } from '../remind.ts';
import { type Asking, ballotOf } from './ballot.ts';

/** When a proposal reminds, calls, and is over: no answer is never a yes. */

/** Nothing waits longer for people than this, whoever holds or keeps it. */
const LONGEST_MS = 604_800_000;
/** As much as is left at least when a proposal is released. */
const LEAST_LEFT_MS = 60_000;

/** Its time is over, and it is looked at once more before people are called: a press still counts. */
export const isLastLook = ({ lookedMs, escalatedMs }: Approval): boolean => lookedMs !== undefined && escalatedMs === undefined;

/** When somebody has to look at it again. */
export function dueOf({ held, expiresMs, remindAtMs }: Approval): number {
  return held === undefined ? Math.min(expiresMs, remindAtMs ?? expiresMs) : held.sinceMs + LONGEST_MS;
}

/** The same approval with the time of its next reminder; without one where none is left before it expires. */
export function reminding(approval: Approval, about: About): Approval {
  const { remindAtMs: _remind, ...rest } = approval;
  const everyMs = approval.requirement.kind === 'people' ? approval.requirement.remindMs : 0;
  return { ...rest, ...defined({ remindAtMs: nextReminderMs({ everyMs, sinceMs: approval.askedMs, untilMs: approval.expiresMs }, about) }) };
}

/** The time for which somebody held it is not its own. */
export function released(approval: Approval, about: About): Approval {
  const { held, ...rest } = approval;
  const heldMs = held === undefined ? 0 : Math.max(0, about.nowMs - held.sinceMs);
  return reminding({ ...rest, expiresMs: Math.max(approval.expiresMs + heldMs, about.nowMs + LEAST_LEFT_MS) }, about);
}

export function heldHold({ by, reason }: HeldBy): Hold {
  return { kind: 'hold', gate: 'person', reason: `${by} holds it: ${reason}` };
}

/** Reminds again and again, calls more people stage by stage, starts the ladder once, then expires. */
export function lookAtTime(run: Run, approval: Approval, about: About): Turn {
  const { nowMs } = about;
  if (approval.held !== undefined) {
    if (nowMs < dueOf(approval)) return turn({ ...run, dueMs: dueOf(approval) });
    return over(run, about, `${approval.held.by} held it, and nobody released it`);
  }
  if (nowMs >= approval.expiresMs) return expire(run, approval, about);
  if (approval.remindAtMs !== undefined && nowMs >= approval.remindAtMs) {
    const next = reminding(approval, about);
    return turn({ ...run, approval: next, dueMs: dueOf(next) }, none, [
      entry('approval.reminded', { digest: run.plan?.digest ?? '', expiresMs: approval.expiresMs, of: missingVoters({ ...run, approval }, about) }),
    ]);
  }
  const due: Run = { ...run, dueMs: dueOf(approval) };
  // A look that a refusal or a crash cut short is taken up again.
  return run.doing === 'diagnose' || run.doing === 'plan' ? turn(due, { kind: run.doing }) : turn(due);
}

/** Who may say yes and has not. */
function missingVoters(run: Asking, about: About): string[] {
  const voted = new Set(run.approval.votes.map(({ by }) => by));
  return votersOf(ballotOf(run, about))
    .flatMap(({ name, may }) => (may && !voted.has(name) ? [name] : []))
    .slice(0, MOST_NAMED);
}

/** Its time is over: the next stage, else the ladder, else the end. */
export function expire(run: Run, approval: Approval, about: About): Turn {
  const { requirement } = approval;
  const asking = requirement.kind === 'people' ? requirement : undefined;
  const next = asking?.stages?.[approval.stage ?? 0];
  const stage = about.playbook.stages[run.stage];
  const answer = stage !== undefined && isSteps(stage) ? stage.onExpire : 'escalate';
  const isLadderLeft = answer === 'escalate' && approval.escalatedMs === undefined;
  if (next === undefined && !isLadderLeft) return keptOrOver(run, approval, about);
  // Nobody is woken for what is over by itself.
  if (approval.lookedMs === undefined)
    return turn({ ...run, doing: 'diagnose', approval: { ...approval, lookedMs: about.nowMs }, dueMs: about.nowMs }, { kind: 'diagnose' });
  return next === undefined ? startLadder(run, approval, about) : widen(run, approval, { about, ...next });
}

const keyOf = (run: Run): string => `${run.id}/${run.plan?.digest.slice(0, 8) ?? ''}`;
/** What people are called for; where a note over there counts as a vote, with what they write. */
function reasonOf(run: Run, { policy }: About): string {
  const { requirement } = run.approval ?? {};
  const reason = `Nobody decided about ${run.playbook} on ${run.target}`;
  if (policy.pagerVotes !== true || run.plan === undefined || requirement?.kind !== 'people') return reason;
  return `${reason}. ${noteWords(run.plan.digest, requirement.confirmation !== undefined)}`;
}

type Widening = { readonly about: About; readonly addApprovers: readonly string[]; readonly page?: string; readonly withinMs: number };

/** More people may vote, and somebody is called; what is needed stays, and so do the votes. */
function widen(run: Run, approval: Approval, { about, addApprovers, page, withinMs }: Widening): Turn {
  const { lookedMs: _looked, ...rest } = approval;
  const stage = (approval.stage ?? 0) + 1;
  const next = reminding({ ...rest, stage, expiresMs: about.nowMs + withinMs }, about);
  const key = keyOf(run);
  const line = entry('approval.widened', {
    digest: run.plan?.digest ?? '',
    stage,
    add: [...addApprovers],
    ...defined({ page }),
    expiresMs: next.expiresMs,
  });
  const said = turn({ ...run, escalated: key, approval: next, dueMs: dueOf(next) }, none, [line]);
  if (page === undefined) return said;
  return { ...said, tell: [{ kind: 'escalate', key: `${key}/stage-${stage}`, ladder: `page:${page}`, reason: reasonOf(run, about) }] };
}

function startLadder(run: Run, approval: Approval, about: About): Turn {
  const expiresMs = about.nowMs + (approval.requirement.kind === 'people' ? approval.requirement.withinMs : 900_000);
  const key = keyOf(run);
  const { remindAtMs: _remind, ...rest } = approval;
  return paging(
    turn({ ...run, escalated: key, approval: { ...rest, escalatedMs: about.nowMs, expiresMs }, dueMs: expiresMs }, none, [
      entry('approval.escalated', { digest: run.plan?.digest ?? '', ladder: about.playbook.escalate, expiresMs }),
    ]),
    about,
    { key, reason: reasonOf(run, about) },
  );
}

/** Where the policy says so, silence ends nothing: the proposal waits on, for as long as anything may. */
function keptOrOver(run: Run, approval: Approval, about: About): Turn {
  const keeps = approval.requirement.kind === 'people' && approval.requirement.onExpiry === 'hold';
  if (!keeps || approval.keptMs !== undefined) return over(run, about, 'Nobody decided in time; nothing was changed by this plan');
  const next = reminding({ ...approval, keptMs: about.nowMs, expiresMs: about.nowMs + LONGEST_MS }, about);
  const line = entry('approval.kept', { digest: run.plan?.digest ?? '', expiresMs: next.expiresMs });
  return turn({ ...run, approval: next, dueMs: dueOf(next) }, none, [line]);
}

function over(run: Run, about: About, reason: string): Turn {
  const stage = about.playbook.stages[run.stage];
  const answer = stage !== undefined && isSteps(stage) ? stage.onExpire : 'escalate';
  const ended = close(run, about, { end: 'expired', reason, mode: answer === 'rollback' ? 'rollback' : 'stop' });
  return { ...ended, entries: [entry('approval.expired', { digest: run.plan?.digest ?? '' }), ...ended.entries] };
}
