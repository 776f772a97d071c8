import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { fetchFile } from '../src/action/failure-files.ts';
import { listVelero, type VeleroLists } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { newestFirst } from '../src/domain/velero/backup.ts';
import { readVolumeInfos } from '../src/domain/velero/backup-files.ts';
import { type Basis, type Coverage, coverageOf, type Gap } from '../src/domain/velero/covered/coverage.ts';
import { expectedClaims, expectedNamespaces, isLeftOut, labelOf, listOf } from '../src/domain/velero/covered/expected.ts';
import { DEFAULT_NAMESPACE, labelValue } from '../src/domain/velero/kinds.ts';
import { namespacesIn, readContents } from '../src/domain/velero/restore/contents.ts';
import { floorOf } from '../src/domain/velero/retention/floor.ts';
import { familyOf } from '../src/domain/velero/retention/guards.ts';
import { counted } from '../src/model/counted.ts';
import { Duration, formatDuration } from '../src/model/duration.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
/** What belongs to the cluster itself is made anew with it. */
const NOT_EXPECTED = 'kube-system,kube-public,kube-node-lease';
/** Each list is a question to Velero of a second or two; what is beyond is judged by its spec. */
const MOST_READ = 12;
const MOST_GAPS = 40;

/**
 * What ought to be in a backup and is in none: the namespaces of the cluster and their volumes against what the newest backup of each schedule really
 * holds, by its own lists. Whether its data can be restored only a restore shows.
 *
 * Writes  nothing but DownloadRequests, which it takes away again.
 */
export const backupCoverage = diagnosis({
  id: 'backup.coverage',
  summary: 'Say which namespaces and volumes are in no backup, and what puts them there',
  needs: [
    'list backups.velero.io',
    'list schedules.velero.io',
    'list backupstoragelocations.velero.io',
    'create downloadrequests.velero.io',
    'get downloadrequests.velero.io',
    'delete downloadrequests.velero.io',
  ],
  everywhere: { needs: ['list namespaces', 'list persistentvolumeclaims'] },
  timeoutMs: 180_000,
  params: z.strictObject({
    /** `shop, pay-*`; absent: all. */
    namespaces: z.string().optional(),
    except: z.string().default(NOT_EXPECTED),
    /** `tier=gold`: only namespaces with this label. */
    label: z.string().optional(),
    schedule: Name.optional(),
    /** A backup that is older covers nothing. */
    within: Duration.optional(),
    namespace: Name.default(DEFAULT_NAMESPACE),
  }),
  facts: z.strictObject({
    namespaces: z.number(),
    volumes: z.number(),
    missingNamespaces: z.array(z.string()),
    missingVolumes: z.array(z.string()),
    unsure: z.array(z.string()),
  }),

  async run({ params, kube, nowMs }) {
    const { namespace, schedule, within } = params;
    const lists = await listVelero(kube, namespace);
    const [foundNamespaces, foundClaims] = await Promise.all([
      kube.list({ apiVersion: 'v1', kind: 'Namespace' }),
      kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
    ]);
    const scope = { names: listOf(params.namespaces), except: [...listOf(params.except), namespace], label: labelOf(params.label) };
    const namespaces = expectedNamespaces(foundNamespaces, scope);
    const claims = expectedClaims(foundClaims, namespaces);
    const newest = newestOfEach(lists, { nowMs, schedule });
    const young = newest.filter(({ backup }) => within === undefined || nowMs - backup.madeMs <= within);
    const { bases, missing } = await readBases(kube, young);
    const schedules = lists.schedules.filter(({ name }) => schedule === undefined || name === schedule);
    const coverage = coverageOf({ namespaces, claims, bases, schedules });
    const reason = reasonOf(coverage, { namespaces: namespaces.length, volumes: claims.filter(({ isBound }) => isBound).length });
    const finding: Finding = { kind: 'act', reason };
    const names = (what: Gap['what']) => coverage.gaps.filter((one) => one.what === what).map(({ name }) => name);
    const leftOut = [...foundNamespaces, ...foundClaims].filter(isLeftOut).length;
    return {
      finding,
      facts: {
        namespaces: namespaces.length,
        volumes: claims.length,
        missingNamespaces: names('namespace'),
        missingVolumes: names('volume'),
        unsure: [...coverage.unsure],
      },
      evidence: [
        reason,
        ...coverage.gaps.slice(0, MOST_GAPS).map(({ what, name, why, fix, passing }) => `${passing ? 'soon' : 'MISSING'}: ${what} ${name}: ${why}. ${fix}`),
        ...(coverage.gaps.length > MOST_GAPS ? [`and ${coverage.gaps.length - MOST_GAPS} more`] : []),
        ...bases.map(basisLine),
        ...newest
          .filter((one) => !young.includes(one))
          .map(({ schedule: of, backup }) => `${of}: ${backup.name} is ${formatDuration(nowMs - backup.madeMs)} old and covers nothing here`),
        ...(coverage.unsure.length === 0 ? [] : [`by the spec of a backup alone, since its lists could not be read: ${coverage.unsure.join(', ')}`]),
        ...missing,
        ...(leftOut === 0 ? [] : [`${counted(leftOut, 'object')} left out on purpose, by velero.io/exclude-from-backup`]),
      ],
    };
  },
});

