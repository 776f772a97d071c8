import { canonical, isList, type Json, type JsonObject } from '../model/json.ts';
import type { RunView } from '../port/view/run.ts';

/** What there is to see when a rehearsal expects something. */
export type Seen = { readonly run: RunView | undefined; readonly steps: JsonObject; readonly writes: readonly string[]; readonly pages: number };

/** What does not hold, in words; empty where everything does. A key that is none of ours names a step. */
export function mismatches(expected: JsonObject, seen: Seen): readonly string[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (key === 'writes') return writesDiffer(value, seen.writes);
    const found = foundOf(key, seen);
    return canonical(found) === canonical(value) ? [] : [`${key}: expected ${JSON.stringify(value)}, found ${JSON.stringify(found ?? null)}${why(key, seen)}`];
  });
}

function foundOf(key: string, { run, steps, pages }: Seen): Json | undefined {
  switch (key) {
    case 'run':
      return run?.state;
    case 'finding':
      return run?.finding?.kind;
    case 'hold':
      return run?.hold?.gate;
    case 'stage':
      return run?.stage;
    case 'generation':
      return run?.generation;
    case 'pages':
      return pages;
    default: {
      const phase = Object.hasOwn(steps, key) ? steps[key] : undefined;
      return phase === 'planned' && run?.state === 'proposed' ? 'proposed' : phase;
    }
  }
}

/** A state that was not expected is explained by what the run says about itself. */
function why(key: string, { run }: Seen): string {
  if (key !== 'run' || run === undefined) return '';
  const reason = run.hold?.reason ?? run.waiting?.reason ?? run.finding?.reason;
  return reason === undefined ? '' : ` (${reason})`;
}

/** Writes in their order; a `*` at the end of one stands for the rest of its name. */
function writesDiffer(expected: Json, found: readonly string[]): readonly string[] {
  if (!isList(expected)) return ['writes: expected a list'];
  const fits = (pattern: Json | undefined, write: string | undefined): boolean =>
    typeof pattern === 'string' && write !== undefined && (pattern.endsWith('*') ? write.startsWith(pattern.slice(0, -1)) : write === pattern);
  if (expected.length === found.length && expected.every((pattern, at) => fits(pattern, found[at]))) return [];
  return [`writes: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`];
}
