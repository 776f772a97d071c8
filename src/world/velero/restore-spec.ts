import { at, listAt, objectAt, textAt, textsAt, type WorldObject } from '../object.ts';
import { orUsual } from './backup-spec.ts';
import { BACKUP, LOCATION, ours, scheduleOf, type Velero } from './context.ts';

/** Kinds that no restore brings back, as `plural.group`. */
export const NEVER_RESTORED: readonly string[] = [
  'nodes',
  'events',
  'events.events.k8s.io',
  'backups.velero.io',
  'restores.velero.io',
  'resticrepositories.velero.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'backuprepositories.velero.io',
];

type Checked = { readonly restore: WorldObject; readonly backup: WorldObject | undefined; readonly errors: readonly string[] };

/** A restore with what the server fills in, the backup that it is from, and why it may not start; no errors: it may. */
export function checkRestore(velero: Velero, asked: WorldObject): Checked {
  const own = objectAt(asked, 'spec');
  const spec = {
    ...own,
    itemOperationTimeout: orUsual(textAt(own, 'itemOperationTimeout'), '4h0m0s'),
    excludedResources: [...new Set([...textsAt(own, 'excludedResources'), ...NEVER_RESTORED])],
  };
  const errors = [...filterProblems(asked, spec.excludedResources)];
  const named = textAt(own, 'backupName');
  const schedule = textAt(own, 'scheduleName');
  const refused = (...more: readonly string[]): Checked => ({ restore: { ...asked, spec }, backup: undefined, errors: [...errors, ...more] });
  if ((named === '') === (schedule === '')) return refused('Either a backup or schedule must be specified as a source for the restore, but not both');
  const policy = textAt(own, 'existingResourcePolicy');
  if (policy !== '' && policy !== 'none' && policy !== 'update') errors.push(`Invalid ExistingResourcePolicy: ${policy}`);
  const all = ours(velero, BACKUP).filter((one) => scheduleOf(one) === schedule);
  const backup = named === '' ? newestCompleted(all) : velero.objects.find(BACKUP, velero.namespace(), named);
  if (named === '' && backup === undefined)
    return refused(...(all.length === 0 ? ['No backups found for schedule'] : []), 'No completed backups found for schedule');
  if (backup === undefined) return refused(`Error retrieving backup: can't find backup ${velero.namespace()}/${named}: Backup.velero.io "${named}" not found`);
  const location = textAt(backup, 'spec', 'storageLocation') || 'default';
  const home = ours(velero, LOCATION).find((one) => one.metadata.name === location);
  if (textAt(home, 'status', 'phase') === 'Unavailable') errors.push(`The BSL ${location} is unavailable, cannot retrieve the backup`);
  const filled = { ...spec, backupName: backup.metadata.name, ...(scheduleOf(backup) === '' ? {} : { scheduleName: scheduleOf(backup) }) };
  return { restore: { ...asked, spec: filled }, backup, errors };
}

function filterProblems(restore: WorldObject, excluded: readonly string[]): readonly string[] {
  const kinds = textsAt(restore, 'spec', 'includedResources');
  const both = (field: string, included: readonly string[], left: readonly string[]): readonly string[] =>
    included
      .filter((name) => left.includes(name))
      .map((name) => `Invalid included/excluded ${field} lists: excludes list cannot contain an item in the includes list: ${name}`);
  return [
    ...NEVER_RESTORED.filter((kind) => kinds.includes(kind)).map((kind) => `${kind} are non-restorable resources`),
    ...both('resource', kinds, excluded),
    ...both('namespace', textsAt(restore, 'spec', 'includedNamespaces'), textsAt(restore, 'spec', 'excludedNamespaces')),
    ...(at(restore, 'spec', 'labelSelector') !== undefined && listAt(restore, 'spec', 'orLabelSelectors').length > 0
      ? ['encountered labelSelector as well as orLabelSelectors in restore spec, only one can be specified']
      : []),
  ];
}

function newestCompleted(backups: readonly WorldObject[]): WorldObject | undefined {
  const started = (one: WorldObject): string => textAt(one, 'status', 'startTimestamp');
  return backups.filter((one) => textAt(one, 'status', 'phase') === 'Completed').sort((a, b) => started(b).localeCompare(started(a)))[0];
}
