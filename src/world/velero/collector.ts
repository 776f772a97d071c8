import { suffix } from '../ids.ts';
import { textAt, type WorldObject, withLabels } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, DELETION, LOCATION, ours, type Velero } from './context.ts';

/** How often expired backups are looked for; one that appears is looked at once, as all are when the server starts. */
const LOOK_MS = 3_600_000;
const FAILURE_LABEL = 'velero.io/gc-failure';

/** Asks for the deletion of backups that are past their time, or labels those where that cannot be done with the reason. */
export function collectExpired(velero: Velero): { seen(backup: WorldObject): void; started(): void } {
  const { objects, clock, ids, namespace } = velero;

  const look = (backup: WorldObject): void => {
    const expiresMs = Date.parse(textAt(backup, 'status', 'expiration'));
    if (!(expiresMs < clock.nowMs())) return;
    const home = ours(velero, LOCATION).find((one) => one.metadata.name === textAt(backup, 'spec', 'storageLocation'));
    // An unavailable location leaves no label: Velero only tries again.
    if (textAt(home, 'status', 'phase') === 'Unavailable') return;
    const reason = home === undefined ? 'BSLNotFound' : textAt(home, 'spec', 'accessMode') === 'ReadOnly' ? 'BSLReadOnly' : undefined;
    change(objects, backup, (now) => withLabel(now, reason));
    const open = ours(velero, DELETION).some(
      (one) => textAt(one, 'spec', 'backupName') === backup.metadata.name && textAt(one, 'status', 'phase') !== 'Processed',
    );
    if (reason === undefined && !open) ask(backup);
  };

  const lookAtAll = (): void => {
    for (const backup of ours(velero, BACKUP)) look(backup);
  };
  const lookAgain = (): void => {
    lookAtAll();
    velero.after(LOOK_MS, lookAgain);
  };

  const ask = ({ metadata: { name, uid } }: WorldObject): void => {
    const labels = { 'velero.io/backup-name': name, 'velero.io/backup-uid': uid };
    objects.insert(DELETION, { metadata: { name: `${name}-${suffix(ids)}`, namespace: namespace(), labels }, spec: { backupName: name } });
  };

  return {
    seen: look,
    started() {
      if (!velero.wasRunning) lookAtAll();
      velero.after(LOOK_MS, lookAgain);
    },
  };
}

/** The label says what is in the way, and goes when nothing is. */
function withLabel(backup: WorldObject, reason: string | undefined): WorldObject {
  if (reason !== undefined) return withLabels(backup, { [FAILURE_LABEL]: reason });
  const { [FAILURE_LABEL]: _reason, ...labels } = backup.metadata.labels ?? {};
  return { ...backup, metadata: { ...backup.metadata, labels } };
}
