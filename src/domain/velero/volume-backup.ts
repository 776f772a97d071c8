import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { text } from '../lenient.ts';

/** A PodVolumeBackup: the copy of one volume that a node agent makes for a Backup. */
export type VolumeBackup = { readonly pod: string; readonly volume: string; readonly phase: string; readonly message: string };

const Parts = z.looseObject({
  spec: z
    .looseObject({ volume: text, pod: z.looseObject({ namespace: text, name: text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  status: z.looseObject({ phase: text, message: text }).nullish().catch(undefined),
});

export function readVolumeBackup(found: KubeObject): VolumeBackup {
  const { spec, status } = Parts.parse(found);
  return {
    pod: `${spec?.pod?.namespace ?? ''}/${spec?.pod?.name ?? ''}`,
    volume: spec?.volume ?? '',
    phase: status?.phase ?? '',
    message: status?.message ?? '',
  };
}

/** What the copies that failed say about it, one line each. */
export function failedVolumeMessages(copies: readonly VolumeBackup[]): readonly string[] {
  return copies
    .filter(({ phase }) => phase === 'Failed' || phase === 'Canceled')
    .map(({ pod, volume, phase, message }) => `volume ${volume} of ${pod}: ${message === '' ? phase : message}`);
}
