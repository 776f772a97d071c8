import { z } from 'zod';
import { digest } from '../../model/digest.ts';
import type { JsonObject } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { flag, object, text, texts, timeMs } from '../lenient.ts';
import { heldBy } from './legal-hold.ts';

/** A Schedule. Paused at creation it has no status at all; paused later its phase stays Enabled. */
export type Schedule = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly cron: string;
  readonly paused: boolean;
  readonly phase: string;
  readonly validationErrors: readonly string[];
  readonly createdMs?: number;
  readonly lastBackupMs?: number;
  /** Velero lets the time that has passed go by: asked for in the spec, and when it last did. */
  readonly skipsOnce: boolean;
  readonly lastSkippedMs?: number;
  /** Deleting the schedule takes its Backup objects along. */
  readonly ownsBackups: boolean;
  /** Why none of its backups may be deleted, where somebody wrote that on it. */
  readonly hold?: string;
  readonly labels: { readonly [name: string]: string };
  /** The spec of its backups, with `metadata` where labels of their own are given. */
  readonly template: JsonObject;
};

const Parts = z.looseObject({
  spec: z.looseObject({ schedule: text, paused: flag, skipImmediately: flag, useOwnerReferencesInBackup: flag, template: object }).optional().catch(undefined),
  status: z.looseObject({ phase: text, validationErrors: texts, lastBackup: text, lastSkipped: text }).nullish().catch(undefined),
});

export function readSchedule(found: KubeObject): Schedule {
  const { spec, status } = Parts.parse(found);
  const { name, namespace = '', uid = '', labels = {} } = found.metadata;
  const createdMs = timeMs(found.metadata.creationTimestamp);
  const lastBackupMs = timeMs(status?.lastBackup);
  const lastSkippedMs = timeMs(status?.lastSkipped);
  const hold = heldBy(found.metadata);
  return {
    name,
    namespace,
    uid,
    cron: spec?.schedule ?? '',
    paused: spec?.paused ?? false,
    phase: status?.phase ?? '',
    validationErrors: status?.validationErrors ?? [],
    ...(createdMs === undefined ? {} : { createdMs }),
    ...(lastBackupMs === undefined ? {} : { lastBackupMs }),
    skipsOnce: spec?.skipImmediately ?? false,
    ...(lastSkippedMs === undefined ? {} : { lastSkippedMs }),
    ownsBackups: spec?.useOwnerReferencesInBackup ?? false,
    ...(hold === undefined ? {} : { hold }),
    labels,
    template: spec?.template ?? {},
  };
}

/** Names what a backup of this schedule would be made of: another digest, another backup. */
export function templateDigest(schedule: Schedule): string {
  return digest({ template: schedule.template, labels: schedule.labels });
}
