import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { BUDGETS } from '../node/kinds.ts';
import { readVolume } from '../volume/volume.ts';
import { budgetsOf, readBudget } from './budget.ts';
import { livingPods } from './owner.ts';
import { type Pod, readPod } from './pod.ts';
import { reasonsToAsk } from './restart-rule.ts';

/** Such volumes can be at several machines at once. */
const SHARED: ReadonlySet<string> = new Set(['ReadWriteMany', 'ReadOnlyMany']);

type Prober = {
  list(query: typeof BUDGETS): Promise<readonly KubeObject[]>;
  find(ref: ObjectRef): Promise<KubeObject | undefined>;
  mayEvict(pod: Pick<Pod, 'namespace' | 'name'>): Promise<{ readonly allowed: true } | { readonly allowed: false; readonly reason: string }>;
};

/** What stands beside a pod, as far as its restart asks. */
export type Beside = {
  /** The other pods of its controller that are to stay. */
  readonly others: readonly Pod[];
  readonly budgets: readonly string[];
  /** What its budgets say to a dry run; undefined: they let it go. */
  readonly refused: string | undefined;
  /** Why a person has to say yes to its restart; empty: the rule for a restart by itself holds. */
  readonly reasons: readonly string[];
};

/** Needs `list pods`, `get persistentvolumeclaims`, `list poddisruptionbudgets.policy` and `create pods/eviction` (a dry run). */
export async function readBeside(kube: Prober, pod: Pod, nowMs: number): Promise<Beside> {
  const { namespace } = pod;
  const [pods, budgets, claims, eviction] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Pod', namespace }),
    kube.list({ ...BUDGETS, namespace }),
    Promise.all(pod.claims.map(async (name) => ({ name, claim: await kube.find({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name }) }))),
    kube.mayEvict(pod),
  ]);
  const others = livingPods(pods.map(readPod), pod.owner?.uid ?? '').filter(({ uid }) => uid !== pod.uid);
  const ownData = claims
    .filter(({ claim }) => claim === undefined || !readVolume(claim, undefined).access.some((mode) => SHARED.has(mode)))
    .map(({ name }) => name);
  return {
    others,
    budgets: budgetsOf(pod, budgets.map(readBudget)).map(({ name }) => name),
    refused: eviction.allowed ? undefined : eviction.reason,
    reasons: reasonsToAsk({ pod, others, ownData, eviction, nowMs }),
  };
}
