import { causeOf } from '../reason.ts';
import { type Cause, type ReasonRow, UNKNOWN_CAUSE } from '../reason-table.ts';
import type { Restore } from './restore.ts';

/**
 * Why restores fail, beside what fails backups, too: text that Velero and the API server write → what it means and what to do about it.
 * Source  texts seen from Velero 1.18 and Kubernetes 1.37.
 */
const ROWS: readonly ReasonRow[] = [
  {
    id: 'server-restarted',
    class: 'transient',
    words: 'the Velero server was restarted in the middle of it',
    fix: ['Look why it restarted: kubectl -n velero describe pod -l deploy=velero'],
    match: [['found a restore with status']],
  },
  {
    id: 'archive-gone',
    class: 'permanent',
    words: 'the archive of the backup is gone from the storage',
    fix: ['Take another backup: velero backup get', 'Look who deletes objects in the bucket: a lifecycle rule, or a person'],
    match: [['nosuchkey', 'blobnotfound', 'storage: object doesn’t exist']],
  },
  {
    id: 'backup-gone',
    class: 'permanent',
    words: 'the backup does not exist',
    fix: ['Look at the names: velero backup get'],
    match: [['error retrieving backup', 'no completed backups found', 'no backups found for schedule']],
  },
  {
    id: 'location-away',
    class: 'storage-away',
    words: 'the storage location was unavailable',
    fix: ['Look at it: velero backup-location get'],
    match: [['is unavailable, cannot retrieve the backup']],
  },
  {
    id: 'asked-wrongly',
    class: 'permanent',
    words: 'Velero refuses what was asked for',
    fix: ['Correct it and make a new restore: velero restore describe NAME'],
    match: [['invalid existingresourcepolicy', 'invalid included/excluded', 'non-restorable resources', 'only one can be specified']],
  },
  {
    id: 'webhook-refused',
    class: 'permanent',
    words: 'an admission webhook refuses what is restored',
    fix: ['Look which, in the lines below: mend it or exclude what it is about', 'Then make a new restore'],
    match: [['admission webhook', 'failed calling webhook', 'validatingadmissionpolicy']],
  },
  {
    id: 'kind-gone',
    class: 'permanent',
    words: 'the cluster does not serve a kind that the backup holds',
    fix: ['Install what brings its CustomResourceDefinition, or exclude the kind', 'Then make a new restore'],
    match: [['no matches for kind', 'the server could not find the requested resource']],
  },
  {
    id: 'quota',
    class: 'permanent',
    words: 'a quota of the namespace is used up',
    fix: ['Make room, or raise it: kubectl describe resourcequota -n NAMESPACE', 'Then make a new restore'],
    match: [['exceeded quota']],
  },
];

/** The cause of a failed restore; the most serious of all that is said wins, and what nobody knows is never taken for harmless. */
export function causeOfRestore({ validationErrors, failureReason }: Restore, lines: readonly string[]): Cause {
  const texts = [...validationErrors, ...(failureReason === undefined ? [] : [failureReason]), ...lines.filter((line) => !line.startsWith('warning: '))];
  const causes = texts.map((text) => rowOf(text) ?? causeOf(text) ?? UNKNOWN_CAUSE);
  const rank = (cause: Cause): number => (cause.id === UNKNOWN_CAUSE.id ? 2 : { permanent: 3, 'storage-away': 1, transient: 0 }[cause.class]);
  return causes.toSorted((a, b) => rank(b) - rank(a))[0] ?? UNKNOWN_CAUSE;
}

function rowOf(text: string): Cause | undefined {
  const lower = text.toLowerCase();
  const row = ROWS.find(({ match }) => match.every((some) => some.some((one) => lower.includes(one))));
  if (row === undefined) return undefined;
  const { match: _match, ...cause } = row;
  return cause;
}
