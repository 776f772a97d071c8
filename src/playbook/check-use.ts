import type { Catalog } from '../action/catalog.ts';
import type { Action } from '../action/contract.ts';
import { isList, isObject, type Json } from '../model/json.ts';
import { isReference, type When } from '../model/playbook.ts';
import { type FieldPath, type PositionOf, type Problem, problemAt, suggestion } from '../model/problem.ts';
import { againstSchema } from './against-schema.ts';
import { referenceType, type Sight } from './reference-type.ts';
import { fits, text, typeAt, typeOf, typeText, type ValueType } from './value-type.ts';

/** Where a check of a playbook stands: the catalog, and where things are written. */
export type Ground = { readonly catalog: Catalog; readonly positionOf: PositionOf };

export type Use = {
  readonly action: string;
  readonly with: { readonly [name: string]: Json };
  /** What may be used at this place. */
  readonly kind: Action['kind'];
  readonly path: FieldPath;
  readonly sight: Sight;
};

/** One use of an action: it exists, it is of the kind that fits here, and its parameters are there, known and of the right type. */
export function checkUse(use: Use, { catalog, positionOf }: Ground): readonly Problem[] {
  const put = (path: FieldPath, message: string, what: 'key' | 'value' = 'value'): Problem =>
    problemAt(positionOf, { path: [...use.path, ...path], message, what });
  const action = catalog.get(use.action);
  const fitting = catalog.all().filter(({ kind }) => kind === use.kind);
  if (action === undefined)
    return [
      put(
        ['action'],
        `there is no action ${use.action}.${suggestion(
          use.action,
          fitting.map(({ id }) => id),
        )}`,
      ),
    ];
  if (action.kind !== use.kind) return [put(['action'], `${action.id} is a ${action.kind}, expected a ${use.kind} here`)];

  const shape = action.params.shape;
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(use.with)) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (schema === undefined) {
      problems.push(
        put(
          ['with', name],
          `${action.id} has no parameter ${name}.${suggestion(
            name,
            Object.keys(shape).filter((one) => !Object.hasOwn(use.with, one)),
          )}`,
          'key',
        ),
      );
      continue;
    }
    const path: FieldPath = [...use.path, 'with', name];
    const inside = referencesIn(value, []);
    if (inside.length === 0) {
      const checked = againstSchema(schema, value, { positionOf, noun: 'field', base: path });
      if (!checked.ok) problems.push(...checked.problems);
    }
    for (const { at, from } of inside) {
      const place = typeAt({ schema: action.params, path: [name, ...at.map(String)], side: 'input' });
      const message = referenceFault({ from, sight: use.sight, place: place.ok ? place.type : undefined, optional: at.length === 0 && isOptional(schema) });
      if (message !== undefined) problems.push(put(['with', name, ...at], message));
    }
  }
  for (const [name, schema] of Object.entries(shape)) {
    if (Object.hasOwn(use.with, name) || isOptional(schema)) continue;
    const type = typeAt({ schema: action.params, path: [name], side: 'input' });
    problems.push(put([], `${action.id} needs ${name}${type.ok ? ` (${typeText(type.type)})` : ''}, which is not given`));
  }
  return problems;
}

function isOptional(schema: Action['params']['shape'][string]): boolean {
  return schema !== undefined && '_zod' in schema && schema._zod.optin !== undefined;
}

type Inside = { readonly at: FieldPath; readonly from: string };

/** Every reference inside a value, with its place. */
function referencesIn(value: Json | undefined, at: FieldPath): readonly Inside[] {
  if (isReference(value)) return [{ at, from: value.from }];
  if (isList(value)) return value.flatMap((one, index) => referencesIn(one, [...at, index]));
  return isObject(value) ? Object.entries(value).flatMap(([key, one]) => referencesIn(one, [...at, key])) : [];
}

type Referred = {
  readonly from: string;
  readonly sight: Sight;
  /** Absent: anything may stand here. */
  readonly place?: ValueType | undefined;
  readonly optional: boolean;
};

/** Why a reference cannot stand where it stands; undefined where it can. */
export function referenceFault({ from, sight, place, optional }: Referred): string | undefined {
  const found = referenceType(from, sight);
  if (!found.ok) return found.message;
  if (found.type.maybeAbsent && !optional) return `${from} may be absent, expected something that is always there${advice(from)}`;
  if (place === undefined || fits(found.type, place)) return undefined;
  return `${from} is ${typeText(found.type)}, expected ${typeText(place)}`;
}

function advice(from: string): string {
  if (from.startsWith('alert.')) return ': a run can start without an alert, so make it a parameter with from';
  if (from.startsWith('params.')) return ': give the parameter a default, or do not make it optional';
  return ': it can be skipped, so give this stage the same when';
}

/** A cluster to work on: a name, or a reference to one. */
export function checkCluster(
  of: { readonly cluster: string | { readonly from: string } | undefined; readonly path: FieldPath; readonly sight: Sight },
  { positionOf }: Ground,
): readonly Problem[] {
  if (of.cluster === undefined || typeof of.cluster === 'string') return [];
  const message = referenceFault({ from: of.cluster.from, sight: of.sight, place: text, optional: false });
  return message === undefined ? [] : [problemAt(positionOf, { path: [...of.path, 'cluster'], message })];
}

/** The comparison of a `when`: what it asks about exists, and what it compares with can be equal at all. */
export function checkWhen(
  of: { readonly when: When | undefined; readonly path: FieldPath; readonly sight: Sight },
  { positionOf }: Ground,
): readonly Problem[] {
  const { when } = of;
  if (when === undefined) return [];
  const put = (field: string, message: string): readonly Problem[] => [problemAt(positionOf, { path: [...of.path, 'when', field], message })];
  const found = referenceType(when.from, of.sight);
  if (!found.ok) return put('from', found.message);
  const { kinds } = found.type;
  for (const field of ['over', 'under'] as const) {
    if (when[field] !== undefined && kinds !== undefined && !kinds.has('number'))
      return put(field, `${when.from} is ${typeText(found.type)}, expected a number to compare with ${field}`);
  }
  for (const field of ['is', 'not'] as const) {
    const value = when[field];
    if (value !== undefined && !canEqual(value, found.type))
      return put(field, `${when.from} is ${typeText(found.type)}, so it is never ${JSON.stringify(value)}`);
  }
  const never = when.in?.find((value) => !canEqual(value, found.type));
  return never === undefined ? [] : put('in', `${when.from} is ${typeText(found.type)}, so it is never ${JSON.stringify(never)}`);
}

function canEqual(value: Json, type: ValueType): boolean {
  return fits(typeOf(value), type);
}
