import type { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import type { Action } from './contract.ts';

/** Values that an action was given or gave, checked by its own schemas. Faults are `action.bad-result`, in words. */
export function parseParams(action: Action, params: JsonObject): { readonly [name: string]: unknown } {
  return parseBy(action.params, params, `the parameters of ${action.id} do not fit`);
}

/** A result of `execute`, or one read back from the store. */
export function parseResult(action: Action, result: unknown): JsonObject {
  if (action.kind !== 'remediation') throw new SalvorError('action.bad-result', `${action.id} is no remediation, so it has no result`);
  return asJson(parseBy(action.result, result, `the result of ${action.id} does not fit its schema`));
}

/** The facts of a diagnosis or of a check. */
export function parseFacts(action: Action, facts: unknown): JsonObject {
  if (action.kind !== 'diagnosis' && action.kind !== 'check') throw new SalvorError('action.bad-result', `${action.id} has no facts`);
  return asJson(parseBy(action.facts, facts, `the facts of ${action.id} do not fit their schema`));
}

function parseBy(schema: z.ZodObject, value: unknown, what: string): { readonly [name: string]: unknown } {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue) => `${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${issue.message}`);
  throw new SalvorError('action.bad-result', `${what}: ${reasons.join('; ')}`, { cause: result.error });
}

/** What is kept in a run is JSON: dates and the like become what JSON makes of them. */
function asJson(value: { readonly [name: string]: unknown }): JsonObject {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  if (typeof copy !== 'object' || copy === null) throw new SalvorError('action.bad-result', 'found something that is no JSON object');
  return Object.fromEntries(Object.entries(copy));
}
