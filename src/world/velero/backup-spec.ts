import type { JsonObject } from '../../model/json.ts';
import { at, listAt, objectAt, patchStatus, textAt, textsAt, timestamp, type WorldObject, withAnnotations, withLabels } from '../object.ts';
import { LOCATION, ours, STORAGE_LABEL, type Velero } from './context.ts';
import { MIXED_FILTERS, unknownLocation } from './failures.ts';

/** What the server fills in before it starts a backup. */
export function prepared(velero: Velero, backup: WorldObject): WorldObject {
  const spec = objectAt(backup, 'spec');
  const usual = ours(velero, LOCATION).find((one) => at(one, 'spec', 'default') === true)?.metadata.name ?? 'default';
  const storageLocation = textAt(spec, 'storageLocation') || usual;
  const full: JsonObject = {
    defaultVolumesToFsBackup: false,
    snapshotMoveData: false,
    volumeGroupSnapshotLabelKey: 'velero.io/volume-group',
    ...spec,
    csiSnapshotTimeout: orUsual(textAt(spec, 'csiSnapshotTimeout'), '10m0s'),
    itemOperationTimeout: orUsual(textAt(spec, 'itemOperationTimeout'), '4h0m0s'),
    ttl: orUsual(textAt(spec, 'ttl'), '720h0m0s'),
    includedNamespaces: listAt(spec, 'includedNamespaces').length > 0 ? listAt(spec, 'includedNamespaces') : ['*'],
    storageLocation,
    ...withSnapshotKindsLeftOut(spec),
  };
  const annotations = {
    'velero.io/resource-timeout': '10m0s',
    'velero.io/source-cluster-k8s-gitversion': 'v1.37.1',
    'velero.io/source-cluster-k8s-major-version': '1',
    'velero.io/source-cluster-k8s-minor-version': '37',
  };
  const status = { expiration: timestamp(velero.clock.nowMs() + (goDurationMs(textAt(full, 'ttl')) ?? 0)), formatVersion: '1.1.0', version: 1 };
  return patchStatus(withAnnotations(withLabels({ ...backup, spec: full }, { [STORAGE_LABEL]: storageLocation.slice(0, 63) }), annotations), status);
}

/** Snapshots are Velero's own business: it leaves their kinds out, in the style of filters that the backup uses. */
function withSnapshotKindsLeftOut(spec: JsonObject): JsonObject {
  const contents = 'volumesnapshotcontents.snapshot.storage.k8s.io';
  const snapshots = 'volumesnapshots.snapshot.storage.k8s.io';
  const add = (field: string, ...names: readonly string[]): readonly string[] => [...new Set([...textsAt(spec, field), ...names])];
  if (usesAny(spec, OLD_FILTERS)) return { excludedResources: add('excludedResources', snapshots, contents) };
  return {
    excludedClusterScopedResources: add('excludedClusterScopedResources', contents),
    excludedNamespaceScopedResources: add('excludedNamespaceScopedResources', snapshots),
  };
}

const OLD_FILTERS = ['includedResources', 'excludedResources', 'includeClusterResources'];
const NEW_FILTERS = [
  'includedClusterScopedResources',
  'excludedClusterScopedResources',
  'includedNamespaceScopedResources',
  'excludedNamespaceScopedResources',
];

const usesAny = (spec: JsonObject, fields: readonly string[]): boolean => fields.some((field) => spec[field] !== undefined);

/** Why a backup may not start, by what was asked for and what it became; empty: it may. */
export function problems(velero: Velero, asked: WorldObject, backup: WorldObject): readonly string[] {
  const found: string[] = [];
  const location = textAt(backup, 'spec', 'storageLocation');
  const home = ours(velero, LOCATION).find((one) => one.metadata.name === location);
  if (home === undefined) found.push(unknownLocation(location, textAt(asked, 'spec', 'storageLocation') !== ''));
  else {
    if (textAt(home, 'spec', 'accessMode') === 'ReadOnly')
      found.push(`backup can't be created because backup storage location ${location} is currently in read-only mode`);
    if (textAt(home, 'status', 'phase') === 'Unavailable')
      found.push(`backup can't be created because BackupStorageLocation ${location} is in Unavailable status.`);
  }
  const spec = objectAt(asked, 'spec');
  if (usesAny(spec, OLD_FILTERS) && usesAny(spec, NEW_FILTERS)) found.push(MIXED_FILTERS);
  const both = textsAt(backup, 'spec', 'includedNamespaces').filter((name) => textsAt(backup, 'spec', 'excludedNamespaces').includes(name));
  if (both.length > 0) found.push(`Invalid included/excluded namespace lists: excludes list cannot contain an item in the includes list: ${both[0]}`);
  if (at(backup, 'spec', 'labelSelector') !== undefined && listAt(backup, 'spec', 'orLabelSelectors').length > 0) {
    found.push('encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified');
  }
  return found;
}

/** A duration of nothing is none: Velero's command line writes `0s` where nobody said anything. */
export function orUsual(text: string, usual: string): string {
  return (goDurationMs(text) ?? 0) === 0 ? usual : text;
}

/** `720h0m0s` in ms. */
function goDurationMs(text: string): number | undefined {
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text);
  if (!found || text === '') return undefined;
  return (Number(found[1] ?? 0) * 3600 + Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0)) * 1000;
}
