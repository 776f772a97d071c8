import { plain } from '../domain/plain.ts';
import type { Json } from '../model/json.ts';
import type { Change } from '../model/plan.ts';

/** `patch Node/w1 spec.unschedulable: false → true`, at most `limit` characters. */
export function diffLine({ verb, object, field, from, to, note }: Change, limit?: number): string {
  // What is evicted is named; `from` only tells it from others of its name.
  const moved = verb === 'evict' || (from === undefined && to === undefined) ? '' : `: ${valueText(from)} → ${valueText(to)}`;
  return plain(`${verb} ${object}${field === undefined ? '' : ` ${field}`}${moved}${note === undefined ? '' : ` (${note})`}`, limit);
}

function valueText(value: Json | undefined): string {
  return value === undefined ? 'nothing' : plain(JSON.stringify(value), 200);
}
