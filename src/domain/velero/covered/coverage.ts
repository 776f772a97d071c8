import type { Backup } from '../backup.ts';
import type { VolumeInfo } from '../backup-files.ts';
import { labelValue } from '../kinds.ts';
import { asksFor } from '../restore/choose.ts';
import type { Held } from '../restore/contents.ts';
import type { Schedule } from '../schedule.ts';
import type { Expected, ExpectedClaim } from './expected.ts';

/** The newest backup of a schedule that something can be restored from, and what it holds; undefined where its lists could not be read. */
export type Basis = {
  readonly schedule: string;
  readonly backup: Backup;
  readonly contents?: readonly Held[] | undefined;
  readonly volumes?: readonly VolumeInfo[] | undefined;
};

/** Something that ought to be in a backup and is in none. `passing`: the next backup has it. */
export type Gap = { readonly what: 'namespace' | 'volume'; readonly name: string; readonly why: string; readonly fix: string; readonly passing?: true };

export type Coverage = {
  readonly gaps: readonly Gap[];
  /** In a backup by what its spec says alone: its lists could not be read. */
  readonly unsure: readonly string[];
};

type Sight = {
  readonly namespaces: readonly Expected[];
  readonly claims: readonly ExpectedClaim[];
  readonly bases: readonly Basis[];
  readonly schedules: readonly Schedule[];
};

/** Holds what is expected against what the newest backups hold. */
export function coverageOf(sight: Sight): Coverage {
  const held = new Set(sight.bases.flatMap(({ contents = [] }) => contents.flatMap((one) => namespaceOf(one) ?? [])));
  const unread = sight.bases.filter(({ contents }) => contents === undefined);
  const isUnsure = (name: string): boolean => !held.has(name) && unread.some(({ backup }) => asksFor(backup, name));
  const missing = sight.namespaces.filter(({ name }) => !held.has(name) && !isUnsure(name));
  const gone = new Set(missing.map(({ name }) => name));
  return {
    gaps: [
      ...missing.map((one) => namespaceGap(one, sight)),
      // Of a namespace that is in no backup nobody asks for each volume.
      ...sight.claims.filter(({ namespace, isBound }) => isBound && !gone.has(namespace) && !isUnsure(namespace)).flatMap((one) => volumeGap(one, sight) ?? []),
    ],
    unsure: sight.namespaces.filter(({ name }) => isUnsure(name)).map(({ name }) => name),
  };
}

function namespaceOf({ kind, name, namespace }: Held): string | undefined {
  return namespace ?? (kind === 'Namespace' ? name : undefined);
}

function namespaceGap({ name, madeMs }: Expected, { schedules, bases }: Sight): Gap {
  const gap = { what: 'namespace', name } as const;
  const asking = schedules.filter(({ template }) => asksFor({ spec: template }, name));
  const [first] = asking;
  if (first === undefined)
    return {
      ...gap,
      why: 'no schedule asks for it',
      fix: `name it in spec.template.includedNamespaces of a schedule, or make one: velero schedule create ${name} --schedule "0 2 * * *" --include-namespaces ${name}`,
    };
  const made = bases.filter(({ schedule }) => asking.some((one) => labelValue(one.name) === schedule));
  const [basis] = made;
  if (basis === undefined)
    return {
      ...gap,
      why: `${first.name} asks for it, and has no backup that can be restored`,
      fix: `why, and what gives one: salvor run backup-stale --param schedule=${first.name}`,
    };
  if (made.every(({ backup }) => madeMs > backup.madeMs)) return { ...gap, ...later(first.name, basis.backup), passing: true };
  return {
    ...gap,
    why: `${first.name} asks for it, and ${basis.backup.name} holds nothing of it`,
    fix: `look at the selector and the kinds in spec.template of ${first.name}: they leave all of it out`,
  };
}

function volumeGap({ namespace, name, madeMs }: ExpectedClaim, { bases }: Sight): Gap | undefined {
  const claim = `${namespace}/${name}`;
  const gap = { what: 'volume', name: claim } as const;
  const told = bases.flatMap(({ backup, schedule, volumes = [] }) =>
    volumes.filter((one) => one.claim === claim).map((volume) => ({ backup, schedule, volume })),
  );
  if (told.some(({ volume: { skipped, result } }) => skipped === undefined && result !== 'failed')) return undefined;
  const failed = told.find(({ volume: { skipped } }) => skipped === undefined);
  if (failed !== undefined)
    return { ...gap, why: `its copy failed in ${failed.backup.name}`, fix: `why: salvor run backup-failed --param schedule=${failed.schedule}` };
  const [skipped] = told;
  if (skipped !== undefined)
    return { ...gap, why: `${skipped.backup.name} left its data out: ${skipped.volume.skipped ?? ''}`, fix: howToCopy(skipped.schedule) };
  const holding = bases.filter(({ backup }) => asksFor(backup, namespace));
  const [basis] = holding;
  if (basis !== undefined && holding.every(({ backup }) => madeMs > backup.madeMs)) return { ...gap, ...later(basis.schedule, basis.backup), passing: true };
  return { ...gap, why: `${basis?.backup.name ?? 'every backup'} holds no data of it`, fix: howToCopy(basis?.schedule ?? 'its schedule') };
}

function later(schedule: string, { name }: Backup): Pick<Gap, 'why' | 'fix'> {
  return {
    why: `it is younger than ${name}, the newest backup of ${schedule}`,
    fix: `the next one has it; at once: salvor run backup-run --param schedule=${schedule}`,
  };
}

const howToCopy = (schedule: string): string =>
  `a VolumeSnapshotClass for its driver with the label velero.io/csi-volumesnapshot-class=true, or a copy of its files: defaultVolumesToFsBackup: true in the template of ${schedule}, with a node agent on its node`;
