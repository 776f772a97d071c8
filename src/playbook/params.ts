import { isDnsLabel, isDnsSubdomain } from '../domain/kube-name.ts';
import { parseDuration } from '../model/duration.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { AskStage, Param, Playbook } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import { number, oneOf, text, type ValueType, yesNo } from './value-type.ts';

export type ParsedValue = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly reason: string };

/** The same limit as for values that alerts and people give. */
const LONGEST_TEXT = 1000;

/** A default, or a value in a file, in the type of its parameter. */
export function parseParam(param: Pick<Param, 'type' | 'choose'>, value: Json): ParsedValue {
  const parsed = byType(param.type, value);
  const found = `found ${JSON.stringify(value)}, expected`;
  if ('expected' in parsed) return { ok: false, reason: `${found} ${parsed.expected}` };
  const { choose } = param;
  if (choose === undefined || choose.some((one) => one === parsed.value || one === JSON.stringify(parsed.value))) return { ok: true, value: parsed.value };
  const hint = typeof value === 'string' ? suggestion(value, choose) : '';
  return { ok: false, reason: `${found} one of ${choose.join(', ')}${hint.startsWith(' Did') ? `.${hint}` : ''}` };
}

function byType(type: Param['type'], value: Json): { readonly value: Json } | { readonly expected: string } {
  const fitting = (fits: (text: string) => boolean, expected: string): { readonly value: Json } | { readonly expected: string } =>
    typeof value === 'string' && fits(value) ? { value } : { expected };
  switch (type) {
    case 'number': {
      const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof read === 'number' && Number.isFinite(read) ? { value: read } : { expected: 'a number' };
    }
    case 'yes-no':
      if (value === true || value === 'true' || value === 'yes') return { value: true };
      return value === false || value === 'false' || value === 'no' ? { value: false } : { expected: 'yes or no' };
    case 'duration':
      return fitting((one) => parseDuration(one) !== undefined, 'a duration such as 30s, 15m or 4h');
    case 'choice':
      return fitting(() => true, 'one of the choices, as text');
    case 'text':
      return fitting((one) => one.length <= LONGEST_TEXT, `text of at most ${LONGEST_TEXT} characters`);
    case 'namespace':
      return fitting(isDnsLabel, 'the name of a namespace');
    case 'cluster':
    case 'node':
      return fitting(isDnsSubdomain, `the name of a ${type}`);
    case 'pod':
      return fitting(isNamespaced, 'a pod as namespace/name, such as shop/api-0');
    case 'volume':
      return fitting(isNamespaced, 'a volume claim as namespace/name, such as shop/data-0');
    case 'schedule':
    case 'backup':
    case 'restore':
    case 'storage-location':
      return fitting((one) => isDnsSubdomain(one) || isNamespaced(one), `the name of a ${type.replace('-', ' ')}, such as daily or velero/daily`);
  }
}

function isNamespaced(text: string): boolean {
  const [namespace = '', name = '', ...more] = text.split('/');
  return more.length === 0 && isDnsLabel(namespace) && isDnsSubdomain(name);
}

/** The JSON schema of a playbook's parameters, for the API and forms. */
export function paramsJsonSchema(playbook: Pick<Playbook, 'params'>): JsonObject {
  const properties = Object.entries(playbook.params).map(([name, param]) => {
    const type = param.type === 'number' ? 'number' : param.type === 'yes-no' ? 'boolean' : 'string';
    const { summary: description, choose } = param;
    return [name, { type, format: param.type, description, enum: type === 'string' ? choose : undefined, default: param.default }] as const;
  });
  const required = Object.entries(playbook.params)
    .filter(([, param]) => !param.optional && param.default === undefined && param.from === undefined)
    .map(([name]) => name);
  return { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false };
}

/** What a parameter of this type holds in a run. */
export function paramType(param: Param): ValueType {
  const type = param.type === 'number' ? number : param.type === 'yes-no' ? yesNo : param.choose !== undefined ? oneOf(param.choose) : text;
  return { ...type, maybeAbsent: param.optional && param.default === undefined };
}

/** What the answer to a question holds. */
export function answerType({ type, choose }: AskStage['ask']['answer']): ValueType {
  if (type === 'choice') return oneOf(choose ?? []);
  if (type === 'number') return number;
  return type === 'yes-no' ? yesNo : text;
}
