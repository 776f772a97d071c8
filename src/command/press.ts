import { digest } from '../model/digest.ts';
import type { Entry } from '../model/entry.ts';
import { type ErrorCode, SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import { isList } from '../model/json.ts';
import type { RunMail } from '../model/mail.ts';
import { isOpen, type Run } from '../model/run.ts';
import { formatTime } from '../model/time.ts';
import type { StoredRecord } from '../port/store.ts';
import type { Pressed } from '../port/view/run.ts';
import { isApproved, nothingToDecide } from '../run/decided.ts';
import { readRun } from '../run/stored.ts';
import { wordsOf } from '../run/words.ts';
import type { CommandDeps } from './deps.ts';
import { findRecord } from './find.ts';
import { readJournal } from './read.ts';
import { waitFor } from './wait.ts';

const WAIT_MS = 2000;
/** A press in Slack is signed for before it is answered, and its answer may come within half an hour: nobody who pressed is left with "recorded". */
const SLACK_WAIT_MS = 60_000;

type PressDeps = Pick<CommandDeps, 'store' | 'clock' | 'ids' | 'pressWaitMs'>;
type PressMail = Extract<RunMail, { readonly by: string }>;

/** Journal lines by which a run says that it has judged what this kind of mail asked. */
const JUDGED: { readonly [K in PressMail['kind']]: readonly string[] } = {
  approve: ['approval.vote', 'approval.refused'],
  withdraw: ['approval.withdrawn', 'withdraw.refused'],
  hold: ['approval.held', 'hold.refused'],
  release: ['approval.released', 'release.refused'],
  reject: ['approval.rejected', 'approval.refused'],
  cancel: ['run.closing'],
  answer: ['ask.answered', 'ask.refused'],
  settle: ['step.settled', 'settle.refused'],
  supersede: ['run.closing', 'undo.written-off'],
};

export async function findRun(deps: Pick<CommandDeps, 'store'>, id: string): Promise<{ readonly record: StoredRecord; readonly run: Run }> {
  const record = await findRecord(deps.store, 'run', id);
  return { record, run: readRun(record) };
}

/**
 * Commits a decision as mail to its run, which is what makes it count, and only then waits for the run to read it. A refusal by the run is thrown with
 * the run's own reason. What was not read in time is answered as recorded: it is durable, and will be judged by the time it was committed.
 */
export async function press(deps: PressDeps, run: Run, mail: PressMail): Promise<Pressed> {
  const { store } = deps;
  // The run judges again whatever was judged here, so nothing is guarded; the key makes a double press one.
  const key = `${mail.kind}/${digest({ ...mail })}`;
  await store.commit({ partition: run.cluster, opId: deps.ids.next(), guards: [], changes: [{ do: 'mail', to: run.id, key, value: mail }] });
  const withinMs = mail.surface === 'slack' ? SLACK_WAIT_MS : WAIT_MS;
  const seen = await waitFor(deps, () => judged(deps, { run, mail, key }), deps.pressWaitMs ?? withinMs);
  if (seen === undefined) return { run: shortId(run.id), state: 'recorded', changed: true, text: 'Recorded; the run has not read it yet' };
  const { now, lines } = seen;
  const own = lines.filter((line) => isAbout(line, mail));
  const refusal = own.find((line) => line.type.endsWith('.refused'));
  if (refusal !== undefined)
    throw new SalvorError(refusalCode(refusal), refusalText(refusal, now), now.plan === undefined ? {} : { details: { digest: now.plan.digest } });
  // Read, and nothing came of it: the run had gone on without it.
  if (own.length === 0 && (mail.kind === 'approve' || mail.kind === 'reject')) return overtaken(now, mail);
  // Told in the words of the last line that is about this decision.
  const told = own.flatMap((line) => wordsOf(line, now) ?? []).findLast((words) => words !== '');
  return { run: shortId(now.id), state: now.state, changed: own.length > 0, text: told ?? `The run is ${now.state}` };
}

/** A yes or a no that a run has read without a line about it: this person's vote was there already, or there is nothing to decide any more. */
function overtaken(run: Run, { kind, by }: PressMail): Pressed {
  if (kind === 'approve' && run.approval?.votes.some((vote) => vote.by === by) === true) return unchanged(run, `${by} has approved this plan already`);
  throw decidedError(run);
}

/** Why there is nothing to decide about a run: by whom it is approved already, else how it ended. */
export function decidedError(run: Run): SalvorError {
  return isOpen(run.state) || isApproved(run)
    ? new SalvorError('approval.not-waiting', nothingToDecide(run), { details: { state: run.state } })
    : endedError(run, 'approval.not-waiting');
}

/** A decision that was taken before: nothing is stored. */
export function unchanged(run: Run, text: string): Pressed {
  return { run: shortId(run.id), state: run.state, changed: false, text };
}

type Judged = { readonly now: Run; readonly lines: readonly Entry[] };

async function judged(deps: PressDeps, of: { readonly run: Run; readonly mail: PressMail; readonly key: string }): Promise<Judged | undefined> {
  const { store } = deps;
  const { run, mail, key } = of;
  const unread = await store.mail(run.cluster, run.id);
  const lines = await readJournal(store, { partition: run.cluster, of: run.id, afterN: run.chain.n });
  // A run that goes on with the decision at once removes its mail only when it lets go; its journal says earlier what became of it.
  if (unread.some((letter) => letter.key === key) && !lines.some((line) => isAbout(line, mail))) return undefined;
  const record = await store.get(run.cluster, run.id);
  return record === undefined
    ? undefined
    : { now: readRun(record), lines: await readJournal(store, { partition: run.cluster, of: run.id, afterN: run.chain.n }) };
}

function isAbout(line: Entry, mail: PressMail): boolean {
  // What others decided says nothing about this vote, which may still be read.
  if (line.type === 'approval.granted') return mail.kind === 'approve' && isList(line.data['by']) && line.data['by'].includes(mail.by);
  if (!JUDGED[mail.kind].includes(line.type)) return false;
  return line.type === 'run.closing' || line.data['by'] === mail.by;
}

const REFUSALS: readonly ErrorCode[] = [
  'approval.plan-changed',
  'approval.not-allowed',
  'approval.confirmation-missing',
  'approval.not-waiting',
  'request.invalid',
  'request.conflict',
  'request.forbidden',
];

function refusalCode(line: Entry): ErrorCode {
  return REFUSALS.find((code) => code === line.data['code']) ?? 'request.conflict';
}

function refusalText(line: Entry, run: Run): string {
  const { reason } = line.data;
  return typeof reason === 'string' ? reason : `The run is ${run.state}`;
}

/** What happened to a run that cannot be decided about any more. */
export function endedError(run: Run, code: ErrorCode): SalvorError {
  const when = run.endedMs === undefined ? '' : ` at ${formatTime(run.endedMs)}`;
  const why = run.closing === undefined ? '' : `: ${run.closing.reason}`;
  const text = isOpen(run.state) ? `The run is ${run.state}, on its way to its end${why}` : `The run ended ${run.state}${when}${why}`;
  return new SalvorError(code, text, { details: { state: run.state } });
}
