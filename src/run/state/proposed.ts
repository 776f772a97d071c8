import { decide, mayVote } from '../../approval/decide.ts';
import type { Approval, Vote } from '../../model/approval.ts';
import { defined } from '../../model/defined.ts';
import type { Hold } from '../../model/gate.ts';
import type { Plan } from '../../model/plan.ts';
import { isSteps } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import { diagnoseAgain, startSteps } from '../again.ts';
import { close } from '../close.ts';
import { takeFacts } from '../enter.ts';
import { type About, after, entry, none, type Observation, paging, type Turn, turn } from '../observation.ts';
import { nextReminderMs } from '../remind.ts';
import { whatChanged } from '../what-changed.ts';

/** Waits for people. A press is for one digest: for any other plan it is worth nothing. */
export function proposed(run: Run, seen: Observation, about: About): Turn | undefined {
  const { approval, plan } = run;
  if (approval === undefined || plan === undefined) return undefined;
  switch (seen.kind) {
    case 'claimed':
      return lookAtTime(run, approval, about);
    case 'mail': {
      const { mail } = seen;
      if (mail.kind === 'approve') {
        const { by, plan: digest, surface, confirmation } = mail;
        return vote({ ...run, approval }, { by, plan: digest, surface, atMs: seen.atMs, ...(confirmation === undefined ? {} : { confirmation }) }, about);
      }
      if (mail.kind === 'reject') return reject({ ...run, approval }, { by: mail.by, reason: mail.reason, surface: mail.surface }, about);
      // A resolved alert is news, not an order: look again without leaving the state, so a press meanwhile counts.
      if (mail.kind === 'resolved') return turn({ ...run, doing: 'diagnose' }, { kind: 'diagnose' }, [entry('alert.resolved', { episode: mail.episode })]);
      if (mail.kind === 'look') return turn({ ...run, doing: 'plan' }, { kind: 'plan' });
      return undefined;
    }
    case 'found': {
      if (seen.finding.kind === 'recovered') return close(run, about, { end: 'recovered', reason: seen.finding.reason, mode: 'rollback' });
      const taken = takeFacts(parked(run, approval), seen, about);
      if (isLastLook(approval) && about.nowMs >= approval.expiresMs) return after({ entries: taken.entries, tell: [] }, expire(taken.run, approval, about));
      return turn(taken.run, none, [...taken.entries, entry('proposal.stays', { reason: `The alert resolved, and still: ${seen.finding.reason}` })]);
    }
    case 'planned':
      return lookedAgain(parked(run, approval), { seen, approval, plan }, about);
    case 'unplannable':
      return diagnoseAgain(run, [seen.reason], about);
    case 'held':
    case 'trouble':
      // Nobody can say what an approval would do now.
      if (seen.kind === 'held' && (seen.hold.gate === 'upgrade' || seen.hold.gate === 'journal')) return undefined;
      // The proposal stays as it is and is looked at again; its own time goes on.
      return turn({ ...run, dueMs: Math.min(dueOf(approval), about.nowMs + (seen.kind === 'trouble' ? seen.afterMs : 30_000)) });
    default:
      return undefined;
  }
}

/** Its time is over, and it is looked at once more before people are called: a press still counts. */
const isLastLook = ({ lookedMs, escalatedMs }: Approval): boolean => lookedMs !== undefined && escalatedMs === undefined;

/** Back to waiting for people, when nothing is looked at any more. */
function parked(run: Run, approval: Approval): Run {
  const { doing: _doing, ...rest } = run;
  return { ...rest, dueMs: dueOf(approval) };
}

function dueOf(approval: Approval): number {
  return Math.min(approval.expiresMs, approval.remindAtMs ?? approval.expiresMs);
}

type Again = { readonly seen: Extract<Observation, { kind: 'planned' }>; readonly approval: Approval; readonly plan: Plan };

/** Looked at again because the policy or a gate changed: who is asked and what holds may change; another plan is another proposal. */
function lookedAgain(run: Run, { seen, approval, plan }: Again, about: About): Turn {
  if (seen.plan.digest !== plan.digest) return diagnoseAgain(run, whatChanged(plan, seen.plan), about);
  const { requirement } = seen;
  const hold: Hold | undefined = requirement.kind === 'hold' ? { kind: 'hold', gate: 'role', reason: requirement.reason } : seen.hold;
  const { hold: _hold, ...rest } = run;
  // Where nobody could approve until now, people get their whole time.
  const anew = approval.requirement.kind === 'hold' && requirement.kind === 'people';
  const whole: Approval = { ...approval, requirement };
  const now = anew ? reminding({ ...whole, askedMs: about.nowMs, expiresMs: about.nowMs + requirement.withinMs }, about) : whole;
  const next: Run = { ...rest, approval: now, ...(hold === undefined ? {} : { hold }), dueMs: dueOf(now) };
  if (requirement.kind === 'none' || requirement.kind === 'auto') return startSteps({ ...next, approval: { ...now, grantedMs: about.nowMs } }, []);
  const decision = decide({ requirement, digest: plan.digest, votes: now.votes, policy: about.policy, requester: requesterOf(run) });
  if (decision.kind !== 'granted') return turn(next);
  return startSteps({ ...next, approval: { ...now, grantedMs: about.nowMs } }, [entry('approval.granted', { by: [...decision.by], digest: plan.digest })]);
}

type Asking = Run & { readonly approval: Approval };

function requesterOf(run: Run): string | undefined {
  return run.start.by === 'person' ? run.start.person : undefined;
}

