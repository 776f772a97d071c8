import { decide, mayVote } from '../../approval/decide.ts';
import { hasRight } from '../../approval/right.ts';
import type { Approval, Vote } from '../../model/approval.ts';
import { defined } from '../../model/defined.ts';
import type { RunMail } from '../../model/mail.ts';
import { isSteps } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import { startSteps } from '../again.ts';
import { close } from '../close.ts';
import { type About, calming, type Draft, entry, none, type Turn, turn } from '../observation.ts';
import { type Asking, ballotOf } from './ballot.ts';
import { dueOf, heldHold, isLastLook, released } from './proposal-time.ts';

/** What people say to a proposal: yes, no, not yet, and that they take their yes back. */

type Mail<K extends RunMail['kind']> = Extract<RunMail, { readonly kind: K }>;

export function vote(run: Asking, { mail, atMs }: { readonly mail: Mail<'approve'>; readonly atMs: number }, about: About): Turn {
  const { approval } = run;
  const { by, plan, surface, confirmation, breakGlass } = mail;
  const cast: Vote = { by, plan, surface, atMs, ...defined({ confirmation, breakGlass }) };
  // Expiry is judged by the time the press was committed, not by when it is read.
  if (atMs > approval.expiresMs && approval.held === undefined && !isLastLook(approval))
    return turn(run, none, [entry('approval.refused', { by, surface, code: 'approval.not-waiting', reason: 'The proposal had expired' })]);
  const judged = mayVote({ ...ballotOf(run, about), vote: cast });
  if (!judged.allowed) return turn(run, none, [entry('approval.refused', { by, surface, code: judged.code, reason: judged.reason })]);
  // Who said yes before may still break the glass.
  if (approval.votes.some((earlier) => earlier.by === by && (earlier.breakGlass !== undefined || breakGlass === undefined))) return turn(run);
  const votes = [...approval.votes.filter((earlier) => earlier.by !== by), cast];
  const line = { by, surface, digest: ballotOf(run, about).digest, ...defined({ breakGlass }) };
  const voted: Asking = { ...run, approval: { ...approval, votes } };
  const decision = decide({ ...ballotOf(voted, about), votes });
  if (decision.kind !== 'granted') return turn(voted, none, [entry('approval.vote', { ...line, missing: decision.words })]);
  if (approval.held !== undefined)
    return turn(voted, none, [entry('approval.vote', { ...line, missing: `enough: it waits until ${approval.held.by} or another releases it` })]);
  return grant(voted, [entry('approval.vote', line)], about);
}

/** Enough people said yes: it starts, and where they broke the glass somebody is called to look at it. */
export function grant(run: Asking, before: readonly Draft[], about: About): Turn {
  const { approval, plan } = run;
  const digest = plan?.digest ?? '';
  const grantedMs = approval.votes.at(-1)?.atMs ?? about.nowMs;
  const decision = decide({ ...ballotOf(run, about), votes: approval.votes });
  const glass = decision.kind === 'granted' && decision.brokenGlass === true ? approval.votes.filter((one) => one.breakGlass !== undefined) : [];
  const reason = glass.map((one) => `${one.by}: ${one.breakGlass ?? ''}`).join('; ');
  const by = (glass.length > 0 ? glass : approval.votes).map((one) => one.by);
  const lines = [
    ...before,
    ...(glass.length === 0 ? [] : [entry('approval.glass-broken', { by, surface: glass.at(-1)?.surface ?? '', digest, reason })]),
    entry('approval.granted', { by, digest }),
  ];
  const started = startSteps({ ...run, approval: { ...approval, grantedMs } }, lines);
  const page = approval.requirement.kind === 'people' ? approval.requirement.breakGlass?.page : undefined;
  if (glass.length === 0 || page === undefined) return started;
  const told = `The glass was broken for ${run.playbook} on ${run.target} by ${reason}`;
  return { ...started, tell: [...started.tell, { kind: 'escalate', key: `${run.id}/glass/${digest.slice(0, 8)}`, ladder: `page:${page}`, reason: told }] };
}

