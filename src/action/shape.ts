import { z } from 'zod';
import { NEED } from '../domain/permission.ts';
import type { Action } from './contract.ts';

/** What an action's object must look like; the compiler checks the shipped ones, this also those that a site wrote in JavaScript. */
const method = z.custom<unknown>((value) => typeof value === 'function', 'expected a function');
const shape = z.custom<z.ZodObject>((value) => isZodObject(value), 'expected an object schema of zod (z.strictObject)');

const needs = z.array(z.string().regex(NEED, 'expected a verb and a resource, such as patch nodes or create backups.velero.io'));

const common = {
  id: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'expected an id such as node.cordon'),
  summary: z.string().min(1, 'expected a sentence'),
  needs,
  offByDefault: needs.optional(),
  optional: needs.optional(),
  everywhere: z.strictObject({ needs: needs.optional(), optional: needs.optional() }).optional(),
  timeoutMs: z.number().positive().optional(),
  params: shape,
};

const kinds = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('diagnosis'), ...common, facts: shape, run: method }),
  z.looseObject({ kind: z.literal('check'), ...common, facts: shape, run: method }),
  z.looseObject({ kind: z.literal('finder'), ...common, run: method }),
  z.looseObject({
    kind: z.literal('remediation'),
    ...common,
    risk: z.enum(['reversible', 'destructive']),
    reversibleWith: z.strictObject({ param: z.string(), is: z.json() }).optional(),
    result: shape,
    onUnknown: z.literal('ask').optional(),
    plan: method,
    facts: method.optional(),
    execute: method,
    observe: method.optional(),
    verify: method,
    rollback: z.union([method, z.strictObject({ impossible: z.string().min(1) })], 'expected a function, or { impossible: reason }'),
  }),
]);

const KINDS: readonly string[] = ['diagnosis', 'check', 'finder', 'remediation'];

/** True for what means to be an action, complete or not. */
export function isActionLike(value: unknown): value is Action {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string' && KINDS.includes(value.kind) && 'id' in value;
}

/** What is wrong with an action, one sentence each. */
export function shapeFaults(action: unknown): readonly string[] {
  const result = kinds.safeParse(action);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

/** Not by `instanceof`: a site's handler may bring a zod of its own. */
function isZodObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('_zod' in value) || !('shape' in value) || !('safeParse' in value)) return false;
  return typeof value.shape === 'object' && typeof value.safeParse === 'function';
}
