import { plain } from '../domain/plain.ts';
import type { Entry } from '../model/entry.ts';
import type { Incident, Proposal } from '../model/incident.ts';
import { isList, isObject, type JsonObject, textIn } from '../model/json.ts';

type Followed = {
  /** The newest proposal of each open run. */
  readonly proposals: readonly Proposal[];
  /** Those that are not as they were shown, as they are to be shown now; also of runs that ended. */
  readonly changed: readonly Proposal[];
};

/**
 * What became of the proposals that were shown, by the timeline's new lines. What is decided about a proposal is written on the proposal itself, so that
 * whoever finds it later sees at once whether there is still something to decide. Pure.
 */
export function followProposals(before: Incident['proposals'] = [], lines: readonly Entry[]): Followed {
  let open = before;
  const changed = new Map<number, Proposal>();
  const write = (proposal: Proposal): void => {
    changed.set(proposal.n, proposal);
    open = open.map((one) => (one.n === proposal.n ? proposal : one));
  };
  for (const line of lines) {
    const run = textIn(line.data['run']);
    const facts = isObject(line.data['facts']) ? line.data['facts'] : {};
    const proposal = open.find((one) => one.run === run);
    if (isProposal(line)) {
      const digest = textIn(facts['digest']);
      if (proposal !== undefined && isUndecided(proposal)) write(replacedBy(proposal, digest, line.atMs));
      open = [...open.filter((one) => one !== proposal && one.run !== run), { run, n: line.n, digest, votes: [] }];
      continue;
    }
    if (proposal === undefined) continue;
    const next = after(proposal, line, facts);
    if (next !== undefined) write(next);
    if (line.type === 'run.ended') open = open.filter((one) => one.run !== run);
  }
  return { proposals: open, changed: [...changed.values()] };
}

/** A line that asks people. */
export function isProposal({ type, data }: Pick<Entry, 'type' | 'data'>): boolean {
  return type === 'run.proposed' && data['state'] === 'proposed' && isObject(data['facts']);
}

/** An approval that is void again may still be replaced. */
function isUndecided({ over }: Proposal): boolean {
  return over === undefined || over.how === 'void';
}

function replacedBy(proposal: Proposal, digest: string, atMs: number): Proposal {
  const why = proposal.over?.text ?? 'Replaced';
  return { ...proposal, over: { how: 'replaced', text: `${why}; proposal ${digest.slice(0, 8)} takes its place`, atMs } };
}

/** Undefined: the line says nothing about it. */
function after(proposal: Proposal, { type, atMs }: Entry, facts: JsonObject): Proposal | undefined {
  const { missing: _missing, ...rest } = proposal;
  const over = (how: NonNullable<Proposal['over']>['how'], text: string): Proposal => ({ ...rest, over: { how, text: plain(text, 500), atMs } });
  switch (type) {
    case 'approval.vote': {
      const vote = { by: textIn(facts['by']), surface: textIn(facts['surface']), atMs };
      const votes = [...proposal.votes.filter(({ by }) => by !== vote.by), vote];
      return { ...rest, votes, ...(facts['missing'] === undefined ? {} : { missing: textIn(facts['missing']) }) };
    }
    case 'approval.granted':
      return over('approved', `Approved by ${votersOf(proposal, facts)}`);
    case 'approval.rejected':
      return over('rejected', `Rejected by ${textIn(facts['by'])} via ${textIn(facts['surface'])}: ${textIn(facts['reason'])}`);
    case 'approval.expired':
      return over('expired', 'Expired: nobody decided in time, and nothing was changed by this plan');
    case 'approval.withdrawn': {
      const votes = proposal.votes.filter(({ by }) => by !== textIn(facts['by']));
      return { ...rest, votes, ...(facts['missing'] === undefined ? {} : { missing: textIn(facts['missing']) }) };
    }
    case 'approval.reopened': {
      const { over: _over, ...open } = proposal;
      return typeof facts['expiresMs'] === 'number' ? { ...open, expiresMs: facts['expiresMs'] } : open;
    }
    case 'approval.held':
      return { ...proposal, held: { by: textIn(facts['by']), reason: plain(textIn(facts['reason']), 300), atMs } };
    case 'approval.released': {
      const { held: _held, ...free } = proposal;
      return typeof facts['expiresMs'] === 'number' ? { ...free, expiresMs: facts['expiresMs'] } : free;
    }
    case 'approval.widened': {
      const add = isList(facts['add']) ? facts['add'].map(textIn) : [];
      return { ...proposal, also: [...(proposal.also ?? []), ...add], ...(typeof facts['expiresMs'] === 'number' ? { expiresMs: facts['expiresMs'] } : {}) };
    }
    case 'approval.kept':
    case 'approval.escalated':
      return typeof facts['expiresMs'] === 'number' ? { ...proposal, expiresMs: facts['expiresMs'] } : undefined;
    case 'run.voided': {
      const changed = isList(facts['changed']) ? facts['changed'].map(textIn).join('; ') : '';
      return over('void', `The plan changed${changed === '' ? '' : `: ${changed}`}${proposal.over?.how === 'approved' ? '. The approval is void' : ''}`);
    }
    case 'run.executing':
      return proposal.over === undefined ? over('approved', 'No approval is needed any more: the policy lets it start by itself') : undefined;
    case 'run.ended':
      return isUndecided(proposal) ? over('ended', `The run ended ${textIn(facts['end'])}: ${textIn(facts['reason'])}`) : undefined;
    default:
      return undefined;
  }
}

function votersOf({ votes }: Proposal, facts: JsonObject): string {
  if (votes.length > 0) return votes.map(({ by, surface }) => `${by} via ${surface}`).join(', ');
  return isList(facts['by']) ? facts['by'].map(textIn).join(', ') : 'the policy';
}
