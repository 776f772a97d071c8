import { z } from 'zod';
import { Duration } from '../model/duration.ts';
import type { Clock } from '../port/clock.ts';
import type { ApiRequest } from './request.ts';
import { forbidden } from './rights.ts';
import { type Answer, expired, internalError, serverTimeout, staleVersion, tooManyRequests, unauthorized, unavailable } from './status.ts';

/**
 * What a request meets instead of its answer. `internal` 500, `unavailable` 503, `too-many-requests` 429, `conflict` 409, `forbidden` 403,
 * `unauthorized` 401, `timeout` 504, `expired` 410; `slow` answers after `delay`; `hang` never answers and does nothing;
 * `lost-reply` does it and never answers; `reset` closes the connection before, `reset-after` after doing it; `drop` ends open watches.
 */
export const FaultKind = z.enum([
  'internal',
  'unavailable',
  'too-many-requests',
  'conflict',
  'forbidden',
  'unauthorized',
  'timeout',
  'expired',
  'slow',
  'hang',
  'lost-reply',
  'reset',
  'reset-after',
  'drop',
]);
export type FaultKind = z.infer<typeof FaultKind>;

/** A fault switch. What it does not name it matches all of; without `times` and `lasts` it stays until cleared. */
export const Fault = z.strictObject({
  give: FaultKind,
  verb: z.enum(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'read', 'write']).optional(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  /** A name, or its beginning with a `*` at the end. */
  name: z.string().optional(),
  /** `eviction`, `log`, `status`; absent: any and none. */
  subresource: z.string().optional(),
  /** How many matching requests meet it. */
  times: z.int().min(1).optional(),
  /** How many matching requests pass before the first that meets it. */
  skip: z.int().min(0).optional(),
  lasts: Duration.optional(),
  delay: Duration.optional(),
  retryAfter: Duration.optional(),
});
export type FaultInput = z.input<typeof Fault>;

type Active = { readonly fault: z.output<typeof Fault>; readonly untilMs: number; left: number; skip: number };

/** The met fault with what it needs: ms of delay, and the refusal where it is one. */
export type Met = { readonly give: FaultKind; readonly delayMs: number; readonly answer?: Answer };

export type Faults = {
  add(fault: FaultInput): void;
  /** The same for a fault that is read already. */
  put(fault: z.output<typeof Fault>): void;
  clear(): void;
  /** The fault that this request meets, counted. */
  meet(request: ApiRequest): Met | undefined;
  /** Registers an open watch; the answer removes it. `end` is called when a `drop` hits it. */
  watching(request: ApiRequest, end: () => void): () => void;
};

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

export function faultSwitches(clock: Clock): Faults {
  let active: Active[] = [];
  const open = new Map<() => void, ApiRequest>();

  const take = (one: Active, request: ApiRequest): boolean => {
    if (clock.monotonicMs() >= one.untilMs || one.left <= 0 || !matches(one.fault, request)) return false;
    if (one.skip > 0) {
      one.skip -= 1;
      return false;
    }
    one.left -= 1;
    return true;
  };

  return {
    add(input) {
      this.put(Fault.parse(input));
    },
    put(fault) {
      const untilMs = fault.lasts === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + fault.lasts;
      const one: Active = { fault, untilMs, left: fault.times ?? Number.POSITIVE_INFINITY, skip: fault.skip ?? 0 };
      if (fault.give !== 'drop') {
        active.push(one);
        return;
      }
      // A drop is about the watches that are open now; it waits for none.
      for (const [end, request] of open) {
        if (!take(one, request)) continue;
        open.delete(end);
        end();
      }
    },
    clear() {
      active = [];
    },
    meet(request) {
      const one = active.find((each) => take(each, request));
      active = active.filter((each) => each.left > 0 && clock.monotonicMs() < each.untilMs);
      if (one === undefined) return undefined;
      const { give, delay, retryAfter } = one.fault;
      const refused = refusalOf(give, request, retryAfter === undefined ? undefined : Math.ceil(retryAfter / 1000));
      return { give, delayMs: delay ?? (give === 'slow' ? 1000 : 0), ...(refused === undefined ? {} : { answer: refused }) };
    },
    watching(request, end) {
      open.set(end, request);
      return () => void open.delete(end);
    },
  };
}

const REVIEW = 'SelfSubjectAccessReview';

function matches(fault: z.output<typeof Fault>, request: ApiRequest): boolean {
  const { verb, kind, namespace, name, subresource } = fault;
  if (verb === 'read' ? !READS.has(request.verb) : verb === 'write' ? READS.has(request.verb) : verb !== undefined && verb !== request.verb) return false;
  // A review is asked by a creation, and creates nothing: only who names it means it.
  if (kind === undefined ? verb !== undefined && request.kind.kind === REVIEW : kind !== request.kind.kind) return false;
  if (namespace !== undefined && namespace !== request.namespace) return false;
  if (subresource !== undefined && subresource !== (request.subresource ?? '')) return false;
  return name === undefined || (name.endsWith('*') ? nameOf(request).startsWith(name.slice(0, -1)) : nameOf(request) === name);
}

/** A creation has its name in the body. */
function nameOf({ name, body }: ApiRequest): string {
  if (name !== undefined) return name;
  const metadata = typeof body === 'object' && body !== null && 'metadata' in body ? body.metadata : undefined;
  const given = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata.name : undefined;
  return typeof given === 'string' ? given : '';
}

function refusalOf(give: FaultKind, { kind, verb, name, namespace }: ApiRequest, retryAfterSeconds: number | undefined): Answer | undefined {
  switch (give) {
    case 'internal':
      return internalError();
    case 'unavailable':
      return unavailable(retryAfterSeconds);
    case 'too-many-requests':
      return tooManyRequests(retryAfterSeconds);
    case 'conflict':
      return staleVersion(kind, name ?? '');
    case 'forbidden':
      return forbidden(kind, { verb, resource: kind.plural, namespace, name });
    case 'unauthorized':
      return unauthorized();
    case 'timeout':
      return serverTimeout();
    case 'expired':
      return expired();
    case 'slow':
    case 'hang':
    case 'lost-reply':
    case 'reset':
    case 'reset-after':
    case 'drop':
      return undefined;
  }
}
