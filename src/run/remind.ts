import { remindMs } from '../escalate/quiet.ts';
import type { About } from './observation.ts';

/**
 * When people are reminded next, counted from now: again and again, as often as was asked for, until what is waited for is over. Quiet hours of the
 * playbook's ladder put it off. Undefined where nothing is left to remind of.
 */
export function nextReminderMs(
  { everyMs = 0, untilMs }: { readonly everyMs?: number | undefined; readonly untilMs: number },
  about: About,
): number | undefined {
  if (everyMs <= 0) return undefined;
  const atMs = remindMs(about.playbook.escalate, about.policy, about.nowMs + everyMs);
  return atMs < untilMs ? atMs : undefined;
}
