import { counted } from '../../../model/counted.ts';
import { formatDuration } from '../../../model/duration.ts';
import { timeText } from '../time-text.ts';
import type { Held } from './contents.ts';
import { listText } from './difference.ts';
import type { RestoreSight, Scope } from './sight.ts';

const MINUTE_MS = 60_000;

export type Existing = 'leave' | 'update';

export type About = Pick<Scope, 'source' | 'target'> & { readonly existing: Existing; readonly selector?: string | undefined; readonly nowMs: number };

/** What a restore would do, for the person who decides: what comes, what stays, what is lost, what does not come back. First the worst. */
export function restoreNotes(sight: RestoreSight, about: About): readonly string[] {
  return [
    ...claimNotes(sight, about),
    ...differenceNotes(sight, about),
    ...lossNotes(sight, about),
    ...fightNotes(sight),
    ...sight.around,
    ...partialNotes(sight),
  ];
}

/** `12 created, 5 left as they are`: the difference in one line. */
export function differenceText({ difference: { creates, exists, unseen } }: RestoreSight, existing: Existing): string {
  const parts = [
    `${counted(creates.length, 'object')} created`,
    ...(exists.length === 0 ? [] : [`${exists.length} ${existing === 'update' ? 'overwritten where they differ' : 'left as they are'}`]),
    ...(unseen.length === 0 ? [] : [`${unseen.length} not looked at`]),
  ];
  return parts.join(', ');
}

function claimNotes({ claimsKept }: RestoreSight, { target }: About): readonly string[] {
  if (claimsKept.length === 0) return [];
  return [
    `The data of ${counted(claimsKept.length, 'volume')} does NOT come back: ${claimsKept.join(', ')}. The claims exist, and Velero never writes into a volume that exists`,
    `What would bring that data: restore beside (/dr restore namespace into=${target}-copy from=${target}) and copy or swap it`,
  ];
}

function differenceNotes({ difference, beside, target, held }: RestoreSight, { existing, selector }: About): readonly string[] {
  const { creates, exists, unseen } = difference;
  const what = existing === 'update' ? 'Overwrites where they differ' : 'Leaves as they are, since they exist';
  return [
    ...(creates.length === 0 ? ['Creates nothing: all that was looked at exists'] : [`Creates ${listText(creates)}`]),
    ...(exists.length === 0 ? [] : [`${what}: ${listText(exists)}`]),
    ...(unseen.length === 0
      ? []
      : [`Whether these exist was not looked at; what does is ${existing === 'update' ? 'overwritten' : 'left as it is'}: ${listText(unseen)}`]),
    ...(beside === 0 ? [] : [`Stays, though the backup does not hold it: ${counted(beside, 'object')}. A restore takes nothing away`]),
    ...(selector === undefined ? [] : selectorNotes(held, selector)),
    ...(target === undefined ? ['The namespace does not exist: Velero makes it'] : []),
  ];
}

const OFTEN_WITHOUT_LABELS = ['PersistentVolumeClaim', 'Secret', 'ConfigMap'];

/** The list of a backup names no labels, so nobody can tell beforehand what a selector will miss. */
function selectorNotes(held: readonly Held[], selector: string): readonly string[] {
  const risky = held.filter(({ kind }) => OFTEN_WITHOUT_LABELS.includes(kind));
  return [
    `Of these only what carries ${selector}: the list of a backup names no labels`,
    ...(risky.length === 0 ? [] : [`What an application needs often carries none, and is then missed: ${listText(risky)}`]),
  ];
}

function lossNotes({ backup, since }: RestoreSight, { nowMs }: About): readonly string[] {
  const age = `The backup was taken ${timeText(backup.madeMs)}, ${ageText(nowMs - backup.madeMs)} ago: what was written after that is not in it`;
  if (since.newestMs === undefined) return [age];
  const newest = `${since.newest}, ${ageText(nowMs - since.newestMs)} ago`;
  return [age, `Written since, as far as objects tell: ${counted(since.count, 'object')}, the newest ${newest}`];
}

/** Whole minutes, once it is minutes. */
export function ageText(ageMs: number): string {
  return formatDuration(ageMs < MINUTE_MS ? Math.max(0, ageMs) : Math.floor(ageMs / MINUTE_MS) * MINUTE_MS);
}

function fightNotes({ owners }: RestoreSight): readonly string[] {
  if (owners.length === 0) return [];
  return [`${owners.join(', ')} would put back its own state over what is restored: suspend it first`];
}

function partialNotes({ backup }: RestoreSight): readonly string[] {
  if (backup.phase !== 'PartiallyFailed') return [];
  return [
    `The backup itself is partial: ${counted(backup.errors, 'error')}. What failed in it cannot come back: velero backup describe ${backup.name} --details`,
  ];
}
