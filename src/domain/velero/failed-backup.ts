import { type Backup, newestFirst, newestOver, ofSchedule, overMs } from './backup.ts';
import { isFailure, isGood, isTerminal, phaseMeaning } from './phase.ts';
import { retryName } from './retry-name.ts';

/** How old a failed backup without a schedule may be to be what an alert without labels is about. */
const RECENT_MS = 86_400_000;

/** Which backup a question is about, and how things stand with the ones that belong together with it. */
export type Standing =
  /** Nothing of the kind was ever made, or it is gone. */
  | { readonly kind: 'none' }
  /** The newest one is fine. */
  | { readonly kind: 'good'; readonly good: Backup; readonly failed?: Backup }
  /** One has not come to its end. */
  | { readonly kind: 'unsettled'; readonly running: Backup; readonly failed?: Backup; readonly lastGood?: Backup }
  /** `retried`: a second try of ours that failed, too. */
  | { readonly kind: 'failed'; readonly failed: Backup; readonly lastGood?: Backup; readonly retried?: Backup };

/** The backup that an alert without labels is about: the newest failure that nothing better followed. */
export function newestFailure(backups: readonly Backup[], nowMs: number): Backup | undefined {
  const ofSchedules = failingSchedules(backups).map(({ failed }) => failed);
  const byHand = backups.filter(
    (backup) =>
      backup.schedule === undefined &&
      isFailure(backup.phase) &&
      nowMs - overMs(backup) < RECENT_MS &&
      !siblings(backups, backup).some((other) => isGood(other.phase)),
  );
  return newestFirst([...ofSchedules, ...byHand])[0];
}

/** Schedules whose newest finished backup is not good, newest failure first. */
export function failingSchedules(backups: readonly Backup[]): readonly { readonly schedule: string; readonly failed: Backup }[] {
  const schedules = new Set(backups.flatMap(({ schedule }) => (schedule === undefined ? [] : [schedule])));
  const failing = [...schedules].flatMap((schedule) => {
    const newest = newestOver(ofSchedule(backups, schedule));
    return newest !== undefined && isFailure(newest.phase) ? [{ schedule, failed: newest }] : [];
  });
  return failing.sort((a, b) => b.failed.madeMs - a.failed.madeMs);
}

/** The backups that stand for the same thing: those of its schedule, or the second tries of one that was made by hand. */
export function siblings(backups: readonly Backup[], backup: Backup): readonly Backup[] {
  if (backup.schedule !== undefined) return ofSchedule(backups, backup.schedule);
  return backups.filter(({ name }) => name === backup.name || name.startsWith(retryName(backup.name, '')));
}

/** How one family of backups stands; `about` is the one that was asked for by name. */
export function standing(family: readonly Backup[], about?: Backup): Standing {
  const over = about === undefined ? newestOver(family) : isTerminal(about.phase) ? about : undefined;
  if (over !== undefined && isGood(over.phase)) return { kind: 'good', good: over };

  const newest = newestFirst(family);
  const good = newest.find(({ phase }) => isGood(phase));
  if (over !== undefined && good !== undefined && good.madeMs > over.madeMs) return { kind: 'good', good, failed: over };

  const lastGood = good === undefined ? {} : { lastGood: good };
  const running = newest.find(({ phase }) => ['queued', 'running', 'unknown'].includes(phaseMeaning(phase)));
  if (running !== undefined) return { kind: 'unsettled', running, ...lastGood, ...(over === undefined ? {} : { failed: over }) };
  if (over === undefined) return { kind: 'none' };
  const retried = newest.find((backup) => backup.stepKey !== undefined && isFailure(backup.phase) && backup.madeMs >= over.madeMs);
  return { kind: 'failed', failed: over, ...lastGood, ...(retried === undefined ? {} : { retried }) };
}
