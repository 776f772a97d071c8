import { Cron } from 'croner';
import { at, objectAt, patchStatus, textAt, texts, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, ours, SCHEDULE, SCHEDULE_LABEL, type Velero } from './context.ts';

const TICK_MS = 60_000;

/** Makes a Backup when a Schedule's cron comes round: looked at once a minute, so up to a minute late. */
export type ScheduleController = { seen(schedule: WorldObject): void; started(): void };

export function scheduleController(velero: Velero): ScheduleController {
  const { objects, clock, metrics } = velero;

  const look = (schedule: WorldObject): void => {
    if (at(schedule, 'spec', 'paused') === true) return;
    const text = textAt(schedule, 'spec', 'schedule');
    const wrong = cronProblem(text);
    const phase = textAt(schedule, 'status', 'phase');
    if (wrong !== undefined) {
      change(objects, schedule, (now) => patchStatus(now, { phase: 'FailedValidation', validationErrors: [wrong] }));
      return;
    }
    if (phase !== 'Enabled') change(objects, schedule, (now) => patchStatus(now, { phase: 'Enabled', validationErrors: undefined }));
    const last = Date.parse(textAt(schedule, 'status', 'lastBackup') || schedule.metadata.creationTimestamp);
    const next = nextRunMs(text, last);
    if (next === undefined || next > clock.nowMs() || isBusy(velero, schedule)) return;
    make(schedule);
  };

  const make = (schedule: WorldObject): void => {
    const nowMs = clock.nowMs();
    const name = backupName(schedule.metadata.name, nowMs);
    if (objects.find(BACKUP, velero.namespace(), name)) return;
    const template = objectAt(schedule, 'spec', 'template');
    const { metadata: ofTemplate, ...spec } = template;
    const own = texts(at(ofTemplate, 'labels'));
    const labels = { ...(Object.keys(own).length > 0 ? own : schedule.metadata.labels), [SCHEDULE_LABEL]: schedule.metadata.name };
    objects.insert(BACKUP, { metadata: { name, namespace: velero.namespace(), labels }, spec });
    change(objects, schedule, (now) => patchStatus(now, { lastBackup: timestamp(nowMs) }));
  };

  const tick = (): void => {
    for (const schedule of ours(velero, SCHEDULE)) look(schedule);
    velero.after(TICK_MS, tick);
  };

  return {
    seen(schedule) {
      metrics.know(schedule.metadata.name);
      velero.after(0, () => look(objects.find(SCHEDULE, schedule.metadata.namespace, schedule.metadata.name) ?? schedule));
    },
    started: () => velero.after(TICK_MS, tick),
  };
}

/** A tick is skipped, without any sign, while a backup of the schedule has not come to its end. */
function isBusy(velero: Velero, schedule: WorldObject): boolean {
  const open = new Set(['', 'New', 'Queued', 'ReadyToStart', 'InProgress', 'WaitingForPluginOperations']);
  return ours(velero, BACKUP).some((one) => one.metadata.labels?.[SCHEDULE_LABEL] === schedule.metadata.name && open.has(textAt(one, 'status', 'phase')));
}

/** `daily-20261121063221`. */
export function backupName(schedule: string, atMs: number): string {
  return `${schedule}-${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}`;
}

/** What Velero says about a cron text that it cannot read. */
export function cronProblem(text: string): string | undefined {
  if (text.startsWith('@every ')) return undefined;
  if (text.startsWith('@')) return toCron(text) === undefined ? `invalid schedule: unrecognized descriptor: ${text}` : undefined;
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return `invalid schedule: expected exactly 5 fields, found ${fields.length}: [${text}]`;
  return toCron(text) === undefined ? `invalid schedule: failed to parse: ${text}` : undefined;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

function toCron(text: string): Cron | undefined {
  try {
    return new Cron(NAMED.get(text) ?? text, { timezone: 'UTC', paused: true });
  } catch {
    return undefined;
  }
}

/** `@every 6h` counts from the last backup; anything else is a calendar, in UTC as the server runs. */
function nextRunMs(text: string, afterMs: number): number | undefined {
  const every = /^@every (?:(\d+)h)?(?:(\d+)m)?$/.exec(text);
  if (every) return afterMs + (Number(every[1] ?? 0) * 60 + Number(every[2] ?? 0)) * 60_000;
  return toCron(text)?.nextRun(new Date(afterMs))?.getTime();
}

/** The last time a cron came round before a moment, for schedules that have been there for long. */
export function lastRunMs(text: string, beforeMs: number): number | undefined {
  return toCron(text)?.previousRuns(1, new Date(beforeMs))[0]?.getTime();
}
