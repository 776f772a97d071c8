import type { Incident } from '../model/incident.ts';
import type { Severity } from '../model/policy.ts';
import type { Page } from '../port/pager.ts';

/** Names that what we send goes by; the same for a repeat of the same message, so that the other side can tell. */
export const cardKey = (incident: string): string => `${incident}/card`;
export const updateKey = (incident: string): string => `${incident}/update`;
export const fileKey = (incident: string, n: number): string => `${incident}/file/${n}`;
export const entryKey = (incident: string, n: number): string => `${incident}/entry/${n}`;

/** At most 255 characters, whatever a cluster is called. */
export function dedupKey(incident: Pick<Incident, 'id' | 'cluster'>): string {
  return `salvor/${incident.cluster.slice(0, 150)}/${incident.id}`.slice(0, 255);
}

/** What PagerDuty calls our severities. */
export const PAGER_SEVERITY: { readonly [S in Severity]: Page['severity'] } = { SEV1: 'critical', SEV2: 'error', SEV3: 'warning' };
