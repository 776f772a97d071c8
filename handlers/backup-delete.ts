import { type Change, remediation, z } from '../src/action/contract.ts';
import { listRepositories, RETENTION_NEEDS, readRetention, readSpace, SPACE_OPTIONAL } from '../src/action/retention-sight.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { redact } from '../src/domain/redact.ts';
import { type Backup, readBackup } from '../src/domain/velero/backup.ts';
import { backupsQuery, DEFAULT_NAMESPACE, locationsQuery, schedulesQuery } from '../src/domain/velero/kinds.ts';
import { readLocation } from '../src/domain/velero/location.ts';
import { deletionManifest, deletionRef, isOpen } from '../src/domain/velero/retention/deletion.ts';
import { guardsOf, type RetentionSight } from '../src/domain/velero/retention/guards.ts';
import { freedLines, maintenanceLines } from '../src/domain/velero/retention/space.ts';
import { goesText, lostRestores, staysLines } from '../src/domain/velero/retention/words.ts';
import { readSchedule } from '../src/domain/velero/schedule.ts';
import { counted } from '../src/model/counted.ts';
import { cut } from '../src/model/cut.ts';
import { Duration } from '../src/model/duration.ts';
import { SalvorError } from '../src/model/error.ts';
import { objectName } from '../src/model/object.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
const Params = z.strictObject({
  backups: z.array(Name).min(1).max(100),
  /** So many of each schedule stay at least. */
  keep: z.int().min(1).default(3),
  /** From one request to the next. */
  pace: Duration.prefault('10s'),
  namespace: Name.default(DEFAULT_NAMESPACE),
});
type Params = z.output<typeof Params>;

/** What is approved of one backup: the request names it, and the uid makes sure that it is that one. */
const Approved = z.object({ backup: z.string(), uid: z.string(), volumeNamespaces: z.array(z.string()) });
const LOOK_MS = 3000;

/**
 * Delete backups with their files and snapshots, one after the other, each by a DeleteBackupRequest as `velero backup delete` makes it.
 * What guards a backup is asked again before each: a legal hold, a restore, the newest good one of a schedule, the number that stays.
 *
 * Writes  one DeleteBackupRequest for each backup; Velero takes it away with the backup, or leaves it for a day with its errors.
 * Voids   an approval when one of them comes under a legal hold, or its storage becomes read-only.
 * Errors  action.failed where Velero says errors, or a guard came up in between: what was not asked for yet stays.
 * Source  Velero 1.18, pkg/controller/backup_deletion_controller.go: files go first, then restores, then the Backup; after an error all of it stays.
 */
