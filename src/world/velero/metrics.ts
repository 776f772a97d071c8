import { theKind } from '../kinds.ts';
import { textAt } from '../object.ts';
import type { Objects } from '../objects.ts';

/** Counters by schedule, with the help texts of Velero 1.18. They start again at 0 with the server. */
const COUNTERS = {
  backup_attempt_total: 'Total number of attempted backups',
  backup_deletion_attempt_total: 'Total number of attempted backup deletions',
  backup_deletion_failure_total: 'Total number of failed backup deletions',
  backup_deletion_success_total: 'Total number of successful backup deletions',
  backup_failure_total: 'Total number of failed backups',
  backup_partial_failure_total: 'Total number of partially failed backups',
  backup_success_total: 'Total number of successful backups',
  backup_validation_failure_total: 'Total number of validation failed backups',
  backup_warning_total: 'Total number of warned backups',
  csi_snapshot_attempt_total: 'Total number of CSI attempted volume snapshots',
  csi_snapshot_failure_total: 'Total number of CSI failed volume snapshots',
  csi_snapshot_success_total: 'Total number of CSI successful volume snapshots',
  restore_attempt_total: 'Total number of attempted restores',
  restore_failed_total: 'Total number of failed restores',
  restore_partial_failure_total: 'Total number of partially failed restores',
  restore_success_total: 'Total number of successful restores',
  restore_validation_failed_total: 'Total number of failed restores failing validations',
  volume_snapshot_attempt_total: 'Total number of attempted volume snapshots',
  volume_snapshot_failure_total: 'Total number of failed volume snapshots',
  volume_snapshot_success_total: 'Total number of successful volume snapshots',
} as const;
export type Counter = keyof typeof COUNTERS;

const GAUGES = {
  backup_items_errors: 'Total number of errors encountered during backup',
  backup_items_total: 'Total number of items backed up',
  backup_last_status: 'Last status of the backup. A value of 1 is success, 0 is failure',
  backup_last_successful_timestamp: 'Last time a backup ran successfully, Unix timestamp in seconds',
  backup_tarball_size_bytes: 'Size, in bytes, of a backup',
} as const;
export type Gauge = keyof typeof GAUGES;

/** Upper bounds in seconds. */
const BUCKETS = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400] as const;

export type MetricSample = { readonly name: string; readonly labels: { readonly [name: string]: string }; readonly value: number };
type Family = { readonly name: string; readonly help: string; readonly type: 'counter' | 'gauge' | 'histogram'; readonly samples: readonly MetricSample[] };

export type VeleroMetrics = {
  count(counter: Counter, schedule: string, by?: number): void;
  set(gauge: Gauge, schedule: string, value: number): void;
  took(schedule: string, seconds: number): void;
  /** All at 0 from now on, unless they count already; only the last status is 1 again, whatever it was. */
  know(schedule: string): void;
  /** The schedule is gone, and all that was counted for it. */
  forget(schedule: string): void;
  located(location: string, isAvailable: boolean): void;
  /** Counts the objects and looks for the last good backups; in between their gauges stand still. */
  recount(): void;
  /** The server started again. */
  reset(): void;
  samples(): readonly MetricSample[];
  /** The text of `/metrics`, Velero's own families only. */
  text(): string;
};

type Views = { readonly objects: Objects; readonly namespace: () => string };

