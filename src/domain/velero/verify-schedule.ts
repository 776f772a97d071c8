import { counted } from '../../model/counted.ts';
import { formatDuration } from '../../model/duration.ts';
import { type Backup, newestOver, ofSchedule } from './backup.ts';
import { sameScope } from './backup-manifest.ts';
import { failureText, proveBackup } from './backup-proof.ts';
import { freshness } from './freshness.ts';
import { chooseLocation, isAvailable, type Location } from './location.ts';
import { isFailure } from './phase.ts';
import type { Schedule } from './schedule.ts';
import { median } from './stuck-backup.ts';
import { ageText, goodOnes } from './why-stale.ts';

/** Less than this share of what the last seven held is worth a look, though it may be right. */
const USUAL_SHARE = 0.5;
const USUAL_OF = 7;
/** A backup that goes this soon is no longer one to rely on. */
const SOON_MS = 86_400_000;

/** What was found of one schedule: `bad` means that it cannot be relied on, `odd` that a person should look one day. */
export type Verified = { readonly schedule: string; readonly bad: readonly string[]; readonly odd: readonly string[]; readonly fine: readonly string[] };

type Sight = {
  readonly backups: readonly Backup[];
  readonly locations: readonly Location[];
  readonly nowMs: number;
  /** Whether a second copy elsewhere is asked for. */
  readonly secondCopy: boolean;
};

/** The newest good backup of a schedule: how old, whole, as large as usual, about to go, in a storage that answers, and nowhere else. */
export function verifySchedule(schedule: Schedule, { backups, locations, nowMs, secondCopy }: Sight): Verified {
  const { name } = schedule;
  const family = ofSchedule(backups, name);
  const goods = goodOnes(family);
  const [good, ...before] = goods;
  const fresh = freshness(schedule, good, nowMs);
  if (schedule.paused) return { schedule: name, bad: [], odd: [`it is paused; ${ageText(fresh)}`], fine: [] };
  const newest = newestOver(family);
  const failed =
    newest !== undefined && isFailure(newest.phase) && newest.madeMs > (good?.madeMs ?? 0) ? [`the newest one failed: ${failureText(newest)}`] : [];
  // A schedule that was made a moment ago owes nothing yet.
  const owesNothing = fresh.dueMs !== undefined && fresh.dueMs > nowMs && failed.length === 0;
  if (good === undefined)
    return owesNothing
      ? { schedule: name, bad: [], odd: ['its first backup is still to come'], fine: [] }
      : { schedule: name, bad: [ageText(fresh), ...failed], odd: [], fine: [] };

  const bad: string[] = [];
  const odd: string[] = [...failed];
  if (!fresh.isFresh) bad.push(ageText(fresh));
  const proof = proveBackup({ backup: good, copies: [], nowMs, ...(before[0] && { lastGood: before[0] }) });
  if (!proof.ok) bad.push(proof.reason);
  const usual = median(
    before
      .slice(0, USUAL_OF)
      .filter((one) => sameScope(one.spec, good.spec))
      .map(({ items }) => items.total),
  );
  if (proof.ok && usual !== undefined && good.items.total < usual * USUAL_SHARE)
    odd.push(`${good.name} holds ${counted(good.items.total, 'item')}, those before it ${usual}`);
  if (good.warnings > 0) odd.push(`${good.name} has ${counted(good.warnings, 'warning')}`);
  if (good.expiresMs !== undefined && good.expiresMs > nowMs && good.expiresMs - nowMs < SOON_MS)
    odd.push(`${good.name} expires in ${formatDuration(good.expiresMs - nowMs)}`);

  const location = chooseLocation(locations, good.storage);
  if (location === undefined) bad.push(`its storage "${good.storage ?? ''}" does not exist any more`);
  else if (!isAvailable(location)) bad.push(`its storage "${location.name}" is ${location.phase || 'not looked at'}`);
  const elsewhere = copyElsewhere(good, backups);
  if (elsewhere === undefined && secondCopy) bad.push(`${good.name} is in "${good.storage ?? ''}" alone: no good backup of the same is in another storage`);

  const size = `${good.name}: ${counted(good.items.total, 'item')}, ${counted(good.volumes.completed, 'volume')}, ${formatDuration(nowMs - good.madeMs)} old`;
  return { schedule: name, bad, odd, fine: [size, ...(elsewhere === undefined ? [] : [`a second copy: ${elsewhere.name} in "${elsewhere.storage ?? ''}"`])] };
}

/** A good backup of the same in another storage. */
function copyElsewhere(good: Backup, backups: readonly Backup[]): Backup | undefined {
  return goodOnes(backups).find((one) => one.storage !== good.storage && sameScope(one.spec, good.spec));
}
