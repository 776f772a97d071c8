import { nextTick } from '../../domain/velero/next-tick.ts';

/** What Velero says about a cron text that it cannot read. */
export function cronProblem(text: string): string | undefined {
  if (text === '') return 'Schedule must be a non-empty valid Cron expression';
  const why = text.startsWith('@') ? descriptorProblem(text) : fieldsProblem(text);
  if (why !== undefined) return `invalid schedule: ${why}`;
  return nextTick(text, 0) === undefined ? `invalid schedule: failed to parse: ${text}` : undefined;
}

function descriptorProblem(text: string): string | undefined {
  if (nextTick(text, 0) !== undefined) return undefined;
  const every = /^@every (.*)$/.exec(text)?.[1];
  return every === undefined
    ? `unrecognized descriptor: ${JSON.stringify(text)}`
    : `failed to parse duration ${JSON.stringify(text)}: time: invalid duration ${JSON.stringify(every)}`;
}

const BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

function fieldsProblem(text: string): string | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== BOUNDS.length) return `expected exactly ${BOUNDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  for (const [index, [least, most]] of BOUNDS.entries()) {
    // Months and weekdays have names, too.
    const isNumber = index < 3 ? /^\d+$/ : /^(\d+|[a-z]{3})$/i;
    for (const expression of (fields[index] ?? '').split(',')) {
      const ends = expression.split('/')[0]?.split('-') ?? [];
      if (ends.length === 1 && ['*', '?'].includes(ends[0] ?? '')) continue;
      for (const end of ends) {
        if (!isNumber.test(end)) return `failed to parse int from ${JSON.stringify(end)}: strconv.Atoi: parsing ${JSON.stringify(end)}: invalid syntax`;
        if (Number(end) < least) return `beginning of range (${end}) below minimum (${least}): ${JSON.stringify(expression)}`;
        if (Number(end) > most) return `end of range (${end}) above maximum (${most}): ${JSON.stringify(expression)}`;
      }
    }
  }
  return undefined;
}

const HOUR_MS = 3_600_000;
const WINDOWS_MS = [HOUR_MS, 25 * HOUR_MS, 8 * 24 * HOUR_MS, 32 * 24 * HOUR_MS, 366 * 24 * HOUR_MS];

/** The last time a cron came round before a moment, for schedules that have been there for long. */
export function lastRunMs(text: string, beforeMs: number): number | undefined {
  for (const windowMs of WINDOWS_MS) {
    let last: number | undefined;
    for (let next = nextTick(text, beforeMs - windowMs); next !== undefined && next <= beforeMs; next = nextTick(text, next)) last = next;
    if (last !== undefined || text.startsWith('@every')) return last;
  }
  return undefined;
}
