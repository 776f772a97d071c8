import { admit, type Decision } from '../model/gate.ts';
import type { EndState } from '../model/run.ts';
import { formatTime } from '../model/time.ts';

/** The run before, for the same playbook, cluster and target. */
export type Ended = { readonly run: string; readonly end: EndState; readonly endedMs: number };

/** People who said no, or nothing, are asked again when Alertmanager repeats itself, not sooner. */
const UNANSWERED: readonly EndState[] = ['rejected', 'expired'];

/** An episode that fires this soon after a run on the same target ended waits on its incident, and starts the next run if it still fires then. */
export function cooldown(
  before: Ended | undefined,
  { cooldownMs, repeatIntervalMs }: { readonly cooldownMs: number; readonly repeatIntervalMs: number },
  nowMs: number,
): Decision {
  if (before === undefined) return admit;
  const untilMs = before.endedMs + (UNANSWERED.includes(before.end) ? Math.max(cooldownMs, repeatIntervalMs) : cooldownMs);
  if (nowMs >= untilMs) return admit;
  return {
    kind: 'hold',
    gate: 'cooldown',
    reason: `${before.run} ended ${before.end} at ${formatTime(before.endedMs)}; the next run may start ${formatTime(untilMs)}`,
    untilMs,
  };
}
