import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Call, Page } from '../../port/pager.ts';
import { PageShape } from '../lane.ts';

/** A page that was accepted, and of which nobody knows yet whether it calls anybody. */
const Watched = z.object({ page: PageShape, sinceMs: z.number(), untilMs: z.number(), askMs: z.number() });
type Watched = z.output<typeof Watched>;

/** How the pages of one incident stand: all of it survives a crash. */
export type PageLane = {
  readonly to: 'pager';
  readonly incident: string;
  /** Pages that are not accepted yet, oldest first. */
  readonly waiting: readonly Page[];
  readonly attempts: number;
  readonly retryAtMs?: number;
  /** Since when the pager does not answer. */
  readonly awaySinceMs?: number;
  /** Targets of which the timeline says that their page waits, or is refused. */
  readonly told: readonly string[];
  /** Notes and changes: they never keep a page waiting. */
  readonly aside: readonly Page[];
  readonly asideAttempts: number;
  readonly asideAtMs?: number;
  readonly watched: readonly Watched[];
  /** Calls that are known, by the target that they were made for. */
  readonly found: readonly (readonly [call: string, target: string])[];
};

const Pages = z.array(z.unknown());
const Value = z.object({
  incident: z.string(),
  waiting: Pages,
  attempts: z.number(),
  retryAtMs: z.number().exactOptional(),
  awaySinceMs: z.number().exactOptional(),
  told: z.array(z.string()).default([]),
  aside: Pages.default([]),
  asideAttempts: z.number().default(0),
  asideAtMs: z.number().exactOptional(),
  watched: z.array(Watched).default([]),
  found: z.array(z.tuple([z.string(), z.string()])).default([]),
});

/** A lane as it was stored, also by a version that watched nothing; undefined for a value that is none. */
export function readPageLane(value: Json): PageLane | undefined {
  const read = Value.safeParse(value);
  return read.success ? { ...read.data, to: 'pager', waiting: pagesIn(read.data.waiting), aside: pagesIn(read.data.aside) } : undefined;
}

export function newPageLane(incident: string): PageLane {
  return { to: 'pager', incident, waiting: [], attempts: 0, told: [], aside: [], asideAttempts: 0, watched: [], found: [] };
}

/** `refs` is what lanes of the chat have: whoever counts what waits reads both kinds alike. */
export function pageLaneJson(lane: PageLane): JsonObject {
  return { ...lane, refs: [] };
}

/** A call that the pager told of by itself, as mail to the lane of its incident. */
const Heard = z.object({ call: z.object({ id: z.string(), number: z.number().exactOptional(), who: z.array(z.string()) }) });

export function callHeard(call: Call): JsonObject {
  return { call: { ...call, who: [...call.who] } };
}

/** Mail of a lane: a page to send, or a call that was heard of. Undefined for mail that is neither. */
export function readPageMail(value: Json): { readonly page: Page } | { readonly call: Call } | undefined {
  const heard = Heard.safeParse(value);
  if (heard.success) return { call: heard.data.call };
  const page = PageShape.safeParse(isObject(value) ? value['message'] : undefined);
  return page.success ? { page: page.data } : undefined;
}

function pagesIn(values: readonly unknown[]): readonly Page[] {
  return values.flatMap((value) => PageShape.safeParse(value).data ?? []);
}

/** Without the fields that are given: an optional field is absent, never undefined. */
export function without<K extends 'retryAtMs' | 'awaySinceMs' | 'asideAtMs'>(lane: PageLane, ...fields: readonly K[]): PageLane {
  const rest: PageLane & { [field in K]?: number } = { ...lane };
  for (const field of fields) delete rest[field];
  return rest;
}