export const backupDelete = remediation({
  id: 'backup.delete',
  summary: 'Delete backups with their files, one after the other',
  risk: 'destructive',
  needs: [...RETENTION_NEEDS, 'create deletebackuprequests.velero.io'],
  optional: [...SPACE_OPTIONAL, 'list backuprepositories.velero.io'],
  timeoutMs: 60_000,
  params: Params,
  result: z.strictObject({
    namespace: z.string(),
    deleted: z.array(z.strictObject({ name: z.string(), uid: z.string() })),
    volumeNamespaces: z.array(z.string()),
  }),

  async plan({ params, kube, stepKey, nowMs }) {
    const { namespace } = params;
    const sight = await readRetention(kube, namespace, nowMs);
    const { space, missing } = await readSpace(kube, namespace);
    const { going, kept, gone } = sortOut(sight, params);
    const [first, ...others] = kept;
    if (going.length === 0 && first !== undefined)
      throw new SalvorError(
        'request.invalid',
        `${first.backup.name} is not deleted: ${first.text}${others.length === 0 ? '' : `; ${others.length} more are kept, too`}`,
      );
    return {
      summary: `Delete ${going.length === 1 ? `the backup ${going[0]?.name ?? ''}` : counted(going.length, 'backup')} for good`,
      changes: going.map((backup) => ({
        verb: 'create',
        object: objectName(deletionRef(namespace, backup.name, stepKey)),
        to: { backup: backup.name, uid: backup.uid, volumeNamespaces: space(backup).namespaces },
        note: goesText(backup, space(backup)),
      })),
      undo: [],
      facts: factsOf(sight, params),
      notes: [
        ...staysLines(going, sight),
        ...kept.map(({ backup, text }) => `${backup.name} stays: ${text}`),
        ...gone.map((name) => `${name} is gone already`),
        ...freedLines(going.map(space)),
        ...lostRestores(going, sight.restores),
        ...missing,
        'They are deleted one after the other; where Velero says an error, those that follow stay',
      ],
    };
  },

  async facts({ params, kube }) {
    const { namespace } = params;
    const [backups, schedules, locations] = await Promise.all([
      kube.list(backupsQuery(namespace)),
      kube.list(schedulesQuery(namespace)),
      kube.list(locationsQuery(namespace)),
    ]);
    return factsOf({ backups: backups.map(readBackup), schedules: schedules.map(readSchedule), locations: locations.map(readLocation) }, params);
  },

  async execute({ params, kube, stepKey, nowMs, approved }) {
    const { namespace, pace } = params;
    const sight = await readRetention(kube, namespace, nowMs);
    const all = approvedOf(approved, sight, params);
    const left = all.filter(({ uid }) => sight.backups.some((backup) => backup.uid === uid));
    const progress = `${all.length - left.length} of ${counted(all.length, 'backup')} deleted`;
    const [next] = left;
    if (next === undefined)
      return {
        namespace,
        deleted: all.map(({ backup: name, uid }) => ({ name, uid })),
        volumeNamespaces: [...new Set(all.flatMap(({ volumeNamespaces }) => volumeNamespaces))].sort(),
      };
    const ref = deletionRef(namespace, next.backup, stepKey);
    const asked = sight.deletions.find(({ name }) => name === ref.name);
    if (asked !== undefined && isOpen(asked)) return { more: LOOK_MS, progress: `${progress}; ${next.backup} is being deleted` };
    if (asked !== undefined) {
      const said = cut(redact(asked.errors.join('; ') || 'without a reason'), 500);
      throw new SalvorError(
        'action.failed',
        `Velero could not delete ${next.backup}: ${said}. ${progress}, nothing more was asked for; ${next.backup} may be half deleted`,
      );
    }
    const backup = sight.backups.find(({ uid }) => uid === next.uid);
    const kept = backup === undefined ? undefined : guardsOf(sight, params.keep)(backup);
    // Somebody else asked for it a moment ago: that is waited for.
    if (kept?.by === 'deletion') return { more: LOOK_MS, progress: `${progress}; ${next.backup} is being deleted by somebody else` };
    if (kept !== undefined) throw new SalvorError('action.failed', `${next.backup} is not deleted: ${kept.text}. ${progress}, nothing more was asked for`);
    await kube.create(deletionManifest({ ref, backup: next.backup, uid: next.uid }));
    return { more: pace, progress: `${progress}; ${next.backup} is being deleted` };
  },

  async verify({ kube, result, nowMs }) {
    const { namespace, deleted, volumeNamespaces } = result;
    const there = new Set((await kube.list(backupsQuery(namespace))).map(({ metadata }) => metadata.name));
    const back = deleted.filter(({ name }) => there.has(name));
    const [first] = back;
    if (first !== undefined) return { ok: false, reason: `${first.name} is there again: its files are still in the storage, and Velero found them` };
    const repositories = volumeNamespaces.length === 0 ? [] : await listRepositories(kube, namespace);
    return {
      ok: true,
      facts: { deleted: deleted.length },
      evidence: [
        `${counted(deleted.length, 'backup')} ${deleted.length === 1 ? 'is' : 'are'} gone, files first: Velero removes the object last, and said no error`,
        ...maintenanceLines(repositories, volumeNamespaces, nowMs),
      ],
    };
  },

  rollback: {
    impossible: 'A deleted backup cannot be brought back: its files and snapshots are gone, and so are the records of the restores that were made from it.',
  },
});

type SortedOut = {
  readonly going: readonly Backup[];
  readonly kept: readonly { readonly backup: Backup; readonly text: string }[];
  readonly gone: readonly string[];
};

function sortOut(sight: RetentionSight, { backups: names, keep }: Params): SortedOut {
  const keptBy = guardsOf(sight, keep);
  const named = new Map(sight.backups.map((backup) => [backup.name, backup]));
  const asked = names.flatMap((name) => named.get(name) ?? []);
  const judged = asked.map((backup) => ({ backup, kept: keptBy(backup) }));
  return {
    going: judged.flatMap(({ backup, kept }) => (kept === undefined ? [backup] : [])),
    kept: judged.flatMap(({ backup, kept }) => (kept === undefined ? [] : [{ backup, text: kept.text }])),
    gone: names.filter((name) => !named.has(name)),
  };
}

/** Only what somebody decides about: what is held, and what cannot be written to. Neither moves by a deletion of ours. */
function factsOf({ backups, schedules, locations }: Pick<RetentionSight, 'backups' | 'schedules' | 'locations'>, { backups: names }: Params) {
  const asked = new Set(names);
  return {
    held: backups
      .filter(({ name, hold }) => asked.has(name) && hold !== undefined)
      .map(({ name }) => name)
      .sort(),
    heldSchedules: schedules
      .filter(({ hold }) => hold !== undefined)
      .map(({ name }) => name)
      .sort(),
    readOnly: locations
      .filter(({ readOnly }) => readOnly)
      .map(({ name }) => name)
      .sort(),
  };
}

/** The engine gives the approved changes; without it, whatever is named, each guarded when its turn comes. */
function approvedOf(approved: readonly Change[] | undefined, sight: RetentionSight, params: Params): readonly z.output<typeof Approved>[] {
  if (approved !== undefined) return approved.map(({ to }) => Approved.parse(to));
  return params.backups.flatMap((name) => sight.backups.filter((one) => one.name === name).map(({ uid }) => ({ backup: name, uid, volumeNamespaces: [] })));
}
