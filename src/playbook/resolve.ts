import { canonical, isList, isObject, type Json, type JsonObject } from '../model/json.ts';
import { type Labels, label } from '../model/label.ts';
import { isReference, type When, type With } from '../model/playbook.ts';
import type { Answer } from '../model/run.ts';

/** What references can see of a run. Names that were skipped or are still to come are simply not there. */
export type Scope = {
  /** Of the alert that started the run; empty for other starts. */
  readonly labels: Labels;
  readonly params: JsonObject;
  readonly found: JsonObject;
  readonly run: { readonly id: string; readonly cluster: string };
  readonly diagnosis: { readonly [id: string]: JsonObject };
  /** Results by step id. */
  readonly steps: { readonly [id: string]: JsonObject };
  readonly checks: { readonly [id: string]: JsonObject };
  readonly answers: { readonly [id: string]: Answer };
};

export type Resolved = { readonly ok: true; readonly params: JsonObject } | { readonly ok: false; readonly absent: readonly string[] };

/** The value at a path such as `steps.cordon.wasCordoned`; undefined where it is absent. Only own fields are seen, never inherited ones. */
export function lookUp(path: string, scope: Scope): Json | undefined {
  const [root = '', ...rest] = path.split('.');
  if (root === 'alert') return rest[0] === 'labels' ? label(scope.labels, rest.slice(1).join('.')) : undefined;
  const value = rootValue(root, scope);
  return value === undefined ? undefined : walk(value, rest);
}

function rootValue(root: string, scope: Scope): JsonObject | undefined {
  switch (root) {
    case 'params':
      return scope.params;
    case 'found':
      return scope.found;
    case 'run':
      return scope.run;
    case 'diagnosis':
      return scope.diagnosis;
    case 'steps':
      return scope.steps;
    case 'checks':
      return scope.checks;
    case 'answers':
      return Object.fromEntries(Object.entries(scope.answers).map(([id, answer]) => [id, answerJson(answer)]));
    default:
      return undefined;
  }
}

function answerJson(answer: Answer): JsonObject {
  return { value: answer.value, by: answer.by, at: new Date(answer.atMs).toISOString() };
}

/** A number in a path is an index of a list. A null counts as absent. */
function walk(start: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = start;
  for (const part of path) {
    if (isList(value)) value = /^\d+$/.test(part) ? value[Number(part)] : undefined;
    else if (isObject(value)) value = Object.hasOwn(value, part) ? value[part] : undefined;
    else return undefined;
  }
  return value === null ? undefined : value;
}

/**
 * Parameters with every reference replaced by its value. An absent reference that is a whole parameter leaves the parameter out:
 * the action's schema decides whether it may. Absent deeper inside, the parameters cannot be made.
 */
export function resolveWith(given: With, scope: Scope): Resolved {
  const params = new Map<string, Json>();
  const absent: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (isReference(value)) {
      const found = lookUp(value.from, scope);
      if (found !== undefined) params.set(name, found);
    } else {
      params.set(name, fill({ value, scope, absent }));
    }
  }
  return absent.length > 0 ? { ok: false, absent } : { ok: true, params: Object.fromEntries(params) };
}

function fill(of: { readonly value: Json; readonly scope: Scope; readonly absent: string[] }): Json {
  const { value, scope, absent } = of;
  if (isReference(value)) {
    const found = lookUp(value.from, scope);
    if (found === undefined) absent.push(value.from);
    return found ?? null;
  }
  if (isList(value)) return value.map((one) => fill({ value: one, scope, absent }));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill({ value: one ?? null, scope, absent })]));
}

/** The one comparison of a `when`. With an absent reference it is false, whatever it asks, but for `present: false`. */
export function compare(when: Omit<When, 'else'>, scope: Scope): boolean {
  const value = lookUp(when.from, scope);
  if (when.present !== undefined) return (value !== undefined) === when.present;
  if (value === undefined) return false;
  if (when.is !== undefined) return same(value, when.is);
  if (when.not !== undefined) return !same(value, when.not);
  if (when.over !== undefined) return typeof value === 'number' && value > when.over;
  if (when.under !== undefined) return typeof value === 'number' && value < when.under;
  if (when.in !== undefined) return when.in.some((one) => same(value, one));
  return false;
}

function same(a: Json, b: Json): boolean {
  return canonical(a) === canonical(b);
}
