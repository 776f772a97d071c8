import { formatDuration, parseDuration } from '../../model/duration.ts';
import { isObject } from '../../model/json.ts';
import { type Backup, ofSchedule } from './backup.ts';
import { sameScope } from './backup-manifest.ts';
import { intervalOf } from './freshness.ts';
import { chooseLocation, type Location } from './location.ts';
import type { Schedule } from './schedule.ts';
import { overlaps } from './schedule-overlap.ts';
import { usualDurationMs } from './stuck-backup.ts';
import { timeText } from './time-text.ts';

/** `wrong`: it does not do what it is for. `risky`: it does until something fails. `note`: worth knowing. */
export type Lint = { readonly level: 'wrong' | 'risky' | 'note'; readonly schedule: string; readonly text: string };

export type LintSight = {
  readonly schedules: readonly Schedule[];
  readonly backups: readonly Backup[];
  readonly locations: readonly Location[];
  /** Undefined where they may not be listed. */
  readonly namespaces: ReadonlySet<string> | undefined;
  /** The most data that may be lost. */
  readonly rpoMs?: number | undefined;
  readonly nowMs: number;
};

/** What Velero keeps a backup for where its spec says nothing, or 0. */
const DEFAULT_TTL_MS = 720 * 3_600_000;
const MANY_KEPT = 500;

/** What is wrong with schedules as they are written, worst first. Nothing here needs a backup to fail first. */
export function lintSchedules(sight: LintSight): readonly Lint[] {
  const found = [...sight.schedules.flatMap((schedule) => ofOne(schedule, sight)), ...overlapping(sight), ...twice(sight.schedules)];
  const rank = { wrong: 0, risky: 1, note: 2 };
  return found.sort((a, b) => rank[a.level] - rank[b.level] || (a.schedule < b.schedule ? -1 : a.schedule > b.schedule ? 1 : 0));
}

function ofOne(schedule: Schedule, sight: LintSight): readonly Lint[] {
  const { name, cron, template } = schedule;
  const say = (level: Lint['level'], text: string): Lint => ({ level, schedule: name, text });
  const found: Lint[] = [];
  if (schedule.phase === 'FailedValidation') found.push(say('wrong', `Velero refuses it: ${schedule.validationErrors.join('; ') || 'no reason given'}`));
  const intervalMs = intervalOf(cron, sight.nowMs);
  if (intervalMs === undefined && schedule.phase !== 'FailedValidation') found.push(say('wrong', `its cron "${cron}" never comes, or cannot be read`));
  if (intervalMs !== undefined) found.push(...rhythm(schedule, intervalMs, sight).map(({ level, text }) => say(level, text)));
  if (schedule.paused) found.push(say('note', 'it is paused and makes no backups'));
  if (schedule.ownsBackups) found.push(say('risky', 'whoever deletes it deletes its Backup objects with it (useOwnerReferencesInBackup)'));

  const wanted = typeof template.storageLocation === 'string' ? template.storageLocation : undefined;
  const location = chooseLocation(sight.locations, wanted);
  if (location === undefined)
    found.push(
      say('wrong', wanted === undefined ? 'it names no storage location, and none is the default' : `its storage location "${wanted}" does not exist`),
    );
  else if (location.readOnly) found.push(say('wrong', `its storage location "${location.name}" is read-only`));
  return [...found, ...contentOf(schedule, sight.namespaces).map(({ level, text }) => say(level, text))];
}

type Said = Pick<Lint, 'level' | 'text'>;

/** How often, how long, how long kept. */
function rhythm({ name, template }: Schedule, intervalMs: number, { backups, rpoMs }: LintSight): readonly Said[] {
  const usualMs = usualDurationMs(ofSchedule(backups, name));
  const written = typeof template.ttl === 'string' ? parseDuration(template.ttl) : undefined;
  const ttlMs = written === undefined || written === 0 ? DEFAULT_TTL_MS : written;
  const every = formatDuration(intervalMs);
  const found: Said[] = [];
  if (usualMs !== undefined && usualMs > intervalMs) {
    found.push({
      level: 'wrong',
      text: `a backup takes ${formatDuration(usualMs)} and one is due every ${every}: it never keeps up, and times are skipped without a word`,
    });
  }
  if (rpoMs !== undefined && intervalMs + (usualMs ?? 0) > rpoMs) {
    const takes = usualMs === undefined ? '' : ` and takes ${formatDuration(usualMs)}`;
    found.push({ level: 'wrong', text: `at most ${formatDuration(rpoMs)} of data may be lost, but one is due every ${every}${takes}` });
  }
  if (ttlMs < intervalMs)
    found.push({
      level: 'wrong',
      text: `its backups expire after ${formatDuration(ttlMs)}, before the next one is due (every ${every}): in between there is none`,
    });
  else if (ttlMs < 2 * intervalMs)
    found.push({
      level: 'risky',
      text: `its backups expire after ${formatDuration(ttlMs)} and one is due every ${every}: if one fails, the one before it is about to go`,
    });
  const kept = Math.floor(ttlMs / intervalMs);
  if (kept > MANY_KEPT)
    found.push({ level: 'note', text: `${kept} backups of it are kept (every ${every} for ${formatDuration(ttlMs)}): every list of backups holds them` });
  return found;
}