function vote(run: Asking, cast: Vote, about: About): Turn {
  const { approval } = run;
  const digest = run.plan?.digest ?? '';
  // Expiry is judged by the time the press was committed, not by when it is read.
  if (cast.atMs > approval.expiresMs && !isLastLook(approval))
    return turn(run, none, [
      entry('approval.refused', { by: cast.by, surface: cast.surface, code: 'approval.not-waiting', reason: 'The proposal had expired' }),
    ]);
  const judged = mayVote({ vote: cast, digest, requirement: approval.requirement, policy: about.policy, requester: requesterOf(run) });
  if (!judged.allowed) return turn(run, none, [entry('approval.refused', { by: cast.by, surface: cast.surface, code: judged.code, reason: judged.reason })]);
  if (approval.votes.some((earlier) => earlier.by === cast.by)) return turn(run);
  const votes = [...approval.votes, cast];
  const voted: Run = { ...run, approval: { ...approval, votes } };
  const line = entry('approval.vote', { by: cast.by, surface: cast.surface, digest });
  const decision = decide({ requirement: approval.requirement, digest, votes, policy: about.policy, requester: requesterOf(run) });
  if (decision.kind !== 'granted') return turn(voted, none, [entry('approval.vote', { by: cast.by, surface: cast.surface, digest, missing: decision.words })]);
  const granted: Run = { ...voted, approval: { ...approval, votes, grantedMs: cast.atMs } };
  return startSteps(granted, [line, entry('approval.granted', { by: votes.map(({ by }) => by), digest })]);
}

function reject(run: Asking, cast: { readonly by: string; readonly reason: string; readonly surface: string }, about: About): Turn {
  const { approval } = run;
  const digest = run.plan?.digest ?? '';
  const judged = mayVote({
    vote: { by: cast.by, surface: cast.surface, plan: digest, atMs: about.nowMs },
    digest,
    requirement: approval.requirement,
    policy: about.policy,
    requester: undefined,
    rejecting: true,
  });
  if (!judged.allowed) return turn(run, none, [entry('approval.refused', { by: cast.by, surface: cast.surface, code: judged.code, reason: judged.reason })]);
  const stage = about.playbook.stages[run.stage];
  const answer = stage !== undefined && isSteps(stage) ? stage.onReject : 'rollback';
  const ended = close(run, about, {
    end: 'rejected',
    reason: `Rejected by ${cast.by}: ${cast.reason}`,
    mode: answer === 'rollback' ? 'rollback' : 'stop',
    page: answer === 'escalate',
  });
  return { ...ended, entries: [entry('approval.rejected', { by: cast.by, surface: cast.surface, reason: cast.reason, digest }), ...ended.entries] };
}

/** The same approval with the time of its next reminder; without one where none is left before it expires. */
function reminding(approval: Approval, about: About): Approval {
  const { remindAtMs: _remind, ...rest } = approval;
  const everyMs = approval.requirement.kind === 'people' ? approval.requirement.remindMs : 0;
  return { ...rest, ...defined({ remindAtMs: nextReminderMs({ everyMs, sinceMs: approval.askedMs, untilMs: approval.expiresMs }, about) }) };
}

/** Reminds again and again, escalates once, then expires: no answer is never a yes. */
function lookAtTime(run: Run, approval: Approval, about: About): Turn {
  const { nowMs } = about;
  if (nowMs >= approval.expiresMs) return expire(run, approval, about);
  if (approval.remindAtMs !== undefined && nowMs >= approval.remindAtMs) {
    const next = reminding(approval, about);
    return turn({ ...run, approval: next, dueMs: dueOf(next) }, none, [
      entry('approval.reminded', { digest: run.plan?.digest ?? '', expiresMs: approval.expiresMs }),
    ]);
  }
  const due: Run = { ...run, dueMs: dueOf(approval) };
  // A look that a refusal or a crash cut short is taken up again.
  return run.doing === 'diagnose' || run.doing === 'plan' ? turn(due, { kind: run.doing }) : turn(due);
}

function expire(run: Run, approval: Approval, about: About): Turn {
  const stage = about.playbook.stages[run.stage];
  const answer = stage !== undefined && isSteps(stage) ? stage.onExpire : 'escalate';
  if (answer === 'escalate' && approval.escalatedMs === undefined) {
    // Nobody is woken for what is over by itself.
    if (approval.lookedMs === undefined)
      return turn({ ...run, doing: 'diagnose', approval: { ...approval, lookedMs: about.nowMs }, dueMs: about.nowMs }, { kind: 'diagnose' });
    const withinMs = approval.requirement.kind === 'people' ? approval.requirement.withinMs : 900_000;
    const expiresMs = about.nowMs + withinMs;
    const key = `${run.id}/${run.plan?.digest.slice(0, 8) ?? ''}`;
    const reason = `Nobody decided about ${run.playbook} on ${run.target}`;
    const { remindAtMs: _remind, ...rest } = approval;
    return paging(
      turn({ ...run, escalated: key, approval: { ...rest, escalatedMs: about.nowMs, expiresMs }, dueMs: expiresMs }, none, [
        entry('approval.escalated', { digest: run.plan?.digest ?? '', ladder: about.playbook.escalate, expiresMs }),
      ]),
      about,
      { key, reason },
    );
  }
  const reason = 'Nobody decided in time; nothing was changed by this plan';
  const ended = close(run, about, { end: 'expired', reason, mode: answer === 'rollback' ? 'rollback' : 'stop' });
  return { ...ended, entries: [entry('approval.expired', { digest: run.plan?.digest ?? '' }), ...ended.entries] };
}
