import { DateTime } from 'luxon';
import type { Policy, Quiet } from '../model/policy.ts';
import { walkedName } from './ladder.ts';

/**
 * When to remind: at this moment, or where it falls into the quiet hours of the ladder, at their end. Only reminders ask this; pages go at any hour.
 */
export function remindMs(ladder: string, policy: Pick<Policy, 'ladders' | 'quiet'>, atMs: number): number {
  const { quiet = {} } = policy;
  const name = walkedName(ladder, policy.ladders);
  const hours = Object.hasOwn(quiet, name) ? quiet[name] : undefined;
  return hours === undefined ? atMs : behind(hours, atMs);
}

/** Hours are by the clock on the wall: a night stays from ten to seven when the clocks change in it. */
function behind({ from, until, timeZone }: Quiet, atMs: number): number {
  const at = DateTime.fromMillis(atMs, { zone: timeZone });
  const end = at.startOf('day').set(wall(until));
  const now = at.toFormat('HH:mm');
  const overNight = from > until;
  const isQuiet = overNight ? now >= from || now < until : now >= from && now < until;
  if (!isQuiet) return atMs;
  return (overNight && now >= from ? end.plus({ days: 1 }) : end).toMillis();
}

function wall(time: string): { readonly hour: number; readonly minute: number } {
  const [hour, minute] = time.split(':').map(Number);
  return { hour: hour ?? 0, minute: minute ?? 0 };
}
