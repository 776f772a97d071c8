import { counted } from '../../model/counted.ts';
import { cut } from '../../model/cut.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Measured } from '../../model/finding.ts';
import { redact } from '../redact.ts';
import { type Backup, overMs } from './backup.ts';
import type { Standing } from './failed-backup.ts';
import { timeText } from './time-text.ts';

/** The facts that one look at the backups alone gives. */
export type StandingFacts = {
  readonly backup?: string;
  readonly uid?: string;
  readonly phase?: string;
  readonly failedAtMs?: number;
  readonly itemsDone?: number;
  readonly itemsTotal?: number;
  readonly errors?: number;
  readonly warnings?: number;
  readonly hooksFailed?: number;
  readonly running?: string;
  readonly retried?: string;
  readonly lastGood?: string;
  readonly lastGoodAtMs?: number;
  readonly lastGoodItems?: number;
  readonly dataAgeMs?: number;
};

const failedOf = (now: Standing): Backup | undefined => ('failed' in now ? now.failed : undefined);

function lastGoodOf(now: Standing): Backup | undefined {
  if (now.kind === 'good') return now.good;
  return now.kind === 'none' ? undefined : now.lastGood;
}

export function standingFacts(now: Standing, nowMs: number): StandingFacts {
  const failed = failedOf(now);
  const good = lastGoodOf(now);
  return {
    ...(failed && {
      backup: failed.name,
      uid: failed.uid,
      phase: failed.phase,
      failedAtMs: overMs(failed),
      itemsDone: failed.items.done,
      itemsTotal: failed.items.total,
      errors: failed.errors,
      warnings: failed.warnings,
      hooksFailed: failed.hooks.failed,
    }),
    ...(now.kind === 'unsettled' && { running: now.running.name }),
    ...(now.kind === 'failed' && now.retried && { retried: now.retried.name }),
    ...(good && { lastGood: good.name, lastGoodAtMs: overMs(good), lastGoodItems: good.items.total, dataAgeMs: nowMs - good.madeMs }),
  };
}

/** The fact is the end of the failed backup; what could be restored at that time is the start of the last good one. */
export function standingMeasured(now: Standing): Measured {
  const failed = failedOf(now);
  if (failed === undefined || now.kind === 'good') return failed === undefined ? {} : { factTimeMs: overMs(failed) };
  const good = lastGoodOf(now);
  return { factTimeMs: overMs(failed), ...(good && { recoveryPointMs: good.madeMs }) };
}

export function standingEvidence(now: Standing, nowMs: number): readonly string[] {
  const failed = failedOf(now);
  const good = lastGoodOf(now);
  return [...(failed && now.kind !== 'good' ? [failedText(failed)] : []), goodText(good, nowMs)];
}

function failedText(failed: Backup): string {
  const said = [...failed.validationErrors, ...(failed.failureReason === undefined ? [] : [failed.failureReason])].join('; ');
  const errors = failed.errors > 0 ? `, ${counted(failed.errors, 'error')}` : '';
  return `${failed.name}: ${failed.phase} at ${timeText(overMs(failed))}${errors}${said === '' ? '' : `: ${cut(redact(said), 300)}`}`;
}

function goodText(good: Backup | undefined, nowMs: number): string {
  if (good === undefined) return 'there is no good backup to restore from';
  return `last good: ${good.name}, ${counted(good.items.total, 'item')}, ${formatDuration(nowMs - good.madeMs)} old`;
}
