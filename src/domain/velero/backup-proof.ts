import { counted } from '../../model/counted.ts';
import { cut } from '../../model/cut.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Verdict } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import { redact } from '../redact.ts';
import { type Backup, overMs } from './backup.ts';
import { sameScope } from './backup-manifest.ts';
import { isGood, isTerminal } from './phase.ts';
import { causeOfFailure } from './reason.ts';
import { timeText } from './time-text.ts';
import type { VolumeBackup } from './volume-backup.ts';

/**
 * A backup with less than this share of the last good one's objects is not believed: a selector or a namespace is missing.
 * Not closer: Kubernetes Events are objects too, and come and go by the hundred.
 */
const LEAST_SHARE = 0.25;

/** Why a backup ended badly, with Velero's own words. */
export function failureText(backup: Backup): string {
  const cause = causeOfFailure(backup, { errors: [], volumes: [] });
  const said = [...backup.validationErrors, ...(backup.failureReason === undefined ? [] : [backup.failureReason])].join('; ');
  if (said !== '') return `${backup.name} ended ${backup.phase} because ${cause.words}: ${cut(redact(said), 300)}`;
  const hooks = backup.hooks.failed > 0 ? `, ${counted(backup.hooks.failed, 'failed hook')}` : '';
  return `${backup.name} ended ${backup.phase} with ${counted(backup.errors, 'error')}${hooks}`;
}

/** Whether a backup holds what it should: Completed without errors, no fewer objects than can be explained, every volume, and not about to expire. */
export function proveBackup(of: {
  readonly backup: Backup;
  readonly copies: readonly VolumeBackup[];
  readonly lastGood?: Backup;
  readonly nowMs: number;
}): Verdict {
  const { backup, copies, lastGood, nowMs } = of;
  const volumes = volumesOf(backup, copies);
  const items = backup.items.total;
  const facts: JsonObject = {
    backup: backup.name,
    phase: backup.phase,
    items,
    volumes: volumes.completed,
    errors: backup.errors,
    warnings: backup.warnings,
    expiresAtMs: backup.expiresMs,
    lastGoodItems: lastGood?.items.total,
  };
  const no = (reason: string): Verdict => ({ ok: false, reason, facts, evidence: [`${counted(backup.items.done, 'item')} of ${items}`] });

  if (!isTerminal(backup.phase)) return { ok: false, again: true, reason: `${backup.name} is not over: ${backup.phase}`, facts };
  if (!isGood(backup.phase)) return no(failureText(backup));
  if (backup.errors > 0) return no(`${backup.name} is Completed with ${counted(backup.errors, 'error')}`);
  if (items === 0) return no(`${backup.name} is Completed and holds nothing`);
  if (backup.items.done < items) return no(`${backup.name} holds ${backup.items.done} of ${items} items`);
  if (volumes.completed < volumes.attempted) return no(`${backup.name} holds ${volumes.completed} of ${counted(volumes.attempted, 'volume')}`);
  if (lastGood !== undefined && sameScope(lastGood.spec, backup.spec) && items < lastGood.items.total * LEAST_SHARE) {
    return no(`${backup.name} holds ${counted(items, 'item')}, the last good one (${lastGood.name}) held ${lastGood.items.total}`);
  }
  if (backup.expiresMs !== undefined && backup.expiresMs <= nowMs) return no(`${backup.name} expired at ${timeText(backup.expiresMs)}`);
  return { ok: true, facts, evidence: proof(backup, volumes.completed, lastGood) };
}

function proof(backup: Backup, volumes: number, lastGood: Backup | undefined): readonly string[] {
  const before = lastGood === undefined ? [] : [`the last good one (${lastGood.name}) held ${lastGood.items.total}`];
  const expires = backup.expiresMs === undefined ? [] : [`kept until ${timeText(backup.expiresMs)}`];
  const warnings = backup.warnings === 0 ? [] : [`with ${counted(backup.warnings, 'warning')}`];
  return [
    `${counted(backup.items.total, 'item')}, ${counted(volumes, 'volume')}`,
    `${backup.name} Completed in ${formatDuration(overMs(backup) - backup.madeMs)}`,
    ...warnings,
    ...before,
    ...expires,
  ];
}

/** Snapshots and copies together. */
function volumesOf(backup: Backup, copies: readonly VolumeBackup[]): { readonly attempted: number; readonly completed: number } {
  const copied = copies.filter(({ phase }) => phase === 'Completed').length;
  return { attempted: backup.volumes.attempted + copies.length, completed: backup.volumes.completed + copied };
}
