import { type NoteVote, voteCode } from '../approval/code.ts';
import { plain } from '../domain/plain.ts';
import { errorText, SalvorError } from '../model/error.ts';
import type { Caller, Commands } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import type { Store } from '../port/store.ts';
import { readRuns } from '../run/stored.ts';

type Deps = {
  readonly store: Pick<Store, 'list'>;
  readonly decide: Pick<Commands, 'approve' | 'reject'>;
  readonly callerOf: (person: string) => Caller;
};

type Voter = {
  readonly cluster: string;
  readonly incident: string;
  /** As they are called there. */
  readonly who: string;
  readonly person: string | undefined;
};

/**
 * Takes a vote that somebody wrote as a note into the pager, and answers what to tell them there. Who they are, and whether they may, is judged as
 * anywhere else. Throws only what may go away by itself: then the note comes again.
 */
export function pagerVotes({ store, decide, callerOf }: Deps): (vote: NoteVote, by: Voter) => Promise<string> {
  return async ({ verb, code, rest }, { cluster, incident, who, person }) => {
    const not = verb === 'approve' ? 'Not approved' : 'Not rejected';
    if (person === undefined) return `${not}: ${who} is not among the people of the configuration. To be one of them: pagerduty under people in salvor.yaml`;
    const open = readRuns(await listAll(store, { partition: cluster, kind: 'run', where: { incident, state: 'proposed' } }));
    const waiting = open.flatMap(({ id, playbook, target, plan }) => (plan === undefined ? [] : [{ id, playbook, target, digest: plan.digest }]));
    const [meant, ...others] = waiting.filter(({ digest }) => voteCode(digest) === code);
    if (meant === undefined || others.length > 0) return `${not}: ${others.length > 0 ? `several plans have the code ${code}` : wrongCode(code, waiting)}`;
    try {
      const { text } =
        verb === 'approve'
          ? await decide.approve(callerOf(person), meant.id, { plan: meant.digest, ...(rest === undefined ? {} : { confirmation: rest }) })
          : await decide.reject(callerOf(person), meant.id, { reason: rest ?? 'rejected by a note in PagerDuty' });
      return plain(text, 500);
    } catch (error) {
      if (!(error instanceof SalvorError) || error.retry !== 'never') throw error;
      const again = error.code === 'approval.confirmation-missing' ? `: write "approve ${code} " and then that word` : '';
      return plain(`${not}: ${errorText(error)}${again}`, 500);
    }
  };
}

type Waiting = { readonly playbook: string; readonly target: string; readonly digest: string };

function wrongCode(code: string, waiting: readonly Waiting[]): string {
  const now = waiting.slice(0, 5).map(({ playbook, target, digest }) => `${voteCode(digest)} (${playbook} on ${target})`);
  const none = `no plan that waits for a decision here has the code ${code}: it was decided, expired, or changed`;
  return now.length === 0 ? none : `${none}. Codes now: ${now.join(', ')}`;
}
