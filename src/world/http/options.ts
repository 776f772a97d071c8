import { z } from 'zod';
import { isObject, type Json } from '../../model/json.ts';
import { at, listAt, numberAt, textAt } from '../object.ts';
import type { RequestOptions, Verb } from '../request.ts';
import { type Answer, invalidOptions } from '../status.ts';

type Given = { readonly verb: Verb; readonly query: URLSearchParams; readonly body: Json | undefined };
type Read = { readonly kind: 'options'; readonly options: RequestOptions } | { readonly kind: 'wrong'; readonly answer: Answer };

/** How the kinds of options are called in refusals. */
const OPTIONS: ReadonlyMap<Verb, string> = new Map([
  ['create', 'CreateOptions'],
  ['update', 'UpdateOptions'],
  ['patch', 'PatchOptions'],
  ['delete', 'DeleteOptions'],
  ['deletecollection', 'DeleteOptions'],
]);

/** The options of a request, from its query and, for a deletion, from its body. */
export function readOptions({ verb, query, body }: Given): Read {
  const isDeletion = verb === 'delete' || verb === 'deletecollection';
  const kind = OPTIONS.get(verb);
  const dryRun = [...query.getAll('dryRun'), ...(isDeletion ? listAt(body, 'dryRun') : [])];
  if (kind !== undefined && dryRun.some((one) => one !== 'All')) {
    const message = `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`;
    return { kind: 'wrong', answer: invalidOptions(kind, { reason: 'FieldValueNotSupported', message, field: 'dryRun' }) };
  }
  const propagation = isDeletion ? at(body, 'propagationPolicy') : undefined;
  if (kind !== undefined && propagation !== undefined && !Propagation.safeParse(propagation).success) {
    const message = `Unsupported value: ${JSON.stringify(propagation)}: supported values: "Foreground", "Background", "Orphan", "nil"`;
    return { kind: 'wrong', answer: invalidOptions(kind, { reason: 'FieldValueNotSupported', message, field: 'propagationPolicy' }) };
  }
  return { kind: 'options', options: { ...queryOptions(query), ...(isDeletion ? deleteOptions(body) : {}) } };
}

export const isTrue = (text: string | null): boolean => text === 'true' || text === '1';

const Flag = z.enum(['true', 'false', '1', '0', '']).transform((text) => text === 'true' || text === '1');
const Whole = z.coerce.number().int();

/** The options in a query; what is not understood is left out, as the real server does with most. */
const Query = z.object({
  fieldManager: z.string().optional(),
  force: Flag.optional().catch(undefined),
  labelSelector: z.string().optional(),
  fieldSelector: z.string().optional(),
  limit: Whole.optional().catch(undefined),
  continue: z.string().optional(),
  resourceVersion: z.string().optional(),
  resourceVersionMatch: z.string().optional(),
  sendInitialEvents: Flag.optional().catch(undefined),
  allowWatchBookmarks: Flag.optional().catch(undefined),
  timeoutSeconds: Whole.optional().catch(undefined),
  gracePeriodSeconds: Whole.optional().catch(undefined),
  container: z.string().optional(),
  previous: Flag.optional().catch(undefined),
  tailLines: Whole.optional().catch(undefined),
});

function queryOptions(query: URLSearchParams): RequestOptions {
  const read = Query.parse(Object.fromEntries(query));
  // An empty continue token means the first page, as some clients send it.
  const { continue: token, ...rest } = read;
  return {
    ...withoutUndefined(rest),
    ...(token === undefined || token === '' ? {} : { continue: token }),
    ...(query.get('dryRun') === 'All' ? { dryRun: true } : {}),
    ...(query.get('fieldValidation') === 'Strict' ? { strict: true } : {}),
    ...(query.get('fieldValidation') === 'Ignore' ? { quiet: true } : {}),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(object: T): Defined<T> {
  const defined: Defined<T> = { ...object };
  for (const name in defined) if (defined[name] === undefined) delete defined[name];
  return defined;
}

const Propagation = z.enum(['Background', 'Foreground', 'Orphan']);

/** A deletion may say its options in its body. */
function deleteOptions(body: Json | undefined): RequestOptions {
  if (!isObject(body)) return {};
  const graceSeconds = numberAt(body, 'gracePeriodSeconds');
  const uid = textAt(body, 'preconditions', 'uid');
  const version = textAt(body, 'preconditions', 'resourceVersion');
  const propagation = Propagation.safeParse(body['propagationPolicy']).data;
  return {
    ...(propagation === undefined ? {} : { propagation }),
    ...(listAt(body, 'dryRun').includes('All') ? { dryRun: true } : {}),
    ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    ...(uid === '' ? {} : { onlyUid: uid }),
    ...(version === '' ? {} : { onlyResourceVersion: version }),
  };
}
