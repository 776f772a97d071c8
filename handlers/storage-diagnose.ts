import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { listRepositories, RETENTION_NEEDS, readRetention, readSpace, SPACE_OPTIONAL } from '../src/action/retention-sight.ts';
import { type Capacity, readCapacity } from '../src/action/storage-capacity.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { repositoryProblem } from '../src/domain/velero/repository.ts';
import { fullnessText } from '../src/domain/velero/retention/capacity.ts';
import { chooseToDelete, type RetentionChoice } from '../src/domain/velero/retention/choose.ts';
import { growthLine, growthOf, type ScheduleGrowth, shorterTtl } from '../src/domain/velero/retention/growth.ts';
import type { RetentionSight } from '../src/domain/velero/retention/guards.ts';
import { freedLines } from '../src/domain/velero/retention/space.ts';
import { choiceLines, staysLines } from '../src/domain/velero/retention/words.ts';
import { counted } from '../src/model/counted.ts';
import { errorCode } from '../src/model/error.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
/** The size of the archive of a schedule's newest backup. */
const ARCHIVE = 'velero_backup_tarball_size_bytes';

/**
 * How full the storage of the backups is, what fills it, and what may be deleted of it: first what is past its time or broken, then the oldest beyond the
 * number that each schedule keeps. Where nothing may go, a person adds room.
 *
 * Source  the metrics of the storages themselves (deploy/rules/storage.yml); Velero knows nothing of capacity.
 */
export const storageDiagnose = diagnosis({
  id: 'storage.diagnose',
  summary: 'See how full the storage of the backups is, what fills it, and what of it may be deleted',
  needs: RETENTION_NEEDS,
  optional: [...SPACE_OPTIONAL, 'list backuprepositories.velero.io'],
  timeoutMs: 90_000,
  params: z.strictObject({
    location: Name.optional(),
    bucket: z.string().optional(),
    claim: z.string().optional(),
    keep: z.int().min(1).default(7),
    most: z.int().min(1).max(100).default(10),
    namespace: Name.default(DEFAULT_NAMESPACE),
  }),
  facts: z.strictObject({
    measured: z.boolean(),
    freePercent: z.number().optional(),
    backups: z.array(z.string()),
    count: z.number(),
    later: z.number(),
    kept: z.number(),
  }),

  async run({ params, kube, nowMs }) {
    const { namespace, bucket, claim, keep, most, location } = params;
    const capacity = await readCapacity(kube, { bucket, claim }, nowMs);
    const sight = await readRetention(kube, namespace, nowMs);
    const { space, missing } = await readSpace(kube, namespace);
    const repositories = await listRepositories(kube, namespace);
    const choice = chooseToDelete(sight, { keep, atMost: keep, most, location });
    const grown = growthOf({ ...sight, space, archives: await archiveSizes(kube) });
    const going = choice.go.map(({ backup }) => backup);
    const [fullest] = capacity.storages;
    return {
      finding: findingOf({ capacity, choice, grown, sight, keep }),
      facts: {
        measured: fullest !== undefined,
        freePercent: fullest && Math.floor((fullest.freeBytes / fullest.totalBytes) * 100),
        backups: going.map(({ name }) => name),
        count: going.length,
        later: choice.later,
        kept: choice.kept.length,
      },
      evidence: [
        ...capacity.storages.slice(0, 5).map(fullnessText),
        ...[capacity.growth, capacity.missing].flatMap((line) => line ?? []),
        ...grown.map(growthLine),
        ...choiceLines(choice, space),
        ...staysLines(going, sight),
        ...(going.length === 0 ? [] : freedLines(going.map(space))),
        ...repositories.flatMap((one) => repositoryProblem(one) ?? []),
        ...missing,
        ...shorterTtl(grown, sight, keep),
      ],
    };
  },
});

type Found = {
  readonly capacity: Capacity;
  readonly choice: RetentionChoice;
  readonly grown: readonly ScheduleGrowth[];
  readonly sight: RetentionSight;
  readonly keep: number;
};

function findingOf({ capacity, choice, grown, sight, keep }: Found): Finding {
  const [fullest] = capacity.storages;
  if (fullest !== undefined && !fullest.isFull) return { kind: 'recovered', reason: fullnessText(fullest) };
  const how = fullest === undefined ? 'the storage is said to be full' : fullnessText(fullest);
  if (choice.go.length > 0) {
    const more = choice.later === 0 ? '' : ` and ${choice.later} more in later rounds`;
    return { kind: 'act', reason: `${how}; ${counted(choice.go.length, 'backup')}${more} may be deleted, with ${keep} of each schedule kept` };
  }
  return {
    kind: 'hand-over',
    reason: `${how}, and no backup may be deleted: ${choice.kept.length === 0 ? `each schedule has no more than the ${keep} that stay` : `${choice.kept.length} that are too many have to stay`}`,
    hints: [
      'Give the storage more room: that is the only thing that helps at once',
      ...shorterTtl(grown, sight, keep),
      `Fewer may be kept, if you can answer for it: salvor run storage-full --param keep=${Math.max(1, Math.floor(keep / 2))}`,
    ],
  };
}

async function archiveSizes(kube: Prober): Promise<ReadonlyMap<string, number>> {
  try {
    return new Map((await kube.metrics(ARCHIVE)).map(({ labels, value }) => [labels['schedule'] ?? '', value]));
  } catch (error) {
    if (errorCode(error) === 'metrics.unavailable') return new Map();
    throw error;
  }
}
