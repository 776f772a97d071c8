import { z } from 'zod';
import { cut } from '../../model/cut.ts';
import type { KubeObject } from '../../model/object.ts';
import { text, timeMs } from '../lenient.ts';
import { redact } from '../redact.ts';
import { VELERO_API } from './kinds.ts';

export const REPOSITORY = { apiVersion: VELERO_API, kind: 'BackupRepository' } as const;

/** A BackupRepository: where the volumes of one namespace are kept in a location, and whether it can be opened. */
export type Repository = {
  readonly name: string;
  readonly volumeNamespace: string;
  readonly location: string;
  /** `New`, `Ready`, `NotReady`. */
  readonly phase: string;
  readonly message: string;
  /** What went wrong in the newest maintenance; empty where it went well, or never was. */
  readonly maintenance: string;
  readonly maintainedMs?: number;
};

const Parts = z.looseObject({
  spec: z.looseObject({ volumeNamespace: text, backupStorageLocation: text }).optional().catch(undefined),
  status: z
    .looseObject({
      phase: text,
      message: text,
      lastMaintenanceTime: text,
      recentMaintenance: z
        .array(z.looseObject({ result: text, message: text }))
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

export function readRepository(found: KubeObject): Repository {
  const { spec, status } = Parts.parse(found);
  const newest = status?.recentMaintenance?.at(-1);
  const maintainedMs = timeMs(status?.lastMaintenanceTime);
  return {
    name: found.metadata.name,
    volumeNamespace: spec?.volumeNamespace ?? '',
    location: spec?.backupStorageLocation ?? '',
    phase: status?.phase ?? '',
    message: cut(redact(status?.message ?? ''), 300),
    maintenance: newest?.result === 'Failed' ? cut(redact(newest.message ?? 'failed'), 300) : '',
    ...(maintainedMs === undefined ? {} : { maintainedMs }),
  };
}

/** What is wrong with it, or undefined. */
export function repositoryProblem({ name, phase, message, maintenance }: Repository): string | undefined {
  if (phase === 'NotReady') return `the repository ${name} cannot be opened${message === '' ? '' : `: ${message}`}`;
  return maintenance === '' ? undefined : `the last maintenance of the repository ${name} failed: ${maintenance}`;
}
