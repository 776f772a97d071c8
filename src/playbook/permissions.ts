import type { Catalog } from '../action/catalog.ts';
import type { Action } from '../action/contract.ts';
import { GIVE_RIGHTS, OWN_PERMISSIONS, type Permission, permissionOf, permissionText, watchPermissions } from '../domain/permission.ts';
import type { Json } from '../model/json.ts';
import { isReference, type Playbook } from '../model/playbook.ts';
import { type Use, usesOf } from './uses.ts';

/** A right, and who needs it. */
export type Needed = {
  readonly permission: Permission;
  /** Ids of actions, or `Salvor itself`. */
  readonly by: readonly string[];
  /** Without it runs go on, and notice changes later. */
  readonly watch: boolean;
  /** Without it the action knows less, and says so itself. */
  readonly optional?: true;
};

const OURSELVES = 'Salvor itself';
const own = (permission: Permission): Needed => ({ permission, by: [OURSELVES], watch: false });

/** To ask what is allowed is a right, too; almost every cluster gives it to everybody. */
export const OWN_REVIEWS = own(OWN_PERMISSIONS.reviews);

/** Everything that playbooks and the engine need, each right once, by name. Where a namespace is known before any run, only there. */
export function neededBy(playbooks: readonly Playbook[], catalog: Pick<Catalog, 'get'>): readonly Needed[] {
  const uses = playbooks.flatMap((playbook) =>
    usesOf(playbook).flatMap((use) => {
      const action = catalog.get(use.action);
      return action === undefined ? [] : needsOf(action, namespaceOf(action, defaultOf(use, playbook)));
    }),
  );
  return merged([...uses, ...Object.values(OWN_PERMISSIONS).map(own)]);
}

/** What one use of an action needs in this namespace; undefined: everywhere. */
export function needsOf({ id, kind, needs, optional = [], everywhere = {} }: Action, namespace: string | undefined): readonly Needed[] {
  const there = (need: string): Permission => {
    const permission = permissionOf(need);
    // A Namespace is in no namespace.
    return namespace === undefined || permission.resource === 'namespaces' ? permission : { ...permission, namespace };
  };
  const all = [...needs.map(there), ...(everywhere.needs ?? []).map(permissionOf)];
  const more = [...optional.map(there), ...(everywhere.optional ?? []).map(permissionOf)];
  return merged([
    ...all.map((permission) => ({ permission, by: [id], watch: false })),
    // A cluster that cannot be recognised is not written to.
    ...(kind === 'remediation' ? [own(OWN_PERMISSIONS.uid)] : []),
    ...all.flatMap(watchPermissions).map((permission) => ({ permission, by: [OURSELVES], watch: true })),
    ...more.map((permission) => ({ permission, by: [id], watch: false, optional: true as const })),
    ...more.flatMap(watchPermissions).map((permission) => ({ permission, by: [OURSELVES], watch: true, optional: true as const })),
  ]);
}

/** An action with a parameter `namespace` works in that namespace only; the action's own default counts where nothing is given. */
export function namespaceOf(action: Action, given: Json | undefined): string | undefined {
  const schema = Object.hasOwn(action.params.shape, 'namespace') ? action.params.shape['namespace'] : undefined;
  const value = schema?.safeParse(given).data;
  return typeof value === 'string' ? value : undefined;
}

/** What a use gives as namespace before any run: a text, or the default of a parameter that nothing but people can set. */
function defaultOf(use: Use, { params }: Playbook): Json | undefined {
  const given = use.with['namespace'];
  if (!isReference(given)) return given;
  const name = given.from.replace(/^params\./, '');
  const param = Object.hasOwn(params, name) ? params[name] : undefined;
  // Null fits no schema of a namespace: everywhere.
  return param?.from === undefined ? (param?.default ?? null) : null;
}

/** Each right once, with everybody who needs it; by name. */
export function merged(all: readonly Needed[]): readonly Needed[] {
  const byName = new Map<string, Needed>();
  for (const needed of all) {
    const key = permissionText(needed.permission);
    const before = byName.get(key);
    // Who cannot do without it is named; where it is only watched, Salvor itself is.
    const by = before === undefined || (before.watch && !needed.watch) ? needed.by : needed.watch && !before.watch ? before.by : [...before.by, ...needed.by];
    const optional = needed.optional === true && (before === undefined || before.optional === true);
    byName.set(key, {
      permission: needed.permission,
      by: [...new Set(by)],
      watch: needed.watch && before?.watch !== false,
      ...(optional ? { optional } : {}),
    });
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, needed]) => needed);
}

/** `prod does not let us create backups.velero.io in velero, which backup.create needs; … gives the right`. */
export function missingText(cluster: string, missing: readonly Needed[]): string {
  const one = ({ permission, by }: Needed): string => `${permissionText(permission)}, which ${by.join(', ')} need${by.length === 1 ? 's' : ''}`;
  return `${cluster} does not let us ${missing.map(one).join('; nor ')}; ${GIVE_RIGHTS} gives ${missing.length === 1 ? 'the right' : 'the rights'}`;
}
