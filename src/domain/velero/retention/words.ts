import { counted } from '../../../model/counted.ts';
import { formatBytes } from '../../../model/when.ts';
import { type Backup, newestFirst } from '../backup.ts';
import type { Restore } from '../restore/restore.ts';
import { timeText } from '../time-text.ts';
import type { Chosen, Reason, RetentionChoice } from './choose.ts';
import { floorOf } from './floor.ts';
import { familyOf, type RetentionSight } from './guards.ts';
import type { VolumeSpace } from './space.ts';

const MOST_NAMES = 5;

const WORDS: { readonly [reason in Reason]: string } = {
  'half-deleted': 'half deleted: an earlier deletion broke off',
  expired: 'past its time, and still there',
  failed: 'failed, and old enough to be no evidence any more',
  old: 'older than is wanted',
  surplus: 'beyond the number that is wanted',
};

/** `daily-20261102020000 of 2026-11-02 02:00 UTC, 3 volumes of 41.0 GiB: past its time, and still there`. Nothing in it moves with the clock. */
export function goesText(backup: Backup, space: VolumeSpace, reason?: Reason): string {
  const size = space.volumes === 0 ? '' : `, ${counted(space.volumes, 'volume')} of ${formatBytes(space.bytes)}`;
  const collected = backup.labels['velero.io/gc-failure'];
  const why = reason === undefined ? '' : `: ${WORDS[reason]}${collected === undefined ? '' : ` (Velero says ${collected})`}`;
  return `of ${timeText(backup.madeMs)}, ${backup.phase}${size}${why}`;
}

/** What stays of each schedule that loses something. */
export function staysLines(going: readonly Backup[], { backups, nowMs }: Pick<RetentionSight, 'backups' | 'nowMs'>): readonly string[] {
  const gone = new Set(going.map(({ uid }) => uid));
  const families = Map.groupBy(going, familyOf);
  return [...families].flatMap(([schedule, goes]) => {
    if (schedule === undefined) return [`${counted(goes.length, 'backup')} made by hand: no schedule makes ${goes.length === 1 ? 'it' : 'them'} again`];
    const stay = backups.filter((one) => familyOf(one) === schedule && !gone.has(one.uid));
    const { newest } = floorOf(stay, 1, nowMs);
    const last = newest === undefined ? 'none that can be restored' : `the newest that can be restored is ${newest.name}, of ${timeText(newest.madeMs)}`;
    return [`Of ${schedule} ${counted(goes.length, 'backup')} of ${goes.length + stay.length} go; ${last}`];
  });
}

/** Velero deletes the Restore objects of a backup together with it. */
export function lostRestores(going: readonly Backup[], restores: readonly Restore[]): readonly string[] {
  const names = new Set(going.map(({ name }) => name));
  const lost = restores.filter(({ backup }) => names.has(backup));
  return lost.length === 0
    ? []
    : [`The records of ${counted(lost.length, 'restore')} made from them go, too (what was restored stays): ${listed(lost.map(({ name }) => name))}`];
}

/** `a, b, c and 4 more`. */
export function listed(names: readonly string[]): string {
  return names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
}

/** What was chosen, and why the rest stays, for the evidence of a diagnosis. */
export function choiceLines({ go, later, kept, byHand }: RetentionChoice, space: (backup: Backup) => VolumeSpace): readonly string[] {
  const groups = Map.groupBy(kept, ({ kept: { text } }) => text);
  return [
    ...go.map(({ backup, reason }: Chosen) => `goes: ${backup.name} ${goesText(backup, space(backup), reason)}`),
    ...(later > 0 ? [`${counted(later, 'more backup')} would go in later rounds`] : []),
    ...[...groups].map(
      ([text, ones]) => `stays although a rule is about it: ${listed(newestFirst(ones.map(({ backup }) => backup)).map(({ name }) => name))}: ${text}`,
    ),
    ...(byHand > 0
      ? [`${counted(byHand, 'backup')} made by hand ${byHand === 1 ? 'is' : 'are'} no matter of these rules: delete one by name with /dr backup delete`]
      : []),
  ];
}
