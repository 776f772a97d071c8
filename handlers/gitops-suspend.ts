import { type KubeObject, type RemediationAction, remediation, z } from '../src/action/contract.ts';
import { FIRST_NEEDS, LOOKED_AT, MORE_NEEDS } from '../src/domain/velero/restore/looked-at.ts';
import { NamespaceName } from '../src/domain/velero/restore/params.ts';
import { fieldOf, readSuspension, SUSPEND_MARK, setField, setOwnerOf, suspendText, switchOf, writersInto } from '../src/domain/velero/restore/suspension.ts';
import { SalvorError } from '../src/model/error.ts';
import { objectName, refOf } from '../src/model/object.ts';

type Reader = Parameters<RemediationAction['verify']>[0]['kube'];
type Prober = Parameters<RemediationAction['plan']>[0]['kube'];

const KINDS = [
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', plural: 'applications.argoproj.io' },
  { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', plural: 'kustomizations.kustomize.toolkit.fluxcd.io' },
  { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', plural: 'helmreleases.helm.toolkit.fluxcd.io' },
] as const;
const verbs = (verb: string): readonly string[] => KINDS.map(({ plural }) => `${verb} ${plural}`);

/**
 * Keep GitOps from putting its own state back into a namespace while it is worked on. Its rollback, which a playbook asks for at every end, lets it go
 * again exactly as it was; one that somebody let go of meanwhile is left to them.
 *
 * Writes  spec.syncPolicy.automated of Applications, spec.suspend of Kustomizations and HelmReleases; with an annotation that keeps the value before.
 * Voids   an approval when other ones write into the namespace.
 * Source  Argo CD, "Automated Sync Policy"; Flux, "suspend". A parent Kustomization applies its children again unsuspended, so it is suspended, too.
 */
export const gitopsSuspend = remediation({
  id: 'gitops.suspend',
  summary: 'Keep GitOps from writing into a namespace for a while, and let it go again as it was',
  risk: 'reversible',
  needs: FIRST_NEEDS,
  optional: [...MORE_NEEDS, ...verbs('list'), ...verbs('get')],
  // Who may patch an Application says what is deployed from where: an operator gives these on purpose.
  offByDefault: verbs('patch'),
  params: z.strictObject({ target: NamespaceName }),
  result: z.strictObject({ suspended: z.array(z.string()) }),

  async plan({ params, kube, stepKey }) {
    const { writers, ours, unseen } = await look(kube, params.target, stepKey);
    const all = [...ours, ...writers];
    await mayPatch(kube, all);
    const changes = all.map((owner) => {
      const from = readSuspension(owner, stepKey)?.was ?? switchOf(owner)?.was ?? null;
      return { verb: 'patch', object: objectName(refOf(owner)), field: fieldOf(owner), from, to: owner.kind === 'Application' ? null : true } as const;
    });
    const sets = all.flatMap((owner) =>
      setOwnerOf(owner) === undefined ? [] : [`${owner.metadata.name} belongs to the ApplicationSet ${setOwnerOf(owner)}, which may start it again at once`],
    );
    return {
      summary: changes.length === 0 ? `No GitOps writes into ${params.target}` : `Suspend what writes into ${params.target}: ${names(all)}`,
      changes,
      undo: changes.map((change) => ({ ...change, from: change.to, to: change.from })),
      facts: { owners: all.map(({ metadata }) => metadata.uid ?? '').sort() },
      notes: [
        ...(changes.length === 0 ? [] : ['They go on exactly as before at every end of this run, good or bad']),
        ...sets,
        ...unseen.map((plural) => `Whether ${plural} write there could not be seen: Salvor has no right to list them`),
      ],
    };
  },

  async execute({ params, kube, stepKey }) {
    const { writers, ours } = await look(kube, params.target, stepKey);
    for (const owner of writers) {
      const before = switchOf(owner);
      if (before === undefined) continue;
      const { uid = '', resourceVersion } = owner.metadata;
      const mark = { metadata: { annotations: { [SUSPEND_MARK]: suspendText(stepKey, before.was) } } };
      const only = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      await kube.patch(refOf(owner), { ...mark, ...setField(before.field, before.is) }, only);
    }
    return { suspended: [...ours, ...writers].map(named).sort() };
  },

  async verify({ params, kube, result }) {
    const { writers } = await look(kube, params.target, '');
    const awake = writers.filter((owner) => result.suspended.includes(named(owner)));
    if (awake.length > 0) return { ok: false, reason: `started again by somebody else: ${names(awake)}` };
    return { ok: true, evidence: [result.suspended.length === 0 ? 'no GitOps writes there' : `suspended: ${result.suspended.join(', ')}`] };
  },

  async rollback({ params, kube, stepKey }) {
    const { ours } = await look(kube, params.target, stepKey);
    for (const owner of ours) {
      const was = readSuspension(owner, stepKey)?.was ?? null;
      // Somebody let it go by hand: that stays as they want it.
      const back = switchOf(owner) === undefined ? setField(fieldOf(owner), was) : {};
      await kube.patch(refOf(owner), { metadata: { annotations: { [SUSPEND_MARK]: null } }, ...back }, { uid: owner.metadata.uid ?? '' });
    }
    return { kind: 'undone', evidence: ours.length === 0 ? 'nothing is suspended by this step' : `${names(ours)} go on as before` };
  },
});

const named = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
const names = (owners: readonly KubeObject[]): string => owners.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ');

type Looked = {
  readonly writers: readonly KubeObject[];
  readonly ours: readonly KubeObject[];
  /** Kinds that nobody here may list. */
  readonly unseen: readonly string[];
};

/** Who writes into the namespace now, and whom this step has suspended. */
async function look(kube: Reader, target: string, key: string): Promise<Looked> {
  const lists = await Promise.all(KINDS.map(async ({ apiVersion, kind, plural }) => [plural, await served(kube.list({ apiVersion, kind }))] as const));
  const unseen = lists.flatMap(([plural, list]) => (list === undefined ? [plural] : []));
  const owners = lists.flatMap(([, list]) => list ?? []);
  if (owners.length === 0) return { writers: [], ours: [], unseen };
  const objects = await Promise.all(LOOKED_AT.map(({ apiVersion, kind }) => served(kube.list({ apiVersion, kind, namespace: target }))));
  const ours = owners.filter((owner) => readSuspension(owner, key) !== undefined);
  const there = objects.flatMap((list) => list ?? []);
  return { ours, writers: writersInto(owners, target, there).filter((owner) => !ours.includes(owner)), unseen };
}

async function mayPatch(kube: Prober, owners: readonly KubeObject[]): Promise<void> {
  for (const { apiVersion, kind } of KINDS) {
    const own = owners.filter((owner) => owner.kind === kind);
    const [group = ''] = apiVersion.split('/');
    const resource = `${kind.toLowerCase()}s`;
    for (const namespace of new Set(own.map(({ metadata }) => metadata.namespace ?? '')))
      if (!(await kube.mayI({ verb: 'patch', group, resource, namespace })))
        throw new SalvorError(
          'request.invalid',
          `${names(own)} would put back their own state, and Salvor has no right to suspend them. Give it: salvor rbac --with gitops.suspend | kubectl apply -f -`,
        );
  }
}

/** A kind that is not served has nobody; undefined where it is not ours to see. */
async function served(list: Promise<readonly KubeObject[]>): Promise<readonly KubeObject[] | undefined> {
  try {
    return await list;
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    if (error.code === 'kube.not-found' || error.code === 'kube.unknown-kind') return [];
    if (error.code === 'kube.forbidden') return undefined;
    throw error;
  }
}
