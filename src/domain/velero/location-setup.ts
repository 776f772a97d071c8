import { z } from 'zod';
import { formatDuration } from '../../model/duration.ts';
import type { Finding } from '../../model/finding.ts';
import type { KubeObject } from '../../model/object.ts';
import { text, timeMs } from '../lenient.ts';
import { isAvailable, type Location, readLocation } from './location.ts';
import { causeOf } from './reason.ts';
import { storageObstacle } from './second-try.ts';
import { timeText } from './time-text.ts';

/** How a BackupStorageLocation is set up, for people who have to mend it. The credential is a name, never what is in it. */
export type LocationSetup = Location & {
  readonly provider: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly url: string;
  readonly region: string;
  readonly hasAuthority: boolean;
  readonly credential: { readonly name: string; readonly key: string };
  readonly validatedMs?: number;
};

/** What Velero reads where a location names no credential of its own. */
const DEFAULT_CREDENTIAL = { name: 'cloud-credentials', key: 'cloud' };
/** Velero looks at each location every ten seconds to a minute: after so long it no longer looks. */
const LOOKED_WITHIN_MS = 10 * 60_000;
/** What is away for longer is a person's matter, whatever its message says. */
const AWAY_WITHIN_MS = 30 * 60_000;

const Parts = z.looseObject({
  spec: z
    .looseObject({
      provider: text,
      config: z.record(z.string(), z.string()).optional().catch(undefined),
      credential: z.looseObject({ name: text, key: text }).nullish().catch(undefined),
      objectStorage: z.looseObject({ bucket: text, prefix: text, caCert: text, caCertRef: z.unknown().optional() }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  status: z.looseObject({ lastValidationTime: text }).nullish().catch(undefined),
});

export function readLocationSetup(found: KubeObject): LocationSetup {
  const { spec, status } = Parts.parse(found);
  const validatedMs = timeMs(status?.lastValidationTime);
  const { name, key } = spec?.credential ?? {};
  return {
    ...readLocation(found),
    provider: spec?.provider ?? '',
    bucket: spec?.objectStorage?.bucket ?? '',
    prefix: spec?.objectStorage?.prefix ?? '',
    url: spec?.config?.['s3Url'] ?? '',
    region: spec?.config?.['region'] ?? '',
    hasAuthority: spec?.objectStorage?.caCert !== undefined || (spec?.objectStorage?.caCertRef ?? undefined) !== undefined,
    credential: name === undefined ? DEFAULT_CREDENTIAL : { name, key: key ?? DEFAULT_CREDENTIAL.key },
    ...(validatedMs === undefined ? {} : { validatedMs }),
  };
}

/** What is wrong with a location, or undefined: the storage refuses, does not answer, or is not looked at any more. */
export function locationFinding(location: LocationSetup, nowMs: number): Finding | undefined {
  if (location.validatedMs !== undefined && nowMs - location.validatedMs > LOOKED_WITHIN_MS) {
    return {
      kind: 'hand-over',
      reason: `Velero has not looked at the storage "${location.name}" for ${formatDuration(nowMs - location.validatedMs)}: what it says about it is old`,
      hints: ['See whether its server works: salvor run backup-health', 'A validationFrequency of 0 turns the look off: then this is as somebody set it'],
    };
  }
  if (isAvailable(location)) return undefined;
  const found = storageObstacle({ ...location, readOnly: false }, { name: location.name });
  if (found?.kind !== 'wait') return found;
  const awayMs = location.lastSyncedMs === undefined ? undefined : nowMs - location.lastSyncedMs;
  if (awayMs === undefined || awayMs <= AWAY_WITHIN_MS) return found;
  const fix = causeOf(location.message)?.fix ?? ['Look at the storage itself, and at the way to it from the cluster'];
  return {
    kind: 'hand-over',
    reason: found.reason,
    hints: [...fix, `From the cluster: ${location.url === '' ? `the ${location.provider} account and bucket ${location.bucket}` : location.url}`],
  };
}

/** `default: Available, bucket velero at http://…, looked at 2026-11-21 12:00 UTC`. */
export function locationLine({ name, phase, bucket, prefix, url, region, readOnly, hasAuthority, validatedMs }: LocationSetup): string {
  return [
    `${name}: ${phase || 'not looked at yet'}`,
    `bucket ${bucket}${prefix === '' ? '' : `/${prefix}`}${url === '' ? '' : ` at ${url}`}${region === '' ? '' : ` in ${region}`}`,
    ...(readOnly ? ['read-only'] : []),
    ...(hasAuthority ? ['with a certificate authority of its own'] : []),
    validatedMs === undefined ? 'never looked at' : `looked at ${timeText(validatedMs)}`,
  ].join(', ');
}
