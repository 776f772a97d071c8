import type { Entry } from '../model/entry.ts';
import { isList, isObject, type Json } from '../model/json.ts';
import type { IncidentMail } from '../model/mail.ts';
import type { Run } from '../model/run.ts';

type Words = (data: Entry['data'], run: Run) => string;

/** Journal lines that the incident's timeline tells as well. Intents, outcomes and progress stay in the run's own journal. */
const TOLD: ReadonlyMap<string, Words> = new Map<string, Words>([
  ['run.started', (_, run) => `${run.playbook} on ${run.target}: looking`],
  [
    'run.diagnosed',
    ({ finding, reason, hints, report }) =>
      `${report === true && finding === 'act' ? '' : `${findingWord(finding)}: `}${text(reason)}${listed(hints, '. Fix: ', '; ')}`,
  ],
  ['run.waiting', ({ reason }) => `Waiting: ${text(reason)}`],
  [
    'run.proposed',
    ({ steps, asks, digest, changed, hold }) =>
      `Proposed ${shortDigest(digest)}: ${summaries(steps)} (${text(asks)})${listed(changed, '. Changed since the last proposal: ', '; ')}${heldWords(hold)}`,
  ],
  ['proposal.stays', ({ reason }) => text(reason)],
  [
    'approval.vote',
    ({ by, surface, missing, breakGlass }) =>
      `${text(by)} approves by ${text(surface)}${breakGlass === undefined ? '' : `, breaking the glass: ${text(breakGlass)}`}${missing === undefined ? '' : `; ${text(missing)}`}`,
  ],
  [
    'approval.withdrawn',
    ({ by, surface, missing }) => `${text(by)} takes the approval back by ${text(surface)}${missing === undefined ? '' : `; ${text(missing)}`}`,
  ],
  ['approval.reopened', ({ digest }) => `${shortDigest(digest)} waits for an approval again; nothing was begun`],
  ['withdraw.refused', ({ by, reason }) => `Not taken back by ${text(by)}: ${text(reason)}`],
  ['approval.held', ({ by, reason }) => `${text(by)} holds it: ${text(reason)}`],
  ['approval.released', ({ by }) => `${text(by)} releases it: it goes on where it stood`],
  ['hold.refused', ({ by, reason }) => `Not held by ${text(by)}: ${text(reason)}`],
  ['release.refused', ({ by, reason }) => `Not released by ${text(by)}: ${text(reason)}`],
  [
    'approval.widened',
    ({ add, page }) =>
      `Nobody decided in time${listed(add, '. Now ', ' and ')}${isList(add) && add.length > 0 ? ' may approve, too' : ''}${page === undefined ? '' : `; calling ${text(page)}`}`,
  ],
  ['approval.kept', () => 'Nobody decided in time; it is kept for whoever comes, and silence is no yes'],
  ['approval.glass-broken', ({ by, reason }) => `Glass broken${listed(by, ' by ', ' and ')}: ${text(reason)}`],
  ['approval.granted', ({ by, digest }) => `Approved ${shortDigest(digest)}${listed(by, ' by ', ', ')}`],
  ['approval.refused', ({ by, reason }) => `Not approved by ${text(by)}: ${text(reason)}`],
  ['approval.rejected', ({ by, reason }) => `Rejected by ${text(by)}: ${text(reason)}`],
  ['approval.reminded', ({ of }) => `Still waiting for an approval${listed(of, ' of ', ' or ')}`],
  ['approval.escalated', ({ ladder }) => `Nobody decided; the ladder "${text(ladder)}" starts`],
  ['approval.expired', () => 'Expired: nobody decided in time'],
  ['run.voided', ({ changed }) => `The approval is void${listed(changed, ': ', '; ')}`],
  ['run.held', ({ gate, reason }) => `Held by ${text(gate)}: ${text(reason)}`],
  ['run.fits', () => 'What it needs is there again: it goes on'],
  ['run.trouble', ({ reason }) => `Trying again: ${text(reason)}`],
  ['run.executing', ({ digest }) => `Carrying out ${shortDigest(digest)}`],
  ['step.started', ({ step }) => `${text(step)} is under way`],
  ['step.progress', ({ step, progress }) => `${text(step)}: ${text(progress)}`],
  ['step.done', ({ step }) => `${text(step)} is done`],
  ['step.failed', ({ step, reason }) => `${text(step)} failed: ${text(reason)}`],
  ['step.unknown', ({ step, reason }) => `Whether ${text(step)} happened is not known: ${text(reason)}. Settle it: salvor settle`],
  ['step.settled', ({ step, by, as }) => `${text(by)} settled ${text(step)} as ${text(as)}`],
  ['run.verified', ({ evidence }) => `Verified${listed(evidence, ': ', '; ')}`],
  ['run.unverified', ({ reason, again }) => (again === true ? `Not verified yet: ${text(reason)}` : `Not verified: ${text(reason)}`)],
  ['stage.skipped', ({ stage, reason }) => `Skipped ${text(stage)}: ${text(reason)}`],
  ['await.started', ({ action }) => `Waiting for ${text(action)}`],
  ['await.waiting', ({ reason }) => `Still waiting: ${text(reason)}`],
  ['await.done', ({ stage, evidence }) => `${text(stage)}: done waiting${listed(evidence, ': ', '; ')}`],
  ['wait.escalated', ({ ladder }) => `Waited too long; the ladder "${text(ladder)}" starts`],
  ['ask.asked', ({ text: question, role, shown }) => `Asked ${text(role)}: ${text(question)}${shownWords(shown)}`],
  ['ask.reminded', ({ role, text: question }) => `Still waiting for an answer of ${text(role)}: ${text(question)}`],
  ['ask.answered', ({ by, value }) => `${text(by)} answered ${JSON.stringify(value)}`],
  ['ask.refused', ({ by, reason }) => `Answer of ${text(by)} not taken: ${text(reason)}`],
  ['run.closing', ({ undo }) => (isList(undo) && undo.length > 0 ? `Undoing ${undo.map(text).join(', ')}` : '')],
  ['undo.done', ({ step, evidence }) => `Undone: ${text(step)}${text(evidence) === '' ? '' : `: ${text(evidence)}`}`],
  ['undo.impossible', ({ step, reason }) => `Not undone: ${text(step)}, ${text(reason)}`],
  ['undo.failed', ({ reason }) => `An undo fails and is tried again: ${text(reason)}`],
  ['undo.written-off', ({ step, by, reason }) => `${text(by)} wrote off the undo of ${text(step)}: ${text(reason)}`],
  ['alert.resolved', () => 'The alert resolved; looking again'],
  ['writes.unknown', ({ writes }) => `Left behind, and nobody knows whether it was done${listed(writes, ': ', ', ')}. Look before you go on by hand`],
  ['run.ended', ({ end, reason }) => `Ended ${text(end)}: ${text(reason)}`],
]);

