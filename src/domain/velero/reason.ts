import type { Backup } from './backup.ts';
import { type Cause, REASON_TABLE, type ReasonRow, UNKNOWN_CAUSE } from './reason-table.ts';

/** The row for one text. */
export function causeOf(content: string): Cause | undefined {
  const lower = content.toLowerCase();
  const row = REASON_TABLE.find(({ match }) => match.every((alternatives) => alternatives.some((one) => lower.includes(one))));
  return row && withoutMatch(row);
}

/** What was seen of one failure, beside the Backup itself. */
export type Symptoms = {
  /** Errors of the results file, else error lines of the log. */
  readonly errors: readonly string[];
  /** Messages of volume copies that failed. */
  readonly volumes: readonly string[];
};

/**
 * The cause of a failed backup. Every text has to be harmless for the whole to be: one hook that failed makes a second try useless even where
 * the others were only interrupted. So the most serious cause wins: permanent, then unknown, then storage away, then transient.
 */
export function causeOfFailure(backup: Backup, seen: Symptoms): Cause {
  const texts = [...backup.validationErrors, ...(backup.failureReason === undefined ? [] : [backup.failureReason]), ...seen.errors, ...seen.volumes];
  const causes = texts.map((content) => causeOf(content) ?? UNKNOWN_CAUSE);
  if (backup.hooks.failed > 0) causes.push(hookFailed());
  return causes.sort((a, b) => seriousness(b) - seriousness(a))[0] ?? UNKNOWN_CAUSE;
}

function seriousness(cause: Cause): number {
  if (cause.id === UNKNOWN_CAUSE.id) return 2;
  return { permanent: 3, 'storage-away': 1, transient: 0 }[cause.class];
}

function hookFailed(): Cause {
  const row = REASON_TABLE.find(({ id }) => id === 'hook-failed');
  return row === undefined ? UNKNOWN_CAUSE : withoutMatch(row);
}

function withoutMatch({ id, words, fix, class: kind }: ReasonRow): Cause {
  return { id, class: kind, words, fix };
}
