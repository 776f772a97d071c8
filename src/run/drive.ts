import { type EntryDraft, JOURNAL_LIMIT } from '../model/entry.ts';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import { blobId } from '../model/identity.ts';
import type { RunMail } from '../model/mail.ts';
import type { Playbook } from '../model/playbook.ts';
import { isOpen, type Run } from '../model/run.ts';
import { playbookFromText } from '../playbook/revive.ts';
import type { Claimed, Mail } from '../port/store.ts';
import { advance } from './advance.ts';
import type { Engine } from './engine.ts';
import { releaseLocks } from './locks.ts';
import { type About, type Effect, none, type Observation, type Turn } from './observation.ts';
import { perform } from './perform.ts';
import { openSession, type Session } from './session.ts';
import { headOfEnded } from './start.ts';

const TRIES = 8;

/**
 * Drives one run as far as it goes: new, just answered, or orphaned by a crash, it is all the same. Reads its mail, asks `advance` what to do,
 * does it, and stores each turn; then lets go until something is due. A holder that lost its lease stops without a trace.
 */
export async function driveRun(engine: Engine, claimed: Claimed, stop: AbortSignal): Promise<void> {
  const session = openSession(engine, claimed.record, stop);
  const driver: Driver = { engine, session, playbook: undefined, readUpTo: undefined };
  try {
    await turnByTurn(driver, claimed.mail);
  } catch (error) {
    if (errorCode(error) === 'run.fenced' || session.signal.aborted) {
      engine.log.info('run.let-go', { runId: claimed.record.id });
      return;
    }
    engine.log.error('run.drive-failed', { runId: claimed.record.id, code: errorCode(error), reason: errorText(error) });
    await putAside(driver, error);
  } finally {
    session.close();
  }
}

type Driver = { readonly engine: Engine; readonly session: Session; playbook: Playbook | undefined; readUpTo: number | undefined };

async function turnByTurn(driver: Driver, mail: readonly Mail[]): Promise<void> {
  const { engine, session } = driver;
  if (!isOpen(session.run().state)) {
    await finish(driver, mail);
    return;
  }
  const playbook = await playbookOf(engine, session.run());
  driver.playbook = playbook;
  let effect = readMail(driver, mail);
  if (effect.kind === 'none') effect = apply(driver, { kind: 'claimed' });
  while (effect.kind !== 'none') {
    if (effect.kind === 'end') {
      await finish(driver, []);
      return;
    }
    const seen: Observation = journalIsFull(session.run())
      ? {
          kind: 'held',
          hold: {
            kind: 'hold',
            gate: 'journal',
            reason: `The journal has ${JOURNAL_LIMIT} entries: a person has to look at this run and cancel or supersede it`,
          },
        }
      : await perform({ engine, session, playbook }, effect);
    effect = apply(driver, seen);
    if (session.mailWaits()) {
      const told = readMail(
        driver,
        (await engine.store.mail(session.run().cluster, session.run().id)).filter(({ order }) => order > (driver.readUpTo ?? 0)),
      );
      if (told.kind !== 'none') effect = told;
    }
  }
  await store(driver);
}

/** Undo may still append; everything else stops at a journal that no person could read any more. */
function journalIsFull(run: Run): boolean {
  return run.chain.n >= JOURNAL_LIMIT && run.state !== 'closing';
}

function apply({ engine, session, playbook }: Driver, seen: Observation): Effect {
  if (playbook === undefined) throw new SalvorError('internal', 'a run is driven without its playbook');
  const about: About = { playbook, policy: engine.policy(), nowMs: engine.clock.nowMs() };
  const next: Turn = advance(session.run(), seen, about);
  const drafts: EntryDraft[] = next.entries.map((line) => ({ ...line, atMs: about.nowMs }));
  session.take(next.run, drafts, next.tell);
  return next.effect;
}

/** Judges what the run was told, in the order it was committed; the last effect that follows from it is done. */
function readMail(driver: Driver, mail: readonly Mail[]): Effect {
  let effect: Effect = none;
  for (const letter of mail) {
    // Only `command` and `pipeline` write mail to runs, and both through the same type.
    const next = apply(driver, { kind: 'mail', mail: letter.value as unknown as RunMail, atMs: letter.atMs });
    if (next.kind !== 'none') effect = next;
    driver.readUpTo = letter.order;
  }
  return effect;
}

/** Lets go until something is due; with everything that was taken, in one commit. */
async function store({ session, readUpTo }: Driver): Promise<void> {
  const result = await session.commit({ release: true, ...(readUpTo === undefined ? {} : { readUpTo }) });
  if (result.kind !== 'done') throw new SalvorError('internal', `a run could not be released: ${result.kind}`);
}

/** The end: locks, budgets and the name of the open run are given back in the commit that stores it. */
async function finish(driver: Driver, mail: readonly Mail[]): Promise<void> {
  const { engine, session } = driver;
  const readUpTo = mail.at(-1)?.order ?? driver.readUpTo;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const given = await releaseLocks(engine, session.run());
    const result = await session.commit({
      release: true,
      guards: given.guards,
      changes: [...given.changes, headOfEnded(session.run())],
      ...(readUpTo === undefined ? {} : { readUpTo }),
    });
    if (result.kind === 'done') return;
  }
  throw new SalvorError('internal', 'the locks of an ended run keep changing under its hands', { retry: 'later' });
}

/** The exact text that the run started with. A text that no longer parses, or is gone, holds the run: an upgrade may have outdated it. */
async function playbookOf(engine: Engine, run: Run): Promise<Playbook> {
  const record = await engine.store.get(run.cluster, blobId(run.playbookDigest));
  const text = record?.value;
  if (typeof text !== 'string')
    throw new SalvorError('playbook.unknown', `the text of ${run.playbook} (${run.playbookDigest.slice(0, 8)}) is not in the store`, { retry: 'later' });
  return playbookFromText(run.playbook, text, run.playbookDigest);
}

/** A fault of our own must not spin: the run is held with the reason and looked at again later. */
async function putAside({ engine, session }: Driver, error: unknown): Promise<void> {
  const nowMs = engine.clock.nowMs();
  const run = session.run();
  const gate = errorCode(error).startsWith('playbook.') ? 'upgrade' : 'journal';
  const reason = `Salvor cannot go on with this run: ${errorText(error)}`;
  const isNews = run.hold?.reason !== reason;
  const drafts = isNews ? [{ type: 'run.held', atMs: nowMs, data: { gate, reason } }] : [];
  session.take({ ...run, hold: { kind: 'hold', gate, reason, untilMs: nowMs + 60_000 }, dueMs: nowMs + 60_000 }, drafts, []);
  try {
    await session.commit({ release: true });
  } catch (second) {
    engine.log.error('run.put-aside-failed', { runId: run.id, code: errorCode(second), reason: errorText(second) });
  }
}
