import { z } from 'zod';
import { admit, type Decision } from '../model/gate.ts';
import { freezeId } from '../model/identity.ts';
import type { Json } from '../model/json.ts';
import type { Freeze } from '../model/policy.ts';
import { formatTime } from '../model/time.ts';
import type { Guard } from '../port/store.ts';

/** A freeze that somebody set by hand: it always ends by itself. */
export const HandFreeze = z.object({ name: z.string(), by: z.string(), reason: z.string(), sinceMs: z.number(), untilMs: z.number() });
export type HandFreeze = z.infer<typeof HandFreeze>;

const Frozen = z.object({ freezes: z.array(HandFreeze).min(1) });

/** The freezes of one cluster, from the one record that holds them. A record that nobody can read still freezes: it is there. */
export function readFreezes(value: Json): readonly HandFreeze[] {
  const read = Frozen.safeParse(value);
  return read.success ? read.data.freezes : [{ name: 'unreadable', by: 'somebody', reason: 'the record of the freeze cannot be read', sinceMs: 0, untilMs: 0 }];
}

/** Holds every run on a frozen cluster until the last freeze that covers it ends. */
export function freeze(cluster: string, freezes: readonly Freeze[], nowMs: number): Decision {
  const active = freezes.filter((one) => covers(one, cluster, nowMs));
  const [last] = active.sort((a, b) => b.untilMs - a.untilMs);
  if (last === undefined) return admit;
  return { kind: 'hold', gate: 'freeze', reason: `${cluster} is frozen by "${last.name}" until ${formatTime(last.untilMs)}`, untilMs: last.untilMs };
}

/** Whether a freeze of the configuration is in force on a cluster now. */
export function covers({ fromMs, untilMs, clusters }: Freeze, cluster: string, nowMs: number): boolean {
  return fromMs <= nowMs && nowMs < untilMs && (clusters.length === 0 || clusters.includes(cluster));
}

/** The same for the freezes that were set by hand on a cluster. One past its time still holds until it is gone: the write's own guard asks for that. */
export function frozenByHand(cluster: string, freezes: readonly HandFreeze[], nowMs: number): Decision {
  const [last] = [...freezes].sort((a, b) => b.untilMs - a.untilMs);
  if (last === undefined) return admit;
  const { name, by, reason, untilMs } = last;
  return {
    kind: 'hold',
    gate: 'freeze',
    reason: `${by} froze ${cluster} ("${name}"): ${reason}, until ${formatTime(untilMs)}`,
    untilMs: Math.max(untilMs, nowMs + 1000),
  };
}

/** What every commit of an intent carries that is no undo, so that no freeze slips between the check and the write. */
export function freezeGuards(): readonly Guard[] {
  return [{ is: 'absent', id: freezeId() }];
}
