import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { flag, text, timeMs } from '../lenient.ts';

/** A BackupStorageLocation: where backups are stored, and whether Velero reached it at its last look. */
export type Location = {
  readonly name: string;
  readonly uid: string;
  /** `Available`, `Unavailable`, or empty before the first look. */
  readonly phase: string;
  readonly message: string;
  readonly readOnly: boolean;
  readonly isDefault: boolean;
  readonly lastSyncedMs?: number;
};

const Parts = z.looseObject({
  spec: z.looseObject({ accessMode: text, default: flag }).optional().catch(undefined),
  status: z.looseObject({ phase: text, message: text, lastSyncedTime: text }).nullish().catch(undefined),
});

export function readLocation(found: KubeObject): Location {
  const { spec, status } = Parts.parse(found);
  const lastSyncedMs = timeMs(status?.lastSyncedTime);
  return {
    name: found.metadata.name,
    uid: found.metadata.uid ?? '',
    phase: status?.phase ?? '',
    message: status?.message ?? '',
    readOnly: spec?.accessMode === 'ReadOnly',
    isDefault: spec?.default ?? false,
    ...(lastSyncedMs === undefined ? {} : { lastSyncedMs }),
  };
}

/** The location of that name; without a name the default one, or the only one. */
export function chooseLocation(locations: readonly Location[], name: string | undefined): Location | undefined {
  if (name !== undefined && name !== '') return locations.find((location) => location.name === name);
  return locations.find(({ isDefault }) => isDefault) ?? (locations.length === 1 ? locations[0] : undefined);
}

/** Velero makes a location's first look at once; until then nothing is known. */
export const isAvailable = (location: Location): boolean => location.phase === 'Available';
