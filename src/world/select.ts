import { selectorChooses } from '../domain/label-selector.ts';
import type { Json } from '../model/json.ts';
import type { Kind } from './kinds.ts';
import { at, type WorldObject } from './object.ts';

/** True for the objects that a selector chooses. */
export type Selects = (object: WorldObject) => boolean;

type Parsed = { readonly kind: 'selects'; readonly selects: Selects } | { readonly kind: 'wrong'; readonly reason: string };

const everything: Selects = () => true;

/** `app=web,tier!=db,zone in (a, b),!canary`: the label selectors that the API takes. */
export function labelSelector(text: string | undefined): Parsed {
  if (text === undefined || text.trim() === '') return { kind: 'selects', selects: everything };
  const checks: ((labels: ReadonlyMap<string, string>) => boolean)[] = [];
  for (const part of splitOutsideBrackets(text)) {
    const set = /^\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/.exec(part);
    const equal = /^\s*([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)\s*$/.exec(part);
    const exists = /^\s*(!?)\s*([^\s!=,()]+)\s*$/.exec(part);
    if (set) {
      const [, name = '', operator, list = ''] = set;
      const values = list.split(',').map((value) => value.trim());
      checks.push((labels) => {
        const value = labels.get(name);
        return operator === 'in' ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value);
      });
    } else if (equal) {
      const [, name = '', operator, wanted = ''] = equal;
      checks.push((labels) => (operator === '!=' ? labels.get(name) !== wanted : labels.get(name) === wanted));
    } else if (exists) {
      const [, not, name = ''] = exists;
      checks.push((labels) => labels.has(name) === (not === ''));
    } else {
      return { kind: 'wrong', reason: whatIsWrong(part.trim()) };
    }
  }
  return { kind: 'selects', selects: (object) => matches(checks, object) };
}

function matches(checks: readonly ((labels: ReadonlyMap<string, string>) => boolean)[], object: WorldObject): boolean {
  const labels = new Map(Object.entries(object.metadata.labels ?? {}));
  return checks.every((check) => check(labels));
}

/** `spec.nodeName=w1,status.phase!=Running`: only the fields that the kind lists. */
export function fieldSelector(kind: Kind, text: string | undefined): Parsed {
  if (text === undefined || text.trim() === '') return { kind: 'selects', selects: everything };
  const checks: Selects[] = [];
  const known = new Set(['metadata.name', ...(kind.namespaced ? ['metadata.namespace'] : []), ...kind.fields]);
  for (const part of text.split(',')) {
    const [, field = '', operator, wanted = ''] = /^\s*([^\s!=]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part) ?? [];
    if (operator === undefined) return { kind: 'wrong', reason: `invalid selector: '${part}'; can't understand '${part}'` };
    if (!known.has(field)) return { kind: 'wrong', reason: unknownField(kind, field) };
    const path = field.split('.');
    checks.push((object) => (asText(at(object, ...path)) === wanted) === (operator !== '!='));
  }
  return { kind: 'selects', selects: (object) => checks.every((check) => check(object)) };
}

/** Kinds with fields of their own say less than those without. */
function unknownField(kind: Kind, field: string): string {
  if (kind.custom || kind.fields.length > 0) return `field label not supported: ${field}`;
  return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** A label selector that cannot be read, in the words of the server as far as they help. */
function whatIsWrong(part: string): string {
  const [, name = '', operator = '', rest = ''] = /^(\S+)\s*(\S*)\s*(.*)$/.exec(part) ?? [];
  if (part === '') return "found ',', expected: identifier after ','";
  if (operator === 'in' || operator === 'notin') return `unable to parse requirement: found '${rest}' expected: '('`;
  if (/^[^=!]*==?[^=!]*=/.test(part)) return "found '=', expected: ',' or 'end of string'";
  return `unable to parse requirement: found '${operator || name}', expected: in, notin, =, ==, !=, gt, lt`;
}

function asText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** The selector of a budget, workload or backup as an object: `matchLabels` and `matchExpressions`. None chooses everything. */
export function objectSelector(selector: Json | undefined): Selects {
  return (object) => selectorChooses(selector ?? {}, object.metadata.labels ?? {});
}

function splitOutsideBrackets(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/);
}
