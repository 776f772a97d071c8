import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { noSuchKind } from '../src/action/failure-files.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DEFAULT_NAMESPACE, locationsQuery } from '../src/domain/velero/kinds.ts';
import { isAvailable } from '../src/domain/velero/location.ts';
import { type LocationSetup, locationFinding, locationLine, readLocationSetup } from '../src/domain/velero/location-setup.ts';
import { REPOSITORY, readRepository, repositoryProblem } from '../src/domain/velero/repository.ts';
import { counted } from '../src/model/counted.ts';
import { errorCode } from '../src/model/error.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
const Keys = z.looseObject({ data: z.record(z.string(), z.unknown()).optional() });

/**
 * Why a backup storage cannot be used: its phase and the class of its message, whether Velero still looks, whether the Secret that it names exists, and
 * whether the repositories in it can be opened. Of a Secret only the names of its keys are looked at, and only where an operator gave that right.
 */
export const locationDiagnose = diagnosis({
  id: 'location.diagnose',
  summary: 'Find out why a backup storage cannot be used',
  needs: ['list backupstoragelocations.velero.io'],
  optional: ['list backuprepositories.velero.io'],
  offByDefault: ['get secrets'],
  params: z.strictObject({ location: Name.optional(), namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({ locations: z.number(), unavailable: z.array(z.string()), repositories: z.number(), broken: z.array(z.string()) }),

  async run({ params, kube, nowMs }) {
    const { namespace } = params;
    const all = (await kube.list(locationsQuery(namespace)).catch(noSuchKind)).map(readLocationSetup);
    const asked = params.location === undefined ? all : all.filter(({ name }) => name === params.location);
    const repositories = (
      await kube.list({ ...REPOSITORY, namespace }).catch((error: unknown) => (errorCode(error) === 'kube.forbidden' ? [] : noSuchKind(error)))
    )
      .map(readRepository)
      .filter(({ location }) => params.location === undefined || location === params.location);
    const broken = repositories.flatMap((one) => repositoryProblem(one) ?? []);
    const secrets = await Promise.all(asked.filter((one) => !isAvailable(one)).map((one) => secretLine(kube, namespace, one)));
    const finding = findingOf({ asked, all, broken, name: params.location, nowMs });
    return {
      finding,
      facts: {
        locations: asked.length,
        unavailable: asked.filter((one) => !isAvailable(one)).map(({ name }) => name),
        repositories: repositories.length,
        broken,
      },
      evidence: [
        finding.reason,
        ...asked.map(locationLine),
        ...secrets,
        `${counted(repositories.length, 'repository')}`.replace('repositorys', 'repositories'),
        ...broken,
      ],
    };
  },
});

type Sight = {
  readonly asked: readonly LocationSetup[];
  readonly all: readonly LocationSetup[];
  readonly broken: readonly string[];
  readonly name: string | undefined;
  readonly nowMs: number;
};

function findingOf({ asked, all, broken, name, nowMs }: Sight): Finding {
  if (asked.length === 0) {
    const there = all.map((one) => one.name).join(', ') || 'none';
    return {
      kind: 'hand-over',
      reason: name === undefined ? 'there is no backup storage location' : `there is no backup storage location ${name}; there are: ${there}`,
      hints: ['Look at what exists: velero backup-location get'],
    };
  }
  const findings = asked.flatMap((location) => locationFinding(location, nowMs) ?? []);
  const worst = findings.find(({ kind }) => kind === 'hand-over') ?? findings[0];
  if (worst !== undefined) return worst;
  const [first] = broken;
  if (first !== undefined) {
    const hints = [
      'A lock that an ended mover left goes by itself after a while; a wrong password or a bucket that was emptied does not',
      'Volumes of file systems and data movers are in repositories: until it opens none of them is copied or restored',
    ];
    return { kind: 'hand-over', reason: first, hints };
  }
  return { kind: 'recovered', reason: `${asked.map((one) => `"${one.name}"`).join(', ')}: Available` };
}

async function secretLine(kube: Prober, namespace: string, { name: location, credential: { name, key } }: LocationSetup): Promise<string> {
  const what = `the Secret ${name} of "${location}"`;
  const mine = await kube.mayI({ verb: 'get', group: '', resource: 'secrets', namespace, name });
  if (!mine) return `whether ${what} exists was not looked at (Salvor may not read Secrets): kubectl -n ${namespace} get secret ${name}`;
  const found = await kube.find({ apiVersion: 'v1', kind: 'Secret', namespace, name });
  if (found === undefined) return `${what} does not exist`;
  return Object.hasOwn(Keys.safeParse(found).data?.data ?? {}, key) ? `${what} exists and has the key ${key}` : `${what} exists, and has no key ${key}`;
}