export function veleroMetrics({ objects, namespace }: Views): VeleroMetrics {
  const counters = new Map<Counter, Map<string, number>>();
  const gauges = new Map<Gauge, Map<string, number>>();
  const durations = new Map<string, number[]>();
  const locations = new Map<string, boolean>();
  const totals = { backups: 0, restores: 0 };

  const row = <K>(table: Map<K, Map<string, number>>, key: K): Map<string, number> => {
    let found = table.get(key);
    if (found === undefined) table.set(key, (found = new Map()));
    return found;
  };
  const bySchedule = (name: string, values: ReadonlyMap<string, number>, csi = false): readonly MetricSample[] =>
    [...values]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([schedule, value]) => ({ name: `velero_${name}`, labels: csi ? { backupName: '', schedule } : { schedule }, value }));

  const families = (): readonly Family[] => {
    const made: Family[] = [
      ...namesOf(COUNTERS).map(
        (name): Family => ({ name, help: COUNTERS[name], type: 'counter', samples: bySchedule(name, row(counters, name), name.startsWith('csi')) }),
      ),
      ...namesOf(GAUGES).map((name): Family => ({ name, help: GAUGES[name], type: 'gauge', samples: bySchedule(name, row(gauges, name)) })),
      { name: 'backup_duration_seconds', help: 'Time taken to complete backup, in seconds', type: 'histogram', samples: [...durations].flatMap(histogram) },
      {
        name: 'backup_location_status_gauge',
        help: 'The status of backup location.  A value of 1 is available, 0 is unavailable',
        type: 'gauge',
        samples: [...locations]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, isAvailable]) => ({
            name: 'velero_backup_location_status_gauge',
            labels: { backup_location_name: name },
            value: isAvailable ? 1 : 0,
          })),
      },
      {
        name: 'backup_total',
        help: 'Current number of existent backups',
        type: 'gauge',
        samples: [{ name: 'velero_backup_total', labels: {}, value: totals.backups }],
      },
      {
        name: 'restore_total',
        help: 'Current number of existent restores',
        type: 'gauge',
        samples: [{ name: 'velero_restore_total', labels: {}, value: totals.restores }],
      },
    ];
    return made.filter((family) => family.samples.length > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  const metrics: VeleroMetrics = {
    count(counter, schedule, by = 1) {
      const values = row(counters, counter);
      values.set(schedule, (values.get(schedule) ?? 0) + by);
    },
    set: (gauge, schedule, value) => void row(gauges, gauge).set(schedule, value),
    took: (schedule, seconds) => void durations.set(schedule, [...(durations.get(schedule) ?? []), seconds]),
    know(schedule) {
      for (const counter of namesOf(COUNTERS)) if (!row(counters, counter).has(schedule)) row(counters, counter).set(schedule, 0);
      for (const gauge of ['backup_items_errors', 'backup_items_total'] as const) if (!row(gauges, gauge).has(schedule)) row(gauges, gauge).set(schedule, 0);
      row(gauges, 'backup_last_status').set(schedule, 1);
    },
    forget(schedule) {
      for (const values of [...counters.values(), ...gauges.values(), durations]) values.delete(schedule);
    },
    located: (location, isAvailable) => void locations.set(location, isAvailable),
    recount() {
      const backups = objects.all(theKind('velero.io/v1', 'Backup'), namespace());
      totals.backups = backups.length;
      totals.restores = objects.all(theKind('velero.io/v1', 'Restore'), namespace()).length;
      const lastGood = new Map<string, number>();
      for (const backup of backups) {
        if (textAt(backup, 'status', 'phase') !== 'Completed') continue;
        const schedule = backup.metadata.labels?.['velero.io/schedule-name'] ?? '';
        const seconds = Date.parse(textAt(backup, 'status', 'completionTimestamp')) / 1000;
        lastGood.set(schedule, Math.max(lastGood.get(schedule) ?? 0, seconds));
      }
      for (const [schedule, seconds] of lastGood) metrics.set('backup_last_successful_timestamp', schedule, seconds);
    },
    reset() {
      counters.clear();
      gauges.clear();
      durations.clear();
      locations.clear();
      totals.backups = 0;
      totals.restores = 0;
      metrics.know('');
    },
    samples: () => families().flatMap((family) => family.samples),
    text: () => families().map(familyText).join(''),
  };
  return metrics;
}

function histogram([schedule, seconds]: readonly [string, readonly number[]]): readonly MetricSample[] {
  const name = 'velero_backup_duration_seconds';
  const buckets = [...BUCKETS, Number.POSITIVE_INFINITY].map((le) => ({
    name: `${name}_bucket`,
    labels: { schedule, le: le === Number.POSITIVE_INFINITY ? '+Inf' : String(le) },
    value: seconds.filter((one) => one <= le).length,
  }));
  const sum = seconds.reduce((total, one) => total + one, 0);
  return [...buckets, { name: `${name}_sum`, labels: { schedule }, value: sum }, { name: `${name}_count`, labels: { schedule }, value: seconds.length }];
}

function familyText({ name, help, type, samples }: Family): string {
  const lines = samples.map((sample) => {
    const labels = Object.entries(sample.labels).map(([label, value]) => `${label}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
    return `${sample.name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${goNumber(sample.value)}\n`;
  });
  return `# HELP velero_${name} ${help}\n# TYPE velero_${name} ${type}\n${lines.join('')}`;
}

/** Large numbers as Go writes them: 1.795243228e+09. */
function goNumber(value: number): string {
  if (Math.abs(value) < 1e6) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`;
}

function namesOf<T extends object>(table: T): readonly (keyof T & string)[] {
  const isName = (name: string): name is keyof T & string => Object.hasOwn(table, name);
  return Object.keys(table).filter(isName);
}
