import { z } from 'zod';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const PATTERN = /^(?:(\d+(?:\.\d+)?)(ms|s|m|h|d|w))+$/;

/** People write `90s`, `1h30m`, `7d`; code holds milliseconds. Undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!PATTERN.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    totalMs += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return Number.isSafeInteger(Math.round(totalMs)) ? Math.round(totalMs) : undefined;
}

/** `3725000` as `1h 2m 5s`: at most three parts, the smallest a second; below a second in ms. */
export function formatDuration(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '';
  let restMs = Math.abs(Math.round(durationMs));
  if (restMs < 1000) return `${sign}${restMs}ms`;
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(restMs / UNITS[unit]);
    restMs -= count * UNITS[unit];
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return sign + parts.slice(0, 3).join(' ');
}

/** A duration in a configuration or playbook: text such as `15m`, at least 0. Output is milliseconds. */
export const Duration = z.string().transform((text, context) => {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return durationMs;
  context.addIssue({ code: 'custom', message: `expected a duration such as 30s, 15m or 4h, found ${JSON.stringify(text)}` });
  return z.NEVER;
});