export function reject(run: Asking, mail: Mail<'reject'>, about: About): Turn {
  const { by, surface, reason } = mail;
  const ballot = ballotOf(run, about);
  const judged = mayVote({ ...ballot, vote: { by, surface, plan: ballot.digest, atMs: about.nowMs }, rejecting: true });
  if (!judged.allowed) return turn(run, none, [entry('approval.refused', { by, surface, code: judged.code, reason: judged.reason })]);
  const stage = about.playbook.stages[run.stage];
  const answer = stage !== undefined && isSteps(stage) ? stage.onReject : 'rollback';
  const ended = close(run, about, {
    end: 'rejected',
    reason: `Rejected by ${by}: ${reason}`,
    mode: answer === 'rollback' ? 'rollback' : 'stop',
    page: answer === 'escalate',
  });
  return { ...ended, entries: [entry('approval.rejected', { by, surface, reason, digest: ballot.digest }), ...ended.entries] };
}

/** A yes is taken back, as long as nothing was begun; where too few are left it is open again. */
export function withdraw(run: Asking, { by, surface }: Mail<'withdraw'>, about: About): Turn {
  const { approval } = run;
  if (!approval.votes.some((one) => one.by === by)) return refused(run, 'withdraw', { by, surface, reason: `${by} has not approved this plan` });
  const votes = approval.votes.filter((one) => one.by !== by);
  const ballot = ballotOf(run, about);
  const decision = decide({ ...ballot, votes });
  const missing = decision.kind === 'granted' ? undefined : decision.words;
  const { grantedMs, ...open } = approval;
  const line = entry('approval.withdrawn', { by, surface, digest: ballot.digest, ...defined({ missing }) });
  if (missing === undefined || grantedMs === undefined) return turn({ ...run, approval: { ...approval, votes } }, none, [line]);
  const { doing: _doing, hold: _hold, heldSinceMs: _since, trouble: _trouble, ...rest } = run;
  const asked = released({ ...open, votes }, about);
  return turn({ ...rest, state: 'proposed', approval: asked, dueMs: dueOf(asked) }, none, [
    line,
    entry('approval.reopened', { digest: ballot.digest, missing, expiresMs: asked.expiresMs }),
  ]);
}

/** Whoever may decide, or may run playbooks, may say: not yet. */
export function hold(run: Asking, { mail, atMs }: { readonly mail: Mail<'hold'>; readonly atMs: number }, about: About): Turn {
  const { by, surface, reason } = mail;
  const { approval } = run;
  const why = mayNotHold(run, by, about) ?? (approval.held === undefined ? undefined : `${approval.held.by} holds it already: ${approval.held.reason}`);
  if (why !== undefined) return refused(run, 'hold', { by, surface, reason: why });
  const held = { by, reason, sinceMs: atMs };
  const next: Approval = { ...approval, held };
  const { escalated: _escalated, ...calm } = run;
  const line = entry('approval.held', { by, surface, reason, digest: run.plan?.digest ?? '' });
  return { ...turn({ ...calm, approval: next, hold: heldHold(held), dueMs: dueOf(next) }, none, [line]), tell: calming(run, by) };
}

/** It goes on where it stood: with its votes, and with the time that it had left. */
export function release(run: Asking, { by, surface }: Mail<'release'>, about: About): Turn {
  const { approval } = run;
  const why = mayNotHold(run, by, about) ?? (approval.held === undefined ? 'Nobody holds it' : undefined);
  if (why !== undefined) return refused(run, 'release', { by, surface, reason: why });
  const next = released(approval, about);
  const { hold: _hold, ...rest } = run;
  const free: Asking = { ...rest, approval: next, dueMs: dueOf(next) };
  const line = entry('approval.released', { by, surface, digest: run.plan?.digest ?? '', expiresMs: next.expiresMs });
  const decision = decide({ ...ballotOf(free, about), votes: next.votes });
  return decision.kind === 'granted' ? grant(free, [line], about) : turn(free, none, [line]);
}

/** Undefined: they may. */
export function mayNotHold(run: Asking, by: string, about: Pick<About, 'policy'>): string | undefined {
  if (hasRight(by, 'run', about.policy)) return undefined;
  const ballot = ballotOf(run, about);
  const judged = mayVote({ ...ballot, vote: { by, surface: '', plan: ballot.digest, atMs: 0 }, rejecting: true });
  return judged.allowed ? undefined : judged.reason;
}

type Said = { readonly by: string; readonly surface: string; readonly reason: string };

function refused(run: Run, what: 'withdraw' | 'hold' | 'release', said: Said): Turn {
  return turn(run, none, [entry(`${what}.refused`, { ...said, code: 'request.conflict' })]);
}
