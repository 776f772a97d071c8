import { nextTick } from '../../domain/velero/next-tick.ts';
import { at, objectAt, patchStatus, textAt, texts, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, ours, SCHEDULE, SCHEDULE_LABEL, type Velero } from './context.ts';
import { cronProblem } from './cron.ts';

const TICK_MS = 60_000;

/** Makes a Backup when a Schedule's cron comes round: looked at once a minute, so up to a minute late. */
export type ScheduleController = { seen(schedule: WorldObject): void; started(): void };

export function scheduleController(velero: Velero): ScheduleController {
  const { objects, clock, metrics } = velero;

  const look = (schedule: WorldObject): void => {
    if (at(schedule, 'spec', 'paused') === true) return;
    metrics.know(schedule.metadata.name);
    const text = textAt(schedule, 'spec', 'schedule');
    const wrong = cronProblem(text);
    const skips = at(schedule, 'spec', 'skipImmediately') === true;
    const checked = change(objects, schedule, (now) => {
      const spec = { ...objectAt(now, 'spec'), skipImmediately: false };
      const said = wrong === undefined ? { phase: 'Enabled', validationErrors: undefined } : { phase: 'FailedValidation', validationErrors: [wrong] };
      return patchStatus({ ...now, spec }, { ...said, ...(skips ? { lastSkipped: timestamp(clock.nowMs()) } : {}) });
    });
    if (checked === undefined || wrong !== undefined) return;
    const last = Date.parse(textAt(checked, 'status', 'lastBackup') || checked.metadata.creationTimestamp);
    const from = Math.max(last, Date.parse(textAt(checked, 'status', 'lastSkipped')) || 0);
    const next = nextTick(text, from, from);
    if (next === undefined || next > clock.nowMs() || isBusy(velero, checked)) return;
    make(checked);
  };

  const make = (schedule: WorldObject): void => {
    const nowMs = clock.nowMs();
    const name = backupName(schedule.metadata.name, nowMs);
    if (objects.find(BACKUP, velero.namespace(), name)) return;
    const template = objectAt(schedule, 'spec', 'template');
    const own = texts(at(template, 'metadata', 'labels'));
    const hasOwn = Object.keys(own).length > 0;
    const labels = { ...(hasOwn ? own : schedule.metadata.labels), [SCHEDULE_LABEL]: schedule.metadata.name };
    const { apiVersion, kind, metadata } = schedule;
    const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
    const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...annotations } = metadata.annotations ?? {};
    objects.insert(BACKUP, {
      metadata: {
        name,
        namespace: velero.namespace(),
        labels,
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
        ...(at(schedule, 'spec', 'useOwnerReferencesInBackup') === true ? { ownerReferences: [owner] } : {}),
      },
      spec: { hooks: {}, ...template, metadata: hasOwn ? { labels } : {} },
    });
    change(objects, schedule, (now) => patchStatus(now, { lastBackup: timestamp(nowMs) }));
  };

  const tick = (): void => {
    for (const schedule of ours(velero, SCHEDULE)) look(schedule);
    velero.after(TICK_MS, tick);
  };

  return {
    seen(schedule) {
      if (at(schedule, 'spec', 'paused') !== true) metrics.know(schedule.metadata.name);
      velero.after(0, () => look(objects.find(SCHEDULE, schedule.metadata.namespace, schedule.metadata.name) ?? schedule));
    },
    started: () => velero.after(TICK_MS, tick),
  };
}

/** A tick is skipped, without any sign, while a backup of the schedule is new or under way. One that only waits in the queue skips none. */
function isBusy(velero: Velero, schedule: WorldObject): boolean {
  const open = new Set(['', 'New', 'InProgress']);
  return ours(velero, BACKUP).some((one) => one.metadata.labels?.[SCHEDULE_LABEL] === schedule.metadata.name && open.has(textAt(one, 'status', 'phase')));
}

/** `daily-20261121063221`. */
export function backupName(schedule: string, atMs: number): string {
  return `${schedule}-${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}`;
}
