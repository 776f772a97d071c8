import { NOT_SIGNED_IN, refusedText } from '../domain/permission.ts';
import { type ErrorCode, type Retry, SalvorError } from '../model/error.ts';
import { isObject, type Json } from '../model/json.ts';
import { at, listAt, numberAt, textAt } from './object.ts';
import type { Answer } from './status.ts';

type Asked = { readonly cluster: string; readonly write: boolean };

/** A refusal of the simulated API server as the fault that a client of the real one gets: same code, same retry class. */
export function faultOf({ code, body, headers }: Answer, { cluster, write }: Asked): SalvorError {
  const isStatus = isObject(body);
  const message = wordsOf(code, isStatus ? textAt(body, 'message') : textAt(body).trim());
  const causes = listAt(body, 'details', 'causes');
  const [ours, retry] = classOf({ code, body, causes }, write);
  const reasons = causes.map((cause) => textAt(cause, 'message')).filter((text) => text !== '' && !message.includes(text));
  const seconds = headers?.['Retry-After'] ?? numberAt(body, 'details', 'retryAfterSeconds');
  const budget = causes.some((cause) => textAt(cause, 'reason') === 'DisruptionBudget') || message.startsWith('This pod has more than one');
  return new SalvorError(ours, `${cluster}: ${[message, ...reasons].join(' ')}`, {
    retry,
    ...(seconds === undefined ? {} : { retryAfterMs: Number(seconds) * 1000 }),
    details: {
      status: code,
      ...(budget ? { budget } : {}),
      ...(code === 404 && (!isStatus || at(body, 'details', 'name') === undefined) ? { unknownPath: true } : {}),
    },
  });
}

function wordsOf(code: number, message: string): string {
  if (code === 401) return NOT_SIGNED_IN;
  return (code === 403 ? refusedText(message) : undefined) ?? message;
}

type Refused = { readonly code: number; readonly body: Json; readonly causes: readonly Json[] };

function classOf({ code, body, causes }: Refused, write: boolean): readonly [ErrorCode, Retry] {
  const message = textAt(body, 'message');
  switch (code) {
    case 401:
      return ['kube.unauthorized', 'later'];
    case 403:
      return causes.some((cause) => textAt(cause, 'reason') === 'NamespaceTerminating') ? ['kube.conflict', 'later'] : ['kube.forbidden', 'never'];
    case 404:
      return ['kube.not-found', 'never'];
    case 409:
      return textAt(body, 'reason') === 'AlreadyExists' ? ['kube.exists', 'never'] : ['kube.conflict', 'now'];
    case 410:
      return ['kube.expired', 'now'];
    case 422:
      return causes.some((cause) => textAt(cause, 'field') === 'metadata.uid') ? ['kube.conflict', 'now'] : ['kube.invalid', 'never'];
    case 429:
      return ['kube.too-many-requests', 'later'];
    case 500:
    case 502:
      if (message.startsWith('This pod has more than one') || message.startsWith('resourceVersion: Invalid value')) return ['kube.invalid', 'never'];
      // A write may have been done before the server broke.
      return [write ? 'kube.timeout' : 'kube.unavailable', 'later'];
    case 408:
    case 504:
      return ['kube.timeout', 'later'];
    default:
      return code >= 400 && code < 500 ? ['kube.invalid', 'never'] : ['kube.unavailable', 'later'];
  }
}
