import { OWN_PERMISSIONS, type Permission, permissionText } from '../domain/permission.ts';

export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

/** Rights as RBAC rules: one per API group and set of verbs, the engine's own last. */
export function rulesOf(permissions: readonly Permission[]): readonly Rule[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const permission of permissions) {
    if (isOwn(permission)) continue;
    const { verb, group, resource } = permission;
    const key = `${group} ${resource}`;
    verbsOf.set(key, (verbsOf.get(key) ?? new Set()).add(verb));
  }
  const resourcesOf = new Map<string, string[]>();
  for (const [key, verbs] of [...verbsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [group = '', resource = ''] = key.split(' ');
    const together = `${group} ${[...verbs].sort((a, b) => VERBS.indexOf(a) - VERBS.indexOf(b)).join(',')}`;
    resourcesOf.set(together, [...(resourcesOf.get(together) ?? []), resource]);
  }
  const rules = [...resourcesOf].map(([key, resources]) => {
    const [group = '', verbs = ''] = key.split(' ');
    return { apiGroups: [group], resources, verbs: verbs.split(',') };
  });
  return [...rules, ...OWN_RULES];
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** The engine's own rights, which it has whatever the playbooks are. */
export function isOwn(permission: Permission): boolean {
  return Object.values(OWN_PERMISSIONS).some((own) => permissionText(own) === permissionText(permission));
}

/** What the engine itself needs, whatever the playbooks are. */
const OWN_RULES: readonly Rule[] = Object.values(OWN_PERMISSIONS).map(({ group, resource, verb, ...rest }) => ({
  apiGroups: [group],
  resources: [resource],
  ...('name' in rest ? { resourceNames: [rest.name] } : {}),
  verbs: [verb],
}));

export function clusterRole(name: string, rules: readonly Rule[]): { readonly [field: string]: unknown } {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules };
}
