import type { ChatMessage } from '../../port/chat.ts';
import type { Lane, Outgoing } from '../lane.ts';

/** So rarely is the card of an incident's own channel edited, and are quiet lines posted there: what comes meanwhile is said together. */
const EDIT_MS = 10_000;
const SAY_MS = 60_000;

type Now = { readonly nowMs: number; readonly isEdit: boolean };

/** Ms until this may go out; 0: now. Nobody asks it of what people wait for. */
export function calmWaitMs(lane: Lane, { kind }: ChatMessage, { nowMs, isEdit }: Now): number {
  if (lane.channel === undefined) return 0;
  if (isEdit) return kind === 'card' ? left(lane.editedMs, EDIT_MS, nowMs) : 0;
  return kind === 'timeline' ? left(lane.saidMs, SAY_MS, nowMs) : 0;
}

/** The lane once it went out. */
export function calmed(lane: Lane, outgoing: Outgoing, { nowMs, isEdit }: Now): Lane {
  if (lane.channel === undefined || outgoing.to !== 'chat') return lane;
  const { kind, aloud } = outgoing.message;
  if (kind === 'card') return { ...lane, editedMs: nowMs };
  return kind === 'timeline' && aloud !== true && !isEdit ? { ...lane, saidMs: nowMs } : lane;
}

/** A clock that was set back makes nobody wait longer. */
function left(lastMs: number | undefined, everyMs: number, nowMs: number): number {
  return lastMs === undefined || nowMs < lastMs ? 0 : Math.max(0, lastMs + everyMs - nowMs);
}
