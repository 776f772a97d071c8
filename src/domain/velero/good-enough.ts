import type { Finding } from '../../model/finding.ts';
import { type Backup, newestFirst, overMs } from './backup.ts';
import { proveBackup } from './backup-proof.ts';
import { isGood } from './phase.ts';
import { timeText } from './time-text.ts';

/** A newer backup that is Completed ends the matter, unless it obviously lacks what the ones before it held. */
export function goodEnough(good: Backup, family: readonly Backup[], nowMs: number): Finding {
  const before = newestFirst(family).find((one) => one.uid !== good.uid && isGood(one.phase) && one.madeMs < good.madeMs);
  const proof = proveBackup({ backup: good, copies: [], nowMs, ...(before && { lastGood: before }) });
  if (proof.ok) return { kind: 'recovered', reason: `${good.name} is newer and Completed (${timeText(overMs(good))})` };
  return {
    kind: 'hand-over',
    reason: proof.reason,
    hints: [
      `Look at what is in it: velero backup describe ${good.name} --details`,
      'Look whether a namespace or a label that the schedule selects by has gone',
    ],
  };
}
