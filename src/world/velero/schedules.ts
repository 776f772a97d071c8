import { nextTick } from '../../domain/velero/next-tick.ts';
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
    const next = nextTick(text, last, last);
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
  if (text.startsWith('@')) return nextTick(text, 0) === undefined ? `invalid schedule: unrecognized descriptor: ${text}` : undefined;
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return `invalid schedule: expected exactly 5 fields, found ${fields.length}: [${text}]`;
  return nextTick(text, 0) === undefined ? `invalid schedule: failed to parse: ${text}` : undefined;
}

const HOUR_MS = 3_600_000;
const WINDOWS_MS = [HOUR_MS, 25 * HOUR_MS, 8 * 24 * HOUR_MS, 32 * 24 * HOUR_MS, 366 * 24 * HOUR_MS];

/** The last time a cron came round before a moment, for schedules that have been there for long. */
export function lastRunMs(text: string, beforeMs: number): number | undefined {
  for (const windowMs of WINDOWS_MS) {
    let last: number | undefined;
    for (let next = nextTick(text, beforeMs - windowMs); next !== undefined && next <= beforeMs; next = nextTick(text, next)) last = next;
    if (last !== undefined || text.startsWith('@every')) return last;
  }
  return undefined;
}
