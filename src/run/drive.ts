import { type EntryDraft, JOURNAL_LIMIT } from '../model/entry.ts';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import { isObject, type Json } from '../model/json.ts';
import type { RunMail } from '../model/mail.ts';
import { type Playbook, PlaybookFile } from '../model/playbook.ts';
import { isOpen, type Run, waitsForWorld } from '../model/run.ts';
import type { Claimed, Mail } from '../port/store.ts';
import { advance } from './advance.ts';
import type { Engine, Performance } from './engine.ts';
import { misfitOf } from './fits.ts';
import { releaseLocks } from './locks.ts';
import { type About, type Effect, none, type Observation, type Turn } from './observation.ts';
import { perform } from './perform.ts';
import { textOf } from './playbook-text.ts';
import { openSession, type Session } from './session.ts';
import { spoiledBy, spoiledWords } from './spoiled.ts';
import { headOfEnded } from './start.ts';

const TRIES = 8;

/**
 * Drives one run as far as it goes: new, just answered, or orphaned by a crash, it is all the same. Reads its mail, asks `advance` what to do,
 * does it, and stores each turn; then lets go until something is due. A holder that lost its lease stops without a trace.
 */
export async function driveRun(engine: Engine, claimed: Claimed, stop: AbortSignal): Promise<void> {
  const session = openSession(engine, claimed.record, stop);
  const wasOpen = isOpen(session.run().state);
  const driver: Driver = { engine, session, playbook: undefined, isTakenUp: claimed.record.epoch > 1 };
  try {
    await turnByTurn(driver, claimed.mail);
  } catch (error) {
    if (errorCode(error) === 'run.fenced' || session.signal.aborted) {
      engine.log.info('run.let-go', { runId: claimed.record.id });
      return;
    }
    engine.log.error('run.drive-failed', { runId: claimed.record.id, code: errorCode(error), reason: errorText(error) });
    // An end is stored together with all that it gives back, or not at all: whoever takes up the run behind this lease comes to it again.
    if (!wasOpen || isOpen(session.run().state)) await putAside(driver, error);
  } finally {
    session.close();
  }
}

type Driver = {
  readonly engine: Engine;
  readonly session: Session;
  playbook: Playbook | undefined;
  /** Whether somebody else had this run before: what this holder wrote itself it need not doubt. */
  readonly isTakenUp: boolean;
  /** What was found when its journal was read; absent: it was not read yet. */
  doubt?: { readonly hold: Observation | undefined; readonly whole: boolean };
};

async function turnByTurn(driver: Driver, mail: readonly Mail[]): Promise<void> {
  const { engine, session } = driver;
  if (!isOpen(session.run().state)) {
    const last = mail.at(-1);
    if (last !== undefined) session.read(last.order);
    await letLie(driver);
    return;
  }
  const playbook = await textOf(engine, session.run()).catch((error: unknown) => {
    // A run whose text is lost cannot go on, but people can end it: what it did is undone by what its steps know themselves.
    if (session.run().state === 'closing' || mail.some(({ value }) => isEnding(value))) return textless(session.run());
    throw error;
  });
  driver.playbook = playbook;
  const glance: Performance['glance'] = {};
  const upgrade = heldByUpgrade(misfitOf(engine.actions, session.run(), playbook));
  if (upgrade === undefined && session.run().hold?.gate === 'upgrade') apply(driver, { kind: 'fits' });
  const isInDoubt = isToldToLook(mail) || session.run().hold?.gate === 'journal';
  const misfit = upgrade ?? (isInDoubt ? await doubted(driver, 'whole') : undefined);
  let effect = mail.length === 0 ? apply(driver, { kind: 'claimed' }) : readMail(driver, mail, none);
  // Who waits for people or for time does nothing by itself, and is held all the same.
  if (misfit !== undefined && effect.kind === 'none') effect = apply(driver, misfit);
  while (effect.kind !== 'none' && effect.kind !== 'end' && !session.signal.aborted) {
    const held = misfit ?? (await doubted(driver, WRITING.has(effect.kind) ? 'whole' : 'tail'));
    const seen = standstill(session.run(), held) ?? (await perform({ engine, session, playbook, glance }, effect));
    // What was cut short by our own end says nothing about the world: it is done again by whoever takes up the run.
    if (session.signal.aborted && !OUTCOMES.has(seen.kind)) break;
    effect = apply(driver, seen);
    if (session.mailWaits()) effect = readMail(driver, await unread(driver), effect);
  }
  if (effect.kind === 'end') await finish(driver);
  else await letGo(driver, effect);
}

