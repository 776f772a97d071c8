import { remindMs } from '../escalate/quiet.ts';
import type { About } from './observation.ts';

/** A reminder calls no more people than this by name. */
export const MOST_NAMED = 10;

type Reminding = { readonly everyMs?: number | undefined; readonly sinceMs: number; readonly untilMs: number };

/**
 * When people are reminded next: after the time that was asked for, and then ever more rarely, each time after as long again as they were asked already,
 * until what is waited for is over. Quiet hours of the playbook's ladder put it off. Undefined where nothing is left to remind of.
 */
export function nextReminderMs({ everyMs = 0, sinceMs, untilMs }: Reminding, { nowMs, playbook, policy }: About): number | undefined {
  if (everyMs <= 0) return undefined;
  const atMs = remindMs(playbook.escalate, policy, nowMs + Math.max(everyMs, nowMs - sinceMs));
  return atMs < untilMs ? atMs : undefined;
}
