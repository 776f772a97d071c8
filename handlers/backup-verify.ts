import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { noSuchKind } from '../src/action/failure-files.ts';
import { listVelero, type VeleroLists } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { isAvailable } from '../src/domain/velero/location.ts';
import { REPOSITORY, readRepository, repositoryProblem } from '../src/domain/velero/repository.ts';
import { type Verified, verifySchedule } from '../src/domain/velero/verify-schedule.ts';
import { counted } from '../src/model/counted.ts';
import { errorCode } from '../src/model/error.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/**
 * Whether what the schedules made can be relied on, day by day: of each the newest Completed backup, never the newest of all. Its objects are read; that
 * its data can be restored only a restore shows.
 */
export const backupVerify = diagnosis({
  id: 'backup.verify',
  summary: 'See of each schedule whether its newest good backup can be relied on',
  needs: ['list backups.velero.io', 'list schedules.velero.io', 'list backupstoragelocations.velero.io'],
  optional: ['list backuprepositories.velero.io'],
  params: z.strictObject({
    schedule: Name.optional(),
    namespace: Name.default(DEFAULT_NAMESPACE),
    /** Whether a failure calls somebody; a person who asks is only told. */
    page: z.boolean().default(true),
    /** Whether the same has to be in a second storage. */
    secondCopy: z.boolean().default(false),
  }),
  facts: z.strictObject({ schedules: z.number(), bad: z.array(z.string()), odd: z.array(z.string()) }),

  async run({ params, kube, nowMs }) {
    const { namespace, secondCopy } = params;
    const lists = await listVelero(kube, namespace).catch((error: unknown): VeleroLists => ({ backups: noSuchKind(error), schedules: [], locations: [] }));
    const repositories = await kube
      .list({ ...REPOSITORY, namespace })
      .catch((error: unknown) => (errorCode(error) === 'kube.forbidden' ? [] : noSuchKind(error)));
    const asked = lists.schedules.filter(({ name }) => params.schedule === undefined || name === params.schedule);
    const verified = asked.map((schedule) => verifySchedule(schedule, { ...lists, nowMs, secondCopy }));
    const broken = [
      ...lists.locations.filter((location) => !isAvailable(location)).map(({ name, phase }) => `the storage "${name}" is ${phase || 'not looked at'}`),
      ...repositories.flatMap((found) => repositoryProblem(readRepository(found)) ?? []),
    ];
    const bad = verified.filter((one) => one.bad.length > 0);
    const finding = findingOf({ verified, bad, broken, page: params.page });
    return {
      finding,
      facts: {
        schedules: asked.length,
        bad: bad.map(({ schedule }) => schedule),
        odd: verified.filter(({ odd }) => odd.length > 0).map(({ schedule }) => schedule),
      },
      evidence: [finding.reason, ...verified.flatMap(linesOf), ...broken],
    };
  },
});

type Answer = { readonly verified: readonly Verified[]; readonly bad: readonly Verified[]; readonly broken: readonly string[]; readonly page: boolean };

function findingOf({ verified, bad, broken, page }: Answer): Finding {
  const [first] = bad;
  if (verified.length === 0) return { kind: 'act', reason: 'there is no schedule here: nothing is backed up by one' };
  if (first === undefined && broken.length === 0) return { kind: 'act', reason: `the backups of ${counted(verified.length, 'schedule')} can be relied on` };
  const more = bad.length > 1 ? `, and ${bad.length - 1} more` : '';
  const what = first === undefined ? (broken[0] ?? '') : `${first.schedule}: ${first.bad[0] ?? ''}${more}`;
  const reason = `${bad.length} of ${counted(verified.length, 'schedule')} cannot be relied on; ${what}`;
  if (!page) return { kind: 'act', reason };
  return {
    kind: 'hand-over',
    reason,
    hints: [
      ...bad.map(({ schedule }) => `Why, and what gives a fresh one: salvor run backup-stale --param schedule=${schedule}`).slice(0, 5),
      ...(broken.length > 0 ? ['What is wrong with the storage: salvor run repo-diagnose'] : []),
    ],
  };
}

function linesOf({ schedule, bad, odd, fine }: Verified): readonly string[] {
  const state = bad.length > 0 ? 'FAILED' : odd.length > 0 ? 'look' : 'fine';
  return [`${state}: ${schedule}`, ...[...bad, ...odd, ...fine].map((line) => `  ${line}`)];
}