const OLD_FILTERS = ['includedResources', 'excludedResources', 'includeClusterResources'];
const NEW_FILTERS = [
  'includedClusterScopedResources',
  'excludedClusterScopedResources',
  'includedNamespaceScopedResources',
  'excludedNamespaceScopedResources',
];

/** What it would hold. Velero looks at most of this only when it makes a backup. */
function contentOf({ template }: Schedule, namespaces: ReadonlySet<string> | undefined): readonly Said[] {
  const found: Said[] = [];
  const included = textsOf(template.includedNamespaces).filter((one) => !/[*?[{]/.test(one));
  const gone = namespaces === undefined ? [] : included.filter((one) => !namespaces.has(one));
  if (gone.length > 0)
    found.push({
      level: 'wrong',
      text: `${gone.length === 1 ? 'the namespace' : 'the namespaces'} ${gone.join(', ')} that it names ${gone.length === 1 ? 'does' : 'do'} not exist: each backup comes out partial`,
    });
  const both = textsOf(template.excludedNamespaces).filter((one) => included.includes(one));
  if (both.length > 0) found.push({ level: 'wrong', text: `${both.join(', ')} is included and excluded: each backup fails its validation` });
  const uses = (fields: readonly string[]): boolean => fields.some((field) => template[field] !== undefined && template[field] !== null);
  if (uses(OLD_FILTERS) && uses(NEW_FILTERS))
    found.push({ level: 'wrong', text: 'it mixes the old and the new resource filters: each backup fails its validation' });
  if (isObject(template.labelSelector) && Array.isArray(template.orLabelSelectors))
    found.push({ level: 'wrong', text: 'it has labelSelector and orLabelSelectors: each backup fails its validation' });
  const versioned = isObject(template.orderedResources) ? Object.keys(template.orderedResources).filter((key) => key.includes('/')) : [];
  if (versioned.length > 0)
    found.push({ level: 'wrong', text: `orderedResources names ${versioned.join(', ')}: only the plural of a resource is understood, such as secrets` });
  if (template.snapshotVolumes === false && template.defaultVolumesToFsBackup !== true)
    found.push({ level: 'risky', text: 'no volume is in it, unless its pod asks for that by an annotation (snapshotVolumes is false)' });
  return found;
}

/** Backups run one at a time. */
function overlapping({ schedules, backups, nowMs }: LintSight): readonly Lint[] {
  const active = schedules.filter(({ paused, phase }) => !paused && phase !== 'FailedValidation');
  const runs = active.map((schedule) => ({ schedule, takesMs: usualDurationMs(ofSchedule(backups, schedule.name)) ?? 0 }));
  return overlaps(runs, nowMs).map(({ first, second, atMs, times, freeMs }) => {
    const aside = freeMs === undefined ? '' : `; ${formatDuration(freeMs)} later it would not`;
    const often = times === 1 ? 'once' : `${times} times`;
    return {
      level: 'note',
      schedule: second,
      text: `it comes while ${first} runs, ${often} in a week, first at ${timeText(atMs)}: backups run one at a time, so it waits${aside}`,
    };
  });
}

/** Two that hold the same. */
function twice(schedules: readonly Schedule[]): readonly Lint[] {
  return schedules.flatMap((one, at) => {
    const same = schedules
      .slice(at + 1)
      .filter((other) => sameScope(one.template, other.template) && one.cron === other.cron && one.template.storageLocation === other.template.storageLocation);
    return same.map(({ name }) => ({
      level: 'note' as const,
      schedule: name,
      text: `it asks for the same as ${one.name}, at the same time, in the same storage`,
    }));
  });
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
