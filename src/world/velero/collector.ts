import { suffix } from '../ids.ts';
import { textAt, type WorldObject, withLabels } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, DELETION, LOCATION, ours, type Velero } from './context.ts';

/** How often expired backups are looked for. */
const LOOK_MS = 3_600_000;
const FAILURE_LABEL = 'velero.io/gc-failure';

/** Asks for the deletion of backups that are past their time, or labels those where that cannot be done with the reason. */
export function collectExpired(velero: Velero): { started(): void } {
  const { objects, clock, ids, namespace } = velero;

  const look = (): void => {
    for (const backup of ours(velero, BACKUP)) {
      const expiresMs = Date.parse(textAt(backup, 'status', 'expiration'));
      if (!(expiresMs < clock.nowMs()) || textAt(backup, 'status', 'phase') === 'Deleting') continue;
      const reason = obstacle(velero, backup);
      if (reason !== undefined) change(objects, backup, (now) => withLabels(now, { [FAILURE_LABEL]: reason }));
      else if (!ours(velero, DELETION).some((one) => textAt(one, 'spec', 'backupName') === backup.metadata.name)) ask(backup);
    }
    velero.after(LOOK_MS, look);
  };

  const ask = ({ metadata: { name, uid } }: WorldObject): void => {
    const labels = { 'velero.io/backup-name': name, 'velero.io/backup-uid': uid };
    objects.insert(DELETION, { metadata: { name: `${name}-${suffix(ids)}`, namespace: namespace(), labels }, spec: { backupName: name } });
  };

  return { started: () => velero.after(LOOK_MS, look) };
}

function obstacle(velero: Velero, backup: WorldObject): string | undefined {
  const home = ours(velero, LOCATION).find((one) => one.metadata.name === textAt(backup, 'spec', 'storageLocation'));
  if (home === undefined) return 'BSLNotFound';
  if (textAt(home, 'spec', 'accessMode') === 'ReadOnly') return 'BSLReadOnly';
  return textAt(home, 'status', 'phase') === 'Unavailable' ? 'BSLUnavailable' : undefined;
}
