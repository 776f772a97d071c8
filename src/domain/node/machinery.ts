import { errorCode } from '../../model/error.ts';
import type { KubeObject, ObjectRef } from '../../model/object.ts';

type Query = { readonly apiVersion: string; readonly kind: string };
type Reading = {
  list(query: Query): Promise<readonly KubeObject[]>;
  find(ref: ObjectRef): Promise<KubeObject | undefined>;
};

/** Reads kinds that a cluster may not serve, or not let us see. */
export type Optional = {
  /** Undefined: not served, or not ours to see. `what` is not known then. */
  list(query: Query, what: string): Promise<readonly KubeObject[] | undefined>;
  find(ref: ObjectRef, what: string): Promise<KubeObject | undefined>;
  /** What could not be seen for want of a right, one line each. */
  missing(): readonly string[];
};

export function readingWhatIsThere(kube: Reading): Optional {
  const missing: string[] = [];
  const ask = async <T>(kind: string, what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      const code = errorCode(error);
      if (code === 'kube.not-found' || code === 'kube.unknown-kind') return undefined;
      if (code !== 'kube.forbidden') throw error;
      missing.push(`${what} is not known: ${kind} may not be read`);
      return undefined;
    }
  };
  return {
    list: (query, what) => ask(query.kind, what, () => kube.list(query)),
    find: (ref, what) => ask(ref.kind, what, () => kube.find(ref)),
    missing: () => missing,
  };
}

const HEALTH_CHECKS: readonly Query[] = [
  { apiVersion: 'remediation.medik8s.io/v1alpha1', kind: 'NodeHealthCheck' },
  { apiVersion: 'self-node-remediation.medik8s.io/v1alpha1', kind: 'SelfNodeRemediation' },
  { apiVersion: 'fence-agents-remediation.medik8s.io/v1alpha1', kind: 'FenceAgentsRemediation' },
];
const UPGRADES: Query = { apiVersion: 'config.openshift.io/v1', kind: 'ClusterVersion' };

/** What in the cluster repairs, replaces or upgrades nodes, as far as it is about this one or about all. */
export async function machineryOf(optional: Optional, node: KubeObject): Promise<readonly KubeObject[]> {
  const lists = [...HEALTH_CHECKS, UPGRADES].map((query) =>
    optional.list(query, query === UPGRADES ? 'whether an upgrade is under way' : 'whether a health check is at work on it'),
  );
  const machines = machinesOf(node).map((ref) => optional.find(ref, 'whether its machine is being replaced'));
  const found = await Promise.all([...lists, ...machines.map(async (one) => one.then((object) => (object === undefined ? [] : [object])))]);
  return found.flatMap((objects) => objects ?? []);
}

/** The objects that stand for its machine, by what their controllers write on the Node. */
function machinesOf({ metadata: { annotations = {}, ownerReferences = [] } }: KubeObject): readonly ObjectRef[] {
  const [namespace, name] = (annotations['machine.openshift.io/machine'] ?? '').split('/');
  const cluster = { namespace: annotations['cluster.x-k8s.io/cluster-namespace'], name: annotations['cluster.x-k8s.io/machine'] };
  const claim = ownerReferences.find(({ kind }) => kind === 'NodeClaim');
  return [
    ...(namespace && name ? [{ apiVersion: 'machine.openshift.io/v1beta1', kind: 'Machine', namespace, name }] : []),
    // In the cluster that manages this one, as a rule; in one that manages itself it is here.
    ...(cluster.namespace && cluster.name
      ? ['v1beta1', 'v1beta2'].map((version) => ({
          apiVersion: `cluster.x-k8s.io/${version}`,
          kind: 'Machine',
          namespace: cluster.namespace ?? '',
          name: cluster.name ?? '',
        }))
      : []),
    ...(claim === undefined ? [] : [{ apiVersion: claim.apiVersion, kind: 'NodeClaim', name: claim.name }]),
  ];
}
