import type { ObjectRef } from '../../../model/object.ts';
import { labelValue, VELERO_API } from '../kinds.ts';

/** References to what belongs to a restore, and the names that Salvor gives to restores. */

/** Velero puts it on every object that it brings back, with the restore's name. */
export const RESTORE_LABEL = 'velero.io/restore-name';

type Query = { readonly apiVersion: string; readonly kind: string; readonly namespace: string; readonly labelSelector?: string };

export const restoreRef = (namespace: string, name: string): ObjectRef => ({ apiVersion: VELERO_API, kind: 'Restore', namespace, name });
export const restoresQuery = (namespace: string): Query => ({ apiVersion: VELERO_API, kind: 'Restore', namespace });
export const namespaceRef = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Namespace', name });

/** `velero.io/restore-name=…`: what a restore brought back. */
export const broughtBy = (restore: string): string => `${RESTORE_LABEL}=${labelValue(restore)}`;

/** The copies of volumes that node agents and data movers write for a restore. */
export function volumeRestoresQuery(namespace: string, restore: string): Query {
  return { apiVersion: VELERO_API, kind: 'PodVolumeRestore', namespace, labelSelector: broughtBy(restore) };
}
export function dataDownloadsQuery(namespace: string, restore: string): Query {
  return { apiVersion: 'velero.io/v2alpha1', kind: 'DataDownload', namespace, labelSelector: broughtBy(restore) };
}

const LONGEST = 63;
const KEY_LENGTH = 8;

/** `shop-restore-3f9a01c2`: at most 63 characters, so that it fits into labels uncut. The same stepKey gives the same name. */
export const restoreName = (target: string, stepKey: string): string => withKey(target, '-restore-', stepKey);
/** `shop-before-3f9a01c2`: the backup of what was there before. */
export const safetyName = (target: string, stepKey: string): string => withKey(target, '-before-', stepKey);

function withKey(base: string, middle: string, stepKey: string): string {
  const suffix = middle + stepKey.slice(0, KEY_LENGTH);
  return base.slice(0, LONGEST - suffix.length).replace(/[-.]{1,63}$/, '') + suffix;
}
