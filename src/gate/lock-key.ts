/** `<cluster>/<Kind>/<namespace>/<name>`: what a run locks. Cluster-scoped kinds have an empty namespace: `prod/Node//w1`. */
export type LockKey = { readonly cluster: string; readonly kind: string; readonly namespace: string; readonly name: string };

/** The one way to write a lock key: the lock on a whole cluster is always `prod/Cluster//prod`, a namespace's is `prod/Namespace//shop`. */
export function lockKey(of: { readonly cluster: string; readonly kind: string; readonly namespace?: string; readonly name: string }): string {
  const { cluster, kind } = of;
  if (kind === 'Cluster') return `${cluster}/Cluster//${cluster}`;
  if (kind === 'Namespace') return `${cluster}/Namespace//${of.name}`;
  return `${cluster}/${kind}/${of.namespace ?? ''}/${of.name}`;
}

/** Undefined where the text has not the four parts. */
export function parseLockKey(key: string): LockKey | undefined {
  const parts = key.split('/');
  const [cluster, kind, namespace, name] = parts;
  if (parts.length !== 4 || cluster === undefined || kind === undefined || namespace === undefined || name === undefined) return undefined;
  return { cluster, kind, namespace, name };
}

/** The keys of everything that a key lies in, the nearest first: its namespace, then its cluster. */
export function containersOf(key: string): readonly string[] {
  const parsed = parseLockKey(key);
  if (parsed === undefined || parsed.kind === 'Cluster') return [];
  const cluster = lockKey({ cluster: parsed.cluster, kind: 'Cluster', name: parsed.cluster });
  if (parsed.kind === 'Namespace' || parsed.namespace === '') return [cluster];
  return [lockKey({ cluster: parsed.cluster, kind: 'Namespace', name: parsed.namespace }), cluster];
}

/** True for keys that others can lie in. */
export function isContainer(key: string): boolean {
  const kind = parseLockKey(key)?.kind;
  return kind === 'Cluster' || kind === 'Namespace';
}

/** Two runs may not hold both: the same key, or one lies in the other. */
export function conflicts(one: string, other: string): boolean {
  return one === other || containersOf(one).includes(other) || containersOf(other).includes(one);
}
