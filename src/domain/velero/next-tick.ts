import { Cron } from 'croner';
import { parseDuration } from '../../model/duration.ts';

/** `CRON_TZ=Europe/Berlin 0 2 * * *`: the zone that one schedule carries itself. Velero reads the others in its own zone, UTC in its image. */
const ZONE = /^(?:CRON_TZ|TZ)=(\S{1,64})\s+(.*)$/;
const EVERY = /^@every\s+(\S+)$/;

/**
 * When a schedule starts its next backup, in ms. Velero looks once a minute, so the backup comes up to a minute later.
 * Undefined where the text is no cron expression, or never comes true. `@every` counts from the last backup.
 */
export function nextTick(cron: string, nowMs: number, lastBackupMs?: number): number | undefined {
  const [, zone = 'UTC', zoned] = ZONE.exec(cron.trim()) ?? [];
  const pattern = (zoned ?? cron).trim();
  const every = EVERY.exec(pattern)?.[1];
  if (every !== undefined) return nextInterval(every, nowMs, lastBackupMs);
  try {
    return new Cron(pattern, { timezone: zone, mode: '5-part', paused: true }).nextRun(new Date(nowMs))?.getTime();
  } catch {
    return undefined;
  }
}

function nextInterval(every: string, nowMs: number, lastBackupMs: number | undefined): number | undefined {
  const intervalMs = parseDuration(every);
  if (intervalMs === undefined || intervalMs === 0) return undefined;
  return Math.max(nowMs, (lastBackupMs ?? nowMs) + intervalMs);
}
