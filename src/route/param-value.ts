import { isDnsLabel, isDnsSubdomain } from '../domain/kube-name.ts';
import { parseDuration } from '../model/duration.ts';
import type { Json } from '../model/json.ts';
import type { Param } from '../model/playbook.ts';

export type CheckedValue = { readonly value: Json } | { readonly expected: string };

const TEXT_LIMIT = 1000;

/** One value against the type of its parameter: as the playbook uses it, or what would be right. */
export function checkValue({ type, choose }: Pick<Param, 'type' | 'choose'>, value: Json): CheckedValue {
  const checked = byType(type, value);
  if ('expected' in checked || choose === undefined) return checked;
  return choose.some((choice) => choice === checked.value || choice === JSON.stringify(checked.value)) ? checked : { expected: `one of ${choose.join(', ')}` };
}

function byType(type: Param['type'], value: Json): CheckedValue {
  switch (type) {
    case 'number':
      return numberOf(value);
    case 'yes-no':
      return yesOrNo(value);
    case 'duration':
      return typeof value === 'string' && parseDuration(value) !== undefined ? { value } : { expected: 'a duration such as 30s, 15m or 4h' };
    case 'text':
      return typeof value === 'string' && isPlainText(value) ? { value } : { expected: `text of at most ${TEXT_LIMIT} characters without control characters` };
    case 'choice':
      return typeof value === 'string' ? { value } : { expected: 'one of the choices, as text' };
    case 'namespace':
      return typeof value === 'string' && isDnsLabel(value)
        ? { value }
        : { expected: 'the name of a namespace, such as shop: lower-case letters, digits and dashes' };
    case 'cluster':
    case 'node':
      return typeof value === 'string' && isDnsSubdomain(value)
        ? { value }
        : { expected: `the name of a ${type}: lower-case letters, digits, dashes and dots` };
    case 'pod':
      return typeof value === 'string' && isNamespaced(value) ? { value } : { expected: 'a pod as namespace/name, such as shop/api-0' };
    case 'volume':
      return typeof value === 'string' && isNamespaced(value) ? { value } : { expected: 'a volume claim as namespace/name, such as shop/data-0' };
    case 'schedule':
    case 'backup':
    case 'restore':
    case 'storage-location':
      return typeof value === 'string' && (isDnsSubdomain(value) || isNamespaced(value))
        ? { value }
        : { expected: `the name of a ${type}, such as daily or velero/daily: lower-case letters, digits, dashes and dots` };
  }
}

function isNamespaced(value: string): boolean {
  const [namespace = '', name = '', ...more] = value.split('/');
  return more.length === 0 && isDnsLabel(namespace) && isDnsSubdomain(name);
}

function isPlainText(value: string): boolean {
  return value.length <= TEXT_LIMIT && !/[^\P{Cc}\n\t]/u.test(value);
}

function numberOf(value: Json): CheckedValue {
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? { value: number } : { expected: 'a number' };
}

function yesOrNo(value: Json): CheckedValue {
  if (typeof value === 'boolean') return { value };
  if (value === 'yes' || value === 'true') return { value: true };
  if (value === 'no' || value === 'false') return { value: false };
  return { expected: 'yes or no' };
}
