import { type ErrorCode, errorCode, errorText, SalvorError } from '../../model/error.ts';
import type { Policy, Right } from '../../model/policy.ts';
import type { Refused } from '../person.ts';
import { code, mrkdwn } from '../text.ts';

/** Every "no" that people read in Slack: the first line says why, the next what to do. */

/** What was not done, and how it is done without Slack. */
export type Tried = {
  /** `Not approved`. */
  readonly not: string;
  /** `salvor approve 3f9a01c2 --plan d1d1d1d1`; absent: there is no line for it. */
  readonly line?: string;
  /** How people look at what it is about: `/dr show 3f9a01c2`. */
  readonly look?: string;
};

const LIMIT = 900;

/** What Commands refused, in Slack's terms: there are no tokens and no status codes here. `who`: who may, where that is why. */
export function refusalText(error: unknown, { not, line, look }: Tried, who?: string): string {
  const failure = error instanceof SalvorError ? error.code : errorCode(error);
  const said = failure === 'internal' ? 'a fault of our own; the log says which' : errorText(error);
  const first = /^not \w+:/i.test(said) ? mrkdwn(said, LIMIT) : `${not}: ${mrkdwn(lowered(said), LIMIT)}`;
  const next = who ?? nextOf(failure, look);
  const other = AWAY.has(failure) && line !== undefined ? `Without Slack: ${code(line, 300)}` : undefined;
  return [first, next, other].filter((text) => text !== undefined).join('\n');
}

/** Why a member of Slack decides nothing here, and who does. */
export function memberRefusal({ not, line }: Tried, { code: kind, why }: { readonly code: Refused | 'unknown'; readonly why: string }, who: string): string {
  const first = `${not}: ${mrkdwn(why, LIMIT)}`;
  if (kind !== 'not-checked') return `${first}\n${who}`;
  const other = line === undefined ? 'The command line and the console work without Slack.' : `Without Slack: ${code(line, 300)}, or the console.`;
  return `${first}\nNothing was done: nobody decides on an old answer of Slack. Try again in a minute. ${other}`;
}

/** Who has a right, in words of the policy. */
export function rightWords(policy: Pick<Policy, 'rights'>, right: Right): string {
  const who = policy.rights[right];
  if (who === 'everyone') return 'Everyone in the configuration can.';
  return who.length === 0 ? 'Nobody can: the configuration maps no team to it.' : `Who can: ${who.map((team) => mrkdwn(team, 60)).join(', ')}.`;
}

/** A member of the workspace who is nobody in the configuration. */
export function nobodyText(not: string, slackId: string, who: string): string {
  return `${not}: the configuration knows nobody with your Slack id ${code(slackId, 40)}\n${who} To be one of them: ${code(`people: [{ name: …, slack: ${slackId} }]`, 120)} in salvor.yaml.`;
}

const AWAY: ReadonlySet<ErrorCode> = new Set([
  'store.unavailable',
  'store.full',
  'store.locked',
  'chat.unavailable',
  'server.busy',
  'server.draining',
  'internal',
]);

function nextOf(failure: ErrorCode, look: string | undefined): string | undefined {
  const see = look === undefined ? '' : code(look, 120);
  if (AWAY.has(failure)) return 'It may not have been recorded: look first, then try again.';
  switch (failure) {
    case 'approval.plan-changed':
      return see === '' ? undefined : `Look again: ${see} shows the plan as it is now.`;
    case 'approval.confirmation-missing':
      return 'Type it exactly, letter by letter.';
    case 'approval.not-waiting':
    case 'request.conflict':
      return see === '' ? undefined : `Where it stands: ${see}`;
    case 'request.not-found':
      return `What there is: ${code('/dr status', 40)}`;
    case 'playbook.unknown':
      return `What there is: ${code('/dr help', 40)}`;
    default:
      return undefined;
  }
}

/** A sentence goes on behind a colon in lower case, except where it begins with a name or a number. */
function lowered(text: string): string {
  return /^(The|This|There|It|Which|A|An|Nobody|Others|Slack) /.test(text) && !text.startsWith('Slack ')
    ? `${text.charAt(0).toLowerCase()}${text.slice(1)}`
    : text;
}
