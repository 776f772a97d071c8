import { z } from 'zod';
import { admit, type Decision } from '../model/gate.ts';
import { pauseId } from '../model/identity.ts';
import type { Json } from '../model/json.ts';
import { formatTime } from '../model/time.ts';
import type { Guard } from '../port/store.ts';

/** The big red switch: the value of a pause record. The record being there is the pause; `untilMs` says when it is taken away by itself. */
export const Pause = z.object({
  by: z.string(),
  reason: z.string(),
  sinceMs: z.number(),
  untilMs: z.number().optional(),
  /** Absent: every playbook. */
  playbook: z.string().optional(),
});
export type Pause = z.infer<typeof Pause>;

/** A record that nobody can read still pauses: it is there. */
export function readPause(value: Json): Pause {
  const read = Pause.safeParse(value);
  return read.success ? read.data : { by: 'somebody', reason: 'the record of the pause cannot be read', sinceMs: 0 };
}

/** Holds everything that a pause covers, undo included. A pause past its time still holds until its record is gone: the write's own guard asks for that. */
export function pause(playbook: string, pauses: readonly Pause[], nowMs: number): Decision {
  const [longest] = pauses
    .filter((one) => one.playbook === undefined || one.playbook === playbook)
    .sort((a, b) => (b.untilMs ?? Infinity) - (a.untilMs ?? Infinity));
  if (longest === undefined) return admit;
  const scope = longest.playbook ?? 'everything';
  const until = longest.untilMs === undefined ? '' : `, until ${formatTime(longest.untilMs)}`;
  const hold = { kind: 'hold', gate: 'pause', reason: `${longest.by} paused ${scope}: ${longest.reason}${until}` } as const;
  return longest.untilMs === undefined ? hold : { ...hold, untilMs: Math.max(longest.untilMs, nowMs + 1000) };
}

/** What every commit of an intent carries, so that no pause slips between the check and the write. */
export function pauseGuards(playbook: string): readonly Guard[] {
  return [
    { is: 'absent', id: pauseId() },
    { is: 'absent', id: pauseId(playbook) },
  ];
}