/** Before these the whole journal is read: what was approved must be what is in it. */
const WRITING: ReadonlySet<Effect['kind']> = new Set(['start', 'execute']);

const isToldToLook = (mail: readonly Mail[]): boolean => mail.some(({ value }) => isObject(value) && value['kind'] === 'look');

/**
 * The hold of a run whose journal another hand has changed, while nobody drove it. Read once in each holding; its tail is enough until something is
 * about to be written.
 */
async function doubted(driver: Driver, how: 'whole' | 'tail'): Promise<Observation | undefined> {
  const { engine, session, isTakenUp, doubt } = driver;
  if (!isTakenUp || session.run().state === 'closing') return undefined;
  if (doubt !== undefined && (doubt.whole || doubt.hold !== undefined || how === 'tail')) return doubt.hold;
  const run = session.run();
  const spoiled = await spoiledBy(engine.store, run, how);
  // What people are told is written behind whatever stands there now: the break stays where it is, and the audit goes on finding it.
  if (spoiled !== undefined && spoiled.lastN > run.chain.n) session.take({ ...run, chain: { n: spoiled.lastN, hash: run.chain.hash } }, [], []);
  const hold: Observation | undefined = spoiled && { kind: 'held', hold: { kind: 'hold', gate: 'journal', reason: spoiledWords(spoiled.reason) } };
  if (spoiled !== undefined) engine.log.error('run.journal-spoiled', { runId: run.id, reason: spoiled.reason });
  driver.doubt = { hold, whole: how === 'whole' };
  return hold;
}

/** What is worth storing on the way out of a server that stops: something is known to have happened. */
const OUTCOMES: ReadonlySet<Observation['kind']> = new Set([
  'started',
  'step-done',
  'step-observing',
  'step-pending',
  'verified',
  'checked',
  'undone',
  'undo-more',
]);

const fullJournal: Observation = {
  kind: 'held',
  hold: {
    kind: 'hold',
    gate: 'journal',
    reason: `The journal has ${JOURNAL_LIMIT} entries: a person has to look at this run and cancel or supersede it`,
  },
};

function heldByUpgrade(reason: string | undefined): Observation | undefined {
  return reason === undefined ? undefined : { kind: 'held', hold: { kind: 'hold', gate: 'upgrade', reason } };
}

/**
 * What keeps a run from doing anything: it does not fit this version, or no person could read its journal any more. An undo is tried all the same, and
 * knows itself what it needs.
 */
function standstill(run: Run, misfit: Observation | undefined): Observation | undefined {
  if (run.state === 'closing') return undefined;
  return run.chain.n >= JOURNAL_LIMIT ? fullJournal : misfit;
}

function apply({ engine, session, playbook }: Driver, seen: Observation): Effect {
  if (playbook === undefined) throw new SalvorError('internal', 'a run is driven without its playbook');
  const about: About = { playbook, policy: engine.policy(), nowMs: engine.clock.nowMs() };
  const next: Turn = advance(session.run(), seen, about);
  const drafts: EntryDraft[] = next.entries.map((line) => ({ ...line, atMs: about.nowMs }));
  session.take(next.run, drafts, next.tell);
  return next.effect;
}

/**
 * Judges what the run was told, in the order it was committed. The last effect that follows is done, in place of `effect` where the run moved.
 * Mail alone does not cut a pause short: a rate limit, a backoff and a patience last until they are due.
 */
