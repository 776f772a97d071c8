import { parseDuration } from '../model/duration.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { AskStage, Param, Playbook } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import { lookUp, type Scope } from './resolve.ts';
import { number, oneOf, text, type ValueType, yesNo } from './value-type.ts';

export type ParsedValue = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly reason: string };
export type ParsedParams =
  | { readonly ok: true; readonly params: JsonObject }
  | { readonly ok: false; readonly problems: readonly { readonly param: string; readonly reason: string }[] };

/** A name of a Kubernetes object, or `namespace/name`. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const NAMESPACED = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const LONGEST_TEXT = 4000;

/** A value that a person, an alert or a file gave for a parameter, in the parameter's type. Command lines send text only: `12` and `yes` are read. */
export function parseParam(param: Pick<Param, 'type' | 'choose'>, value: Json): ParsedValue {
  const refuse = (expected: string): ParsedValue => ({ ok: false, reason: `found ${JSON.stringify(value)}, expected ${expected}` });
  switch (param.type) {
    case 'number': {
      const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof read === 'number' && Number.isFinite(read) ? { ok: true, value: read } : refuse('a number');
    }
    case 'yes-no':
      if (value === true || value === 'true' || value === 'yes') return { ok: true, value: true };
      return value === false || value === 'false' || value === 'no' ? { ok: true, value: false } : refuse('yes or no');
    case 'duration':
      return typeof value === 'string' && parseDuration(value) !== undefined ? { ok: true, value } : refuse('a duration such as 30s, 15m or 4h');
    case 'choice': {
      const choose = param.choose ?? [];
      if (typeof value === 'string' && choose.includes(value)) return { ok: true, value };
      const hint = typeof value === 'string' ? suggestion(value, choose) : '';
      return refuse(`one of ${choose.join(', ')}${hint.startsWith(' Did') ? `.${hint}` : ''}`);
    }
    case 'text':
      return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_TEXT
        ? { ok: true, value }
        : refuse(`text of 1 to ${LONGEST_TEXT} characters`);
    case 'cluster':
    case 'namespace':
    case 'node':
    case 'schedule':
    case 'backup':
    case 'restore':
    case 'volume':
    case 'storage-location':
      return typeof value === 'string' && (NAME.test(value) || NAMESPACED.test(value))
        ? { ok: true, value }
        : refuse(`the name of a ${param.type.replace('-', ' ')}`);
  }
}

/**
 * Every parameter of a playbook for one start: what was given, else what its `from` finds, else its default.
 * A value that is missing or of another type is a problem, and so is a name that the playbook does not have.
 */
export function fillParams(playbook: Pick<Playbook, 'params'>, given: JsonObject, scope: Pick<Scope, 'labels' | 'found' | 'run'>): ParsedParams {
  const seen: Scope = { ...scope, params: {}, diagnosis: {}, steps: {}, checks: {}, answers: {} };
  const names = Object.keys(playbook.params);
  const problems = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => ({ param: name, reason: `unknown parameter.${suggestion(name, names)}` }));
  const params = new Map<string, Json>();
  for (const [name, param] of Object.entries(playbook.params)) {
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? (param.from === undefined ? undefined : lookUp(param.from, seen)) ?? param.default;
    if (value === undefined) {
      if (!param.optional) problems.push({ param: name, reason: `missing, expected ${param.type}${param.from === undefined ? '' : ` (or ${param.from})`}` });
      continue;
    }
    const parsed = parseParam(param, value);
    if (parsed.ok) params.set(name, parsed.value);
    else problems.push({ param: name, reason: parsed.reason });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, params: Object.fromEntries(params) };
}

/** The JSON schema of a playbook's parameters, for the API and forms. */
export function paramsJsonSchema(playbook: Pick<Playbook, 'params'>): JsonObject {
  const properties = Object.entries(playbook.params).map(([name, param]) => {
    const type = param.type === 'number' ? 'number' : param.type === 'yes-no' ? 'boolean' : 'string';
    const { summary: description, choose } = param;
    return [name, { type, format: param.type, description, enum: param.type === 'choice' ? choose : undefined, default: param.default }] as const;
  });
  const required = Object.entries(playbook.params)
    .filter(([, param]) => !param.optional && param.default === undefined && param.from === undefined)
    .map(([name]) => name);
  return { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false };
}

/** What a parameter of this type holds in a run. */
export function paramType(param: Param): ValueType {
  const type = param.type === 'choice' ? oneOf(param.choose ?? []) : param.type === 'number' ? number : param.type === 'yes-no' ? yesNo : text;
  return { ...type, maybeAbsent: param.optional && param.default === undefined };
}

/** What the answer to a question holds. */
export function answerType({ type, choose }: AskStage['ask']['answer']): ValueType {
  if (type === 'choice') return oneOf(choose ?? []);
  if (type === 'number') return number;
  return type === 'yes-no' ? yesNo : text;
}
