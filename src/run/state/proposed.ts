import { decide } from '../../approval/decide.ts';
import type { Approval } from '../../model/approval.ts';
import type { Hold } from '../../model/gate.ts';
import type { Plan } from '../../model/plan.ts';
import type { Run } from '../../model/run.ts';
import { diagnoseAgain, startSteps } from '../again.ts';
import { close } from '../close.ts';
import { takeFacts } from '../enter.ts';
import { type About, after, entry, none, type Observation, type Turn, turn } from '../observation.ts';
import { whatChanged } from '../what-changed.ts';
import { type Asking, ballotOf } from './ballot.ts';
import { dueOf, expire, heldHold, isLastLook, lookAtTime, reminding } from './proposal-time.ts';
import { grant, hold, reject, release, vote, withdraw } from './vote.ts';

/** Waits for people. A press is for one digest: for any other plan it is worth nothing. */
export function proposed(run: Run, seen: Observation, about: About): Turn | undefined {
  const { approval, plan } = run;
  if (approval === undefined || plan === undefined) return undefined;
  switch (seen.kind) {
    case 'claimed':
      return lookAtTime(run, approval, about);
    case 'mail': {
      const { mail } = seen;
      const asking = { ...run, approval };
      if (mail.kind === 'approve') return vote(asking, { mail, atMs: seen.atMs }, about);
      if (mail.kind === 'reject') return reject(asking, mail, about);
      if (mail.kind === 'withdraw') return withdraw(asking, mail, about);
      if (mail.kind === 'hold') return hold(asking, { mail, atMs: seen.atMs }, about);
      if (mail.kind === 'release') return release(asking, mail, about);
      // A resolved alert is news, not an order: look again without leaving the state, so a press meanwhile counts.
      if (mail.kind === 'resolved') return turn({ ...run, doing: 'diagnose' }, { kind: 'diagnose' }, [entry('alert.resolved', { episode: mail.episode })]);
      if (mail.kind === 'look') return turn({ ...run, doing: 'plan' }, { kind: 'plan' });
      return undefined;
    }
    case 'found': {
      if (seen.finding.kind === 'recovered') return close(run, about, { end: 'recovered', reason: seen.finding.reason, mode: 'rollback' });
      const taken = takeFacts(parked(run, approval), seen, about);
      if (isLastLook(approval) && approval.held === undefined && about.nowMs >= approval.expiresMs)
        return after({ entries: taken.entries, tell: [] }, expire(taken.run, approval, about));
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

/** Back to waiting for people, when nothing is looked at any more. */
function parked(run: Run, approval: Approval): Run {
  const { doing: _doing, ...rest } = run;
  return { ...rest, dueMs: dueOf(approval) };
}

type Again = { readonly seen: Extract<Observation, { kind: 'planned' }>; readonly approval: Approval; readonly plan: Plan };

/** Looked at again because the policy or a gate changed: who is asked and what holds may change; another plan is another proposal. */
function lookedAgain(run: Run, { seen, approval, plan }: Again, about: About): Turn {
  if (seen.plan.digest !== plan.digest) return diagnoseAgain(run, whatChanged(plan, seen.plan), about);
  const { requirement } = seen;
  const { held } = approval;
  const gate: Hold | undefined = requirement.kind === 'hold' ? { kind: 'hold', gate: 'role', reason: requirement.reason } : seen.hold;
  const shown = held === undefined ? gate : heldHold(held);
  const { hold: _hold, ...rest } = run;
  // Where nobody could approve until now, people get their whole time.
  const anew = approval.requirement.kind === 'hold' && requirement.kind === 'people';
  const whole: Approval = { ...approval, requirement };
  const now = anew ? reminding({ ...whole, askedMs: about.nowMs, expiresMs: about.nowMs + requirement.withinMs }, about) : whole;
  const next: Asking = { ...rest, approval: now, ...(shown === undefined ? {} : { hold: shown }), dueMs: dueOf(now) };
  if (held !== undefined) return turn(next);
  if (requirement.kind === 'none' || requirement.kind === 'auto') return startSteps({ ...next, approval: { ...now, grantedMs: about.nowMs } }, []);
  const decision = decide({ ...ballotOf(next, about), votes: now.votes });
  return decision.kind === 'granted' ? grant(next, [], about) : turn(next);
}
