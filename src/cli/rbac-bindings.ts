import { isDnsLabel, isDnsSubdomain } from '../domain/kube-name.ts';
import type { Permission } from '../domain/permission.ts';
import { clusterRole, isOwn, rulesOf } from './rbac-rules.ts';

type Manifest = { readonly [field: string]: unknown };

/** `namespace/name`. */
export function isAccount(text: string): boolean {
  const [namespace = '', name = '', ...rest] = text.split('/');
  return rest.length === 0 && isDnsLabel(namespace) && isDnsSubdomain(name);
}

/**
 * What gives a service account its rights, no wider than they are needed: the ClusterRole in the namespaces that are known, and another one everywhere
 * for what is needed everywhere, the engine's own rights included.
 */
export function bindings(account: string, permissions: readonly Permission[]): readonly Manifest[] {
  const [namespace = '', name = ''] = account.split('/');
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const everywhere = permissions.filter((permission) => permission.namespace === undefined);
  const namespaces = [...new Set(permissions.filter((permission) => !isOwn(permission)).flatMap((permission) => permission.namespace ?? []))];
  if (namespaces.length === 0) return [binding('ClusterRoleBinding', { name: 'salvor' }, { role: 'salvor', subjects })];
  const wide = everywhere.some((permission) => !isOwn(permission)) ? 'salvor-everywhere' : 'salvor-itself';
  return [
    clusterRole(wide, rulesOf(everywhere)),
    binding('ClusterRoleBinding', { name: wide }, { role: wide, subjects }),
    ...namespaces.map((at) => binding('RoleBinding', { name: 'salvor', namespace: at }, { role: 'salvor', subjects })),
  ];
}

type Binding = { readonly role: string; readonly subjects: readonly Manifest[] };

function binding(kind: 'ClusterRoleBinding' | 'RoleBinding', metadata: Manifest, { role, subjects }: Binding): Manifest {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, roleRef, subjects };
}
