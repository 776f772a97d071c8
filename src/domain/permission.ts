/** One right to do one thing to one kind, as RBAC and access reviews know it. */
export type Permission = {
  readonly verb: string;
  /** Empty: the core group. */
  readonly group: string;
  /** In the plural, with its subresource: `pods/eviction`. */
  readonly resource: string;
  /** Absent: everywhere, or of a kind that is in no namespace. */
  readonly namespace?: string;
  readonly name?: string;
};

/** `patch nodes`, `create backups.velero.io`, `create pods/eviction`. */
export const NEED = /^(get|list|watch|create|update|patch|delete) ([a-z][a-z0-9-]*)(?:\/([a-z]+))?(?:\.([a-z0-9-]+(?:\.[a-z0-9-]+)*))?$/;

/** What an action's need asks of a cluster, everywhere. */
export function permissionOf(need: string): Permission {
  const [, verb = '', plural = '', below, group = ''] = NEED.exec(need) ?? [];
  return { verb, group, resource: below === undefined ? plural : `${plural}/${below}` };
}

/** `create backups.velero.io in velero`: the one name of a missing right, wherever it is told. */
export function permissionText({ verb, group, resource, namespace, name }: Permission): string {
  const what = `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
  // The namespace of a Namespace is itself.
  if (resource === 'namespaces') return name === undefined ? what : `${what} ${name}`;
  return namespace === undefined ? what : `${what} in ${namespace}`;
}

/** The engine itself: it recognises a rebuilt cluster by the uid of kube-system, and asks what it may do before it does it. */
export const OWN_PERMISSIONS = {
  uid: { verb: 'get', group: '', resource: 'namespaces', namespace: 'kube-system', name: 'kube-system' },
  reviews: { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' },
} as const satisfies { readonly [name: string]: Permission };

/** Kinds that change without meaning anything for a run that waits: nobody watches them. */
export const UNWATCHED: ReadonlySet<string> = new Set(['Event', 'Lease', 'DownloadRequest', 'ServerStatusRequest']);
const UNWATCHED_PLURALS: ReadonlySet<string> = new Set([...UNWATCHED].map((kind) => `${kind.toLowerCase()}s`));

/** What a run that waits needs to hear of changes of what it has read: it lists the kind and then watches it. */
export function watchPermissions({ verb, group, resource, namespace }: Permission): readonly Permission[] {
  if ((verb !== 'get' && verb !== 'list') || resource.includes('/') || UNWATCHED_PLURALS.has(resource)) return [];
  const where = { group, resource, ...(namespace === undefined ? {} : { namespace }) };
  return [
    { verb: 'list', ...where },
    { verb: 'watch', ...where },
  ];
}

/** What gives a right that is missing. */
export const GIVE_RIGHTS = 'salvor rbac | kubectl apply -f -';

const REFUSED =
  /^\S+(?: "(?<name>[^"]*)")? is forbidden: User "(?<user>[^"]*)" cannot (?<verb>[a-z]+) resource "(?<resource>[a-z0-9/.-]+)" in API group "(?<group>[^"]*)" (?:in the namespace "(?<namespace>[^"]*)"|at the cluster scope)/;

/** RBAC's refusal in our words; undefined for any other (a quota, a webhook, a namespace that ends). */
export function refusedText(message: string): string | undefined {
  const found = REFUSED.exec(message)?.groups;
  if (found === undefined) return undefined;
  const { user = '', verb = '', resource = '', group = '', namespace, name } = found;
  const permission = { verb, group, resource, ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
  return `${user} may not ${permissionText(permission)}; ${GIVE_RIGHTS} gives the right`;
}

/** A 401: it says nothing of which of these it is. */
export const NOT_SIGNED_IN = 'does not accept our token or client certificate (401): it is expired, revoked, or of another cluster';