function readMail(driver: Driver, mail: readonly Mail[], effect: Effect): Effect {
  const { session, engine } = driver;
  let next = effect;
  for (const letter of mail) {
    const before = session.run();
    // Only `command` and `pipeline` write mail to runs, and both through the same type.
    const told = apply(driver, { kind: 'mail', mail: letter.value as unknown as RunMail, atMs: letter.atMs });
    if (told.kind !== 'none' || session.run().state !== before.state) next = told;
    session.read(letter.order);
  }
  const { dueMs } = session.run();
  const isDue = dueMs === undefined || dueMs <= engine.clock.nowMs();
  return mail.length > 0 && next.kind === 'none' && isDue ? apply(driver, { kind: 'claimed' }) : next;
}

async function unread({ engine, session }: Driver): Promise<readonly Mail[]> {
  const { cluster, id } = session.run();
  const all = await engine.store.mail(cluster, id);
  return all.filter(({ order }) => order > session.readUpTo());
}

/** An open run that forgot when to come back comes back all the same. */
const COME_BACK_MS = 60_000;

/** Lets go until something is due; with everything that was taken, in one commit. What was still to be done is due at once. */
async function letGo({ engine, session }: Driver, undone: Effect): Promise<void> {
  const { interest } = engine;
  const run = session.run();
  const nowMs = engine.clock.nowMs();
  if (undone.kind !== 'none') session.take({ ...run, dueMs: nowMs }, [], []);
  else if (run.dueMs === undefined) session.take({ ...run, dueMs: nowMs + COME_BACK_MS }, [], []);
  const result = await session.commit({ release: true });
  if (result.kind !== 'done') throw new SalvorError('internal', `a run could not be released: ${result.kind}`);
  if (waitsForWorld(session.run())) interest?.wait(run);
  else interest?.forget(run.id);
}

/** The end: locks, budgets and the name of the open run are given back in the commit that stores it, all of it or nothing. */
async function finish({ engine, session }: Driver): Promise<void> {
  const { dueMs: _due, hold: _hold, ...ended } = session.run();
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const given = await releaseLocks(engine, session.run(), attempt);
    const result = await session.commit({
      release: true,
      guards: given.guards,
      // While a run is open its name is its own, and this commit holds only where it still is.
      changes: [...given.changes, headOfEnded(session.run())],
      taking: { run: { ...ended, locked: false }, drafts: [] },
    });
    if (result.kind === 'done') {
      engine.interest?.forget(ended.id);
      return;
    }
  }
  throw new SalvorError('internal', 'the locks of an ended run keep changing under its hands', { retry: 'later' });
}

/** Late mail to a run that ended: there is nothing left to give back, and the name may be another run's by now. */
async function letLie({ session }: Driver): Promise<void> {
  const { dueMs: _due, ...ended } = session.run();
  await session.commit({ release: true, taking: { run: ended, drafts: [] } });
}

function isEnding(letter: Json): boolean {
  return isObject(letter) && (letter['kind'] === 'cancel' || letter['kind'] === 'supersede');
}

function textless({ playbook, playbookDigest }: Run): Playbook {
  return { ...PlaybookFile.parse({ summary: playbook, target: { from: 'run.cluster' } }), id: playbook, text: '', digest: playbookDigest };
}

/** A fault of our own must not spin: the run is held with the reason and looked at again later. */
async function putAside({ engine, session }: Driver, error: unknown): Promise<void> {
  const nowMs = engine.clock.nowMs();
  const run = session.run();
  if (!isOpen(run.state)) session.take({ ...run, dueMs: nowMs + COME_BACK_MS }, [], []);
  else session.take(...aside(run, error, nowMs));
  try {
    await session.commit({ release: true });
  } catch (second) {
    engine.log.error('run.put-aside-failed', { runId: run.id, code: errorCode(second), reason: errorText(second) });
  }
}

function aside(run: Run, error: unknown, nowMs: number): Parameters<Session['take']> {
  const gate = errorCode(error).startsWith('playbook.') ? 'upgrade' : 'journal';
  const reason = `Salvor cannot go on with this run: ${errorText(error)}`;
  const isNews = run.hold?.reason !== reason;
  const drafts = isNews ? [{ type: 'run.held', atMs: nowMs, data: { gate, reason } }] : [];
  return [{ ...run, hold: { kind: 'hold', gate, reason, untilMs: nowMs + COME_BACK_MS }, dueMs: nowMs + COME_BACK_MS }, drafts, []];
}
