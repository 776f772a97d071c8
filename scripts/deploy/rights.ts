import { isOwn } from '../../src/cli/rbac-rules.ts';
import type { Site } from '../../src/config.ts';
import { OWN_PERMISSIONS, type Permission, permissionOf } from '../../src/domain/permission.ts';
import type { Playbook } from '../../src/model/playbook.ts';
import { neededBy } from '../../src/playbook/permissions.ts';
import { actionsOf } from '../../src/playbook/uses.ts';

type Known = Pick<Site, 'playbooks' | 'catalog'>;
/** `on`: group and plural, as in `velero.io/backups`; the core group is `core`. */
type Right = { readonly on: string; readonly verbs: readonly string[]; readonly namespace?: string };

/**
 * What the chart gives to whom enables which playbook. `salvor rbac` says the same of a configuration; a template cannot call it. A namespace is the
 * default of the playbook's parameter `namespace`, so `playbooks.settings.ID.params.namespace` moves it.
 */
export function rightsFile({ playbooks, catalog }: Known): string {
  const itself = Object.values(OWN_PERMISSIONS).map((own) => ({ on: onOf(own), verbs: [own.verb], ...('name' in own ? { names: [own.name] } : {}) }));
  const off = catalog
    .all()
    .flatMap(({ id, offByDefault = [] }) => (offByDefault.length === 0 ? [] : [{ id, rights: grouped(offByDefault.map(permissionOf)) }]));
  const lines = [
    '# Made by scripts/generate-docs.ts; edits are lost. What each playbook needs of a cluster, as `salvor rbac` prints it.',
    'itself:',
    ...listed(itself),
    'playbooks:',
    ...playbooks.flatMap((playbook) => [`  ${playbook.id}:`, ...listed(ofPlaybook(playbook, catalog))]),
    '# What is off by default of an action, and the playbooks that use it.',
    'offByDefault:',
    ...off.flatMap(({ id, rights }) => [
      `  ${id}:`,
      `    playbooks: ${JSON.stringify(playbooks.filter((playbook) => actionsOf(playbook).includes(id)).map((playbook) => playbook.id))}`,
      '    rights:',
      ...listed(rights),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function listed(rights: readonly object[]): readonly string[] {
  return rights.map((right) => `    - ${JSON.stringify(right)}`);
}

function ofPlaybook(playbook: Playbook, catalog: Known['catalog']): readonly Right[] {
  const permissions = neededBy([playbook], catalog)
    .map(({ permission }) => permission)
    .filter((permission) => !isOwn(permission));
  assertMoves(playbook, catalog, permissions);
  return grouped(permissions);
}

/** The chart moves a namespace by the parameter of that name only: it has to be what decides. */
function assertMoves(playbook: Playbook, catalog: Known['catalog'], permissions: readonly Permission[]): void {
  const { namespace } = playbook.params;
  const elsewhere = namespace === undefined ? playbook : { ...playbook, params: { ...playbook.params, namespace: { ...namespace, default: 'elsewhere' } } };
  const moved = new Set(neededBy([elsewhere], catalog).flatMap(({ permission }) => (isOwn(permission) ? [] : (permission.namespace ?? []))));
  const fixed = permissions.some((permission) => permission.namespace !== undefined) && [...moved].some((one) => one !== 'elsewhere');
  if (fixed) throw new Error(`${playbook.id}: a namespace of its rights is not that of its parameter "namespace"; teach the chart about it`);
}

function grouped(permissions: readonly Permission[]): readonly Right[] {
  const found = new Map<string, { readonly right: Omit<Right, 'verbs'>; readonly verbs: Set<string> }>();
  for (const permission of permissions) {
    const { verb, namespace } = permission;
    const on = onOf(permission);
    const key = `${namespace ?? ''} ${on}`;
    const one = found.get(key) ?? { right: { on, ...(namespace === undefined ? {} : { namespace }) }, verbs: new Set<string>() };
    one.verbs.add(verb);
    found.set(key, one);
  }
  return [...found.values()].map(({ right: { on, ...rest }, verbs }) => ({ on, verbs: [...verbs].sort(), ...rest }));
}

function onOf({ group, resource }: Pick<Permission, 'group' | 'resource'>): string {
  return `${group === '' ? 'core' : group}/${resource}`;
}