/** The reports that a run sends to its incident for lines of its journal. */
export function reportOf(run: Run, entries: readonly Entry[]): readonly IncidentMail[] {
  const reports: IncidentMail[] = [];
  for (const line of entries) {
    const words = wordsOf(line, run);
    if (words !== undefined && words !== '')
      reports.push({ kind: 'run', run: run.id, n: line.n, type: line.type, text: words, state: run.state, facts: line.data });
  }
  return reports;
}

/** One journal line in words for people; undefined where only machines care. */
export function wordsOf(line: Pick<Entry, 'type' | 'data'>, run: Run): string | undefined {
  return TOLD.get(line.type)?.(line.data, run);
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

function shownWords(shown: Json | undefined): string {
  if (!isObject(shown)) return '';
  const values = Object.entries(shown).flatMap(([path, value]) => (value === undefined ? [] : [`${path} is ${text(value)}`]));
  return values.length === 0 ? '' : ` (${values.join('; ')})`;
}

function heldWords(hold: Json | undefined): string {
  return isObject(hold) ? `. Could not start now, held by ${text(hold['gate'])}: ${text(hold['reason'])}` : '';
}

function listed(value: Json | undefined, before: string, between: string): string {
  return isList(value) && value.length > 0 ? before + value.map(text).join(between) : '';
}

function summaries(steps: Json | undefined): string {
  if (!isList(steps)) return '';
  return steps.map((step) => (typeof step === 'object' && step !== null && 'summary' in step ? text(step.summary) : '')).join('; ');
}

function shortDigest(value: Json | undefined): string {
  return text(value).slice(0, 8);
}

function findingWord(finding: Json | undefined): string {
  switch (finding) {
    case 'act':
      return 'Can be remedied';
    case 'wait':
      return 'Cannot be remedied yet';
    case 'recovered':
      return 'Recovered';
    default:
      return 'A person has to take over';
  }
}
