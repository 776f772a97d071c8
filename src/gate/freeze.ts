import { admit, type Decision } from '../model/gate.ts';
import type { Freeze } from '../model/policy.ts';
import { formatTime } from '../model/time.ts';

/** Holds every run on a frozen cluster until the last freeze that covers it ends. */
export function freeze(cluster: string, freezes: readonly Freeze[], nowMs: number): Decision {
  const active = freezes.filter((one) => one.fromMs <= nowMs && nowMs < one.untilMs && (one.clusters.length === 0 || one.clusters.includes(cluster)));
  const [last] = active.sort((a, b) => b.untilMs - a.untilMs);
  if (last === undefined) return admit;
  return { kind: 'hold', gate: 'freeze', reason: `${cluster} is frozen by "${last.name}" until ${formatTime(last.untilMs)}`, untilMs: last.untilMs };
}