/** Of each schedule the backup that a restore would begin with. */
function newestOfEach({ backups }: VeleroLists, { nowMs, schedule }: { readonly nowMs: number; readonly schedule: string | undefined }): readonly Basis[] {
  const families = [...Map.groupBy(backups, familyOf)].filter(([of]) => of !== undefined && (schedule === undefined || of === labelValue(schedule)));
  const bases = families.flatMap(([of = '', family]): readonly Basis[] => {
    const { newest } = floorOf(family, 1, nowMs);
    return newest === undefined ? [] : [{ schedule: of, backup: newest }];
  });
  const order = newestFirst(bases.map(({ backup }) => backup));
  return bases.sort((a, b) => order.indexOf(a.backup) - order.indexOf(b.backup));
}

async function readBases(kube: Prober, newest: readonly Basis[]): Promise<{ readonly bases: readonly Basis[]; readonly missing: readonly string[] }> {
  const bases: Basis[] = [];
  const missing: string[] = [];
  for (const [at, basis] of newest.entries()) {
    if (at >= MOST_READ) {
      bases.push(basis);
      continue;
    }
    const { namespace, name } = basis.backup;
    const list = await fetchFile(kube, { namespace, kind: 'BackupResourceList', name });
    const infos = await fetchFile(kube, { namespace, kind: 'BackupVolumeInfos', name });
    missing.push(...[list.missing, infos.missing].flatMap((why) => (why === undefined ? [] : [`${name}: ${why}`])));
    bases.push({
      ...basis,
      contents: list.text === undefined ? undefined : readContents(list.text),
      volumes: infos.text === undefined ? undefined : readVolumeInfos(infos.text),
    });
  }
  return { bases, missing };
}

function reasonOf({ gaps, unsure }: Coverage, all: { readonly namespaces: number; readonly volumes: number }): string {
  const what = `${counted(all.namespaces, 'namespace')} and ${counted(all.volumes, 'volume')}`;
  const doubt = unsure.length === 0 ? '' : `; of ${counted(unsure.length, 'namespace')} only by the spec of a backup`;
  const [first] = gaps;
  if (first === undefined) return `of ${what} none is missing${doubt}`;
  const count = (of: Gap['what']): number => gaps.filter((one) => one.what === of).length;
  const missing = [count('namespace') && counted(count('namespace'), 'namespace'), count('volume') && counted(count('volume'), 'volume')]
    .filter(Boolean)
    .join(' and ');
  return `of ${what} ${missing} ${gaps.length === 1 ? 'is' : 'are'} in no backup; ${first.name}: ${first.why}${doubt}`;
}

function basisLine({ schedule, backup, contents, volumes }: Basis): string {
  if (contents === undefined) return `${schedule}: ${backup.name} (${backup.phase}), not looked into`;
  const data = (volumes ?? []).filter(({ skipped, result }) => skipped === undefined && result !== 'failed').length;
  return `${schedule}: ${backup.name} (${backup.phase}) holds ${counted(contents.length, 'object')} of ${counted(namespacesIn(contents).length, 'namespace')}, data of ${counted(data, 'volume')}`;
}
