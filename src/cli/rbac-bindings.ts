import { isDnsLabel, isDnsSubdomain } from '../domain/kube-name.ts';
import type { Permission } from '../domain/permission.ts';
import { clusterRole, isOwn, OWN_RULES } from './rbac-rules.ts';

type Manifest = { readonly [field: string]: unknown };

/** `namespace/name`. */
export function isAccount(text: string): boolean {
  const [namespace = '', name = '', ...rest] = text.split('/');
  return rest.length === 0 && isDnsLabel(namespace) && isDnsSubdomain(name);
}

/**
 * What gives the ClusterRole to a service account, no wider than its rights are needed: in the namespaces that are known, and what is the
 * engine's own everywhere. Where one right is needed everywhere, the whole role is bound everywhere.
 */
export function bindings(account: string, permissions: readonly Permission[]): readonly Manifest[] {
  const [namespace = '', name = ''] = account.split('/');
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const namespaces = [...new Set(permissions.filter((permission) => !isOwn(permission)).map((permission) => permission.namespace))];
  if (namespaces.includes(undefined)) return [binding('ClusterRoleBinding', { name: 'salvor' }, { role: 'salvor', subjects })];
  return [
    clusterRole('salvor-itself', OWN_RULES),
    binding('ClusterRoleBinding', { name: 'salvor-itself' }, { role: 'salvor-itself', subjects }),
    ...namespaces.flatMap((at) => (at === undefined ? [] : [binding('RoleBinding', { name: 'salvor', namespace: at }, { role: 'salvor', subjects })])),
  ];
}

type Binding = { readonly role: string; readonly subjects: readonly Manifest[] };

function binding(kind: 'ClusterRoleBinding' | 'RoleBinding', metadata: Manifest, { role, subjects }: Binding): Manifest {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, roleRef, subjects };
}
