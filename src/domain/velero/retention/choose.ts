import { type Backup, newestFirst, overMs } from '../backup.ts';
import { labelValue } from '../kinds.ts';
import { isRestorable, phaseMeaning } from '../phase.ts';
import { isExpired } from './floor.ts';
import { familyOf, guardsOf, type Kept, type RetentionSight } from './guards.ts';

/** What may go. Whatever it says, the floor of each schedule holds. */
export type RetentionRule = {
  /** So many of each schedule stay at least. */
  readonly keep: number;
  /** Of a schedule: those that are older go. */
  readonly olderThanMs?: number | undefined;
  /** Of a schedule: those beyond its newest so many go. */
  readonly atMost?: number | undefined;
  /** Only backups of this schedule, or in this storage. */
  readonly schedule?: string | undefined;
  readonly location?: string | undefined;
  /** So many in one round, those that are the least worth first. */
  readonly most: number;
};

/** Why one goes, those that are the least worth first. */
export const REASONS = ['half-deleted', 'expired', 'failed', 'old', 'surplus'] as const;
export type Reason = (typeof REASONS)[number];
export type Chosen = { readonly backup: Backup; readonly reason: Reason };
export type RetentionChoice = {
  readonly go: readonly Chosen[];
  /** They would go, too, in another round. */
  readonly later: number;
  /** They would go, and something keeps them. */
  readonly kept: readonly (Chosen & { readonly kept: Kept })[];
  /** Made by hand, not expired and not failed: no rule is about them. */
  readonly byHand: number;
};

/** Velero looks for what has expired once an hour. */
const COLLECTED_WITHIN_MS = 2 * 3_600_000;
/** A failed backup is evidence for a week. */
const EVIDENCE_MS = 7 * 86_400_000;

/** Sorts out what of a storage may be deleted, and why the rest stays. */
export function chooseToDelete(sight: RetentionSight, rule: RetentionRule): RetentionChoice {
  const keptBy = guardsOf(sight, rule.keep);
  const asked = sight.backups.filter((backup) => isAsked(backup, rule));
  const surplus = surplusOf(sight.backups, rule.atMost === undefined ? undefined : Math.max(rule.atMost, rule.keep));
  const wanted = asked.flatMap((backup): readonly Chosen[] => {
    const reason = reasonOf(backup, { rule, surplus, nowMs: sight.nowMs });
    return reason === undefined ? [] : [{ backup, reason }];
  });
  const judged = wanted.map((one) => ({ ...one, kept: keptBy(one.backup) }));
  const free = judged.filter(({ kept }) => kept === undefined).sort(leastWorthFirst);
  return {
    go: free.slice(0, rule.most).map(({ backup, reason }) => ({ backup, reason })),
    later: Math.max(free.length - rule.most, 0),
    kept: judged.flatMap(({ kept, ...one }) => (kept === undefined ? [] : [{ ...one, kept }])),
    byHand: asked.filter((backup) => familyOf(backup) === undefined).length - wanted.filter(({ backup }) => familyOf(backup) === undefined).length,
  };
}

function isAsked(backup: Backup, { schedule, location }: RetentionRule): boolean {
  return (schedule === undefined || familyOf(backup) === labelValue(schedule)) && (location === undefined || backup.storage === location);
}

function surplusOf(backups: readonly Backup[], atMost: number | undefined): ReadonlySet<string> {
  if (atMost === undefined) return new Set();
  const families = [
    ...Map.groupBy(
      backups.filter(({ phase }) => isRestorable(phase)),
      familyOf,
    ),
  ].filter(([schedule]) => schedule !== undefined);
  return new Set(families.flatMap(([, family]) => newestFirst(family).slice(atMost)).map(({ uid }) => uid));
}

type Judging = { readonly rule: RetentionRule; readonly surplus: ReadonlySet<string>; readonly nowMs: number };

function reasonOf(backup: Backup, { rule, surplus, nowMs }: Judging): Reason | undefined {
  const meaning = phaseMeaning(backup.phase);
  if (meaning === 'deleting') return 'half-deleted';
  if (isExpired(backup, nowMs - COLLECTED_WITHIN_MS)) return 'expired';
  if (meaning === 'bad') return nowMs - overMs(backup) > EVIDENCE_MS ? 'failed' : undefined;
  if (familyOf(backup) === undefined || !isRestorable(backup.phase)) return undefined;
  if (rule.olderThanMs !== undefined && nowMs - backup.madeMs > rule.olderThanMs) return 'old';
  return surplus.has(backup.uid) ? 'surplus' : undefined;
}

function leastWorthFirst(a: Chosen, b: Chosen): number {
  return worth(a.reason) - worth(b.reason) || a.backup.madeMs - b.backup.madeMs || (a.backup.name < b.backup.name ? -1 : 1);
}

/** One that is too old and one that is too many are worth the same: the older goes first. */
function worth(reason: Reason): number {
  return Math.min(REASONS.indexOf(reason), REASONS.indexOf('old'));
}
