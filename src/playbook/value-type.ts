import { z } from 'zod';
import { canonical, type Json } from '../model/json.ts';

type Kind = 'text' | 'number' | 'yes-no' | 'list' | 'map' | 'null';

/** What a value can be, as far as a schema says. */
export type ValueType = {
  /** Absent: anything. */
  readonly kinds?: ReadonlySet<Kind>;
  /** Present where the schema names every value. */
  readonly choose?: readonly Json[];
  /** The value may not be there. */
  readonly maybeAbsent: boolean;
};

export type TypeAt =
  | { readonly ok: true; readonly type: ValueType }
  | {
      readonly ok: false;
      /** The part of the path that is not there. */
      readonly unknown: string;
      readonly known: readonly string[];
    };

type Node = z.core.JSONSchema._JSONSchema;
type Side = 'input' | 'output';

export const anything: ValueType = { maybeAbsent: false };
export const text: ValueType = { kinds: new Set(['text']), maybeAbsent: false };
export const number: ValueType = { kinds: new Set(['number']), maybeAbsent: false };
export const yesNo: ValueType = { kinds: new Set(['yes-no']), maybeAbsent: false };

export function oneOf(choose: readonly Json[]): ValueType {
  return { kinds: new Set(choose.map(kindOf)), choose, maybeAbsent: false };
}

export function maybe(type: ValueType): ValueType {
  return { ...type, maybeAbsent: true };
}

const known = { input: new WeakMap<z.ZodType, Node>(), output: new WeakMap<z.ZodType, Node>() };

/** The type at a path below a schema: what it gives (`output`: facts, results) or takes (`input`: parameters). */
export function typeAt(of: { readonly schema: z.ZodType; readonly path: readonly string[]; readonly side: Side }): TypeAt {
  const cache = known[of.side];
  // A transform has no output schema: anything can come out.
  const root = cache.get(of.schema) ?? z.toJSONSchema(of.schema, { io: of.side, unrepresentable: 'any' });
  cache.set(of.schema, root);
  return descend({ root, node: root, path: of.path });
}

type Walk = { readonly root: Node; readonly node: Node; readonly path: readonly string[] };

function descend({ root, node, path }: Walk): TypeAt {
  const [part, ...rest] = path;
  const alternatives = alternativesOf(root, node);
  if (part === undefined) return { ok: true, type: union(alternatives.map((one) => plainType(one))) };
  const names = new Set<string>();
  const found: ValueType[] = [];
  let missing = false;
  let failed: TypeAt | undefined;
  for (const one of alternatives) {
    const child = childOf(one, part);
    if (child === undefined) {
      missing = true;
      if (typeof one === 'object') for (const name of Object.keys(one.properties ?? {})) names.add(name);
      continue;
    }
    const below = descend({ root, node: child.node, path: rest });
    if (below.ok) found.push(child.required ? below.type : maybe(below.type));
    else failed ??= below;
  }
  if (found.length > 0) return { ok: true, type: missing || failed !== undefined ? maybe(union(found)) : union(found) };
  return failed ?? { ok: false, unknown: part, known: [...names] };
}

/** The alternatives of a schema, references followed. */
function alternativesOf(root: Node, node: Node): readonly Node[] {
  if (typeof node === 'boolean') return [node];
  if (node.$ref !== undefined) return alternativesOf(root, target(root, node.$ref));
  const options = node.anyOf ?? node.oneOf;
  return options === undefined ? [node] : options.flatMap((one) => alternativesOf(root, one));
}

function target(root: Node, ref: string): Node {
  if (typeof root === 'boolean' || ref === '#') return root;
  const name = ref.replace(/^#\/(\$defs|definitions)\//, '');
  return root.$defs?.[name] ?? true;
}

function childOf(node: Node, part: string): { readonly node: Node; readonly required: boolean } | undefined {
  if (typeof node === 'boolean') return node ? { node: true, required: false } : undefined;
  if (node.type === undefined && node.const === undefined && node.enum === undefined) return { node: true, required: false };
  if (node.type === 'array' && /^\d+$/.test(part)) return { node: Array.isArray(node.items) ? true : (node.items ?? true), required: false };
  if (node.type !== 'object') return undefined;
  const own = node.properties !== undefined && Object.hasOwn(node.properties, part) ? node.properties[part] : undefined;
  if (own !== undefined) return { node: own, required: node.required?.includes(part) ?? false };
  const more = node.additionalProperties ?? true;
  return more === false ? undefined : { node: more, required: false };
}

function plainType(node: Node): ValueType {
  if (typeof node === 'boolean') return anything;
  if (node.const !== undefined) return oneOf([json(node.const)]);
  if (node.enum !== undefined) return oneOf(node.enum.map(json));
  const kinds = (Array.isArray(node.type) ? node.type : [node.type]).map((type) => (type === undefined ? undefined : KINDS[type]));
  return kinds.includes(undefined) ? anything : { kinds: new Set(kinds.filter((kind) => kind !== undefined)), maybeAbsent: false };
}

const KINDS: { readonly [type: string]: Kind | undefined } = {
  string: 'text',
  number: 'number',
  integer: 'number',
  boolean: 'yes-no',
  array: 'list',
  object: 'map',
  null: 'null',
};

/** Null counts as absent, as in `lookUp`. */
function union(types: readonly ValueType[]): ValueType {
  const maybeAbsent = types.some((type) => type.maybeAbsent || type.kinds?.has('null'));
  const kinds = types.some((type) => type.kinds === undefined)
    ? undefined
    : new Set(types.flatMap((type) => [...(type.kinds ?? [])].filter((kind) => kind !== 'null')));
  const choices = types.filter((type) => !(type.kinds?.size === 1 && type.kinds.has('null'))).map((type) => type.choose);
  const choose = choices.length > 0 && choices.every((one) => one !== undefined) ? choices.flat() : undefined;
  return { maybeAbsent, ...(kinds === undefined ? {} : { kinds }), ...(choose === undefined ? {} : { choose }) };
}

/** Can every value of `source` be put where `place` is? Forms (patterns, ranges) are looked at when the value is there. */
export function fits(source: ValueType, place: ValueType): boolean {
  if (
    source.choose !== undefined &&
    place.choose !== undefined &&
    !source.choose.some((one) => place.choose?.some((other) => canonical(one) === canonical(other)))
  )
    return false;
  if (source.kinds === undefined || place.kinds === undefined) return true;
  return [...source.kinds].every((kind) => place.kinds?.has(kind));
}

export function typeOf(value: Json): ValueType {
  return oneOf([value]);
}

/** `text`, `a number`, `one of a, b`. */
export function typeText(type: ValueType): string {
  if (type.choose !== undefined) return type.choose.length === 1 ? canonical(type.choose[0]) : `one of ${type.choose.map((one) => canonical(one)).join(', ')}`;
  if (type.kinds === undefined) return 'anything';
  return [...type.kinds].map((kind) => WORDS[kind]).join(' or ');
}

const WORDS: { readonly [K in Kind]: string } = { text: 'text', number: 'a number', 'yes-no': 'true or false', list: 'a list', map: 'a map', null: 'nothing' };

function kindOf(value: Json): Kind {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'yes-no';
  return Array.isArray(value) ? 'list' : 'map';
}

function json(value: unknown): Json {
  return z.json().parse(value);
}
