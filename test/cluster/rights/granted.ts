import { z } from 'zod';
import { OWN_PERMISSIONS, type Permission, permissionOf, permissionText } from '../../../src/domain/permission.ts';

const Rule = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  resourceNames: z.array(z.string()).optional(),
  verbs: z.array(z.string()),
});
const Printed = z.object({ items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }), rules: z.array(Rule).optional() })) });
type Rule = z.infer<typeof Rule>;

/** Every right of the roles that `salvor rbac --json` printed, each once: `create backups.velero.io`. */
export function grantedBy(printed: string): ReadonlySet<string> {
  const rules = Printed.parse(JSON.parse(printed)).items.flatMap(({ rules: own = [] }) => own);
  return new Set(rules.flatMap(rightsOf));
}

function rightsOf({ apiGroups, resources, verbs }: Rule): readonly string[] {
  return apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => permissionText({ verb, group, resource }))));
}

/** A right by its name, in a namespace where it is not the engine's own. */
export function permissionIn(namespace: string, right: string): Permission {
  const own = Object.values(OWN_PERMISSIONS).find(({ verb, group, resource }) => permissionText({ verb, group, resource }) === right);
  return own ?? { ...permissionOf(right), namespace };
}

/** The printed roles with one right less. */
export function rolesIn(printed: string, but: string): readonly { readonly name: string; readonly rules: readonly Rule[] }[] {
  const keep = (rule: Rule): readonly Rule[] =>
    rule.resources.flatMap((resource) => {
      const verbs = rule.verbs.filter((verb) => !rightsOf({ ...rule, resources: [resource], verbs: [verb] }).includes(but));
      return verbs.length === 0 ? [] : [{ ...rule, resources: [resource], verbs }];
    });
  const { items } = Printed.parse(JSON.parse(printed));
  return items.flatMap(({ metadata: { name }, rules }) => (rules === undefined ? [] : [{ name, rules: rules.flatMap(keep) }]));
}
