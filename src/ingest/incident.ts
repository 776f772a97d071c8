import { z } from 'zod';
import type { Alert } from '../model/alert.ts';
import { sha256 } from '../model/digest.ts';
import { emptyChain } from '../model/entry.ts';
import { incidentHeadId, incidentId } from '../model/identity.ts';
import { INCIDENT_VERSION, type Incident } from '../model/incident.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { type Labels, label } from '../model/label.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Policy, Severity } from '../model/policy.ts';
import type { Change } from '../port/store.ts';

/** Which incident of a key is open, and what started in it lately. Closing one puts a head without `open`. */
const Head = z.looseObject({
  ordinal: z.number(),
  open: z.string().optional(),
  /** Runs that started lately, for telling a storm; only kept for playbooks that know one. */
  recent: z.array(z.object({ run: z.string(), atMs: z.number() })).optional(),
});
export type IncidentHead = z.infer<typeof Head>;

export function readIncidentHead(value: Json | undefined): IncidentHead {
  return Head.safeParse(value).data ?? { ordinal: 0 };
}

export function putIncidentHead(key: string, head: IncidentHead): Extract<Change, { do: 'put' }> {
  const { ordinal, open, recent } = head;
  const value = { ordinal, ...(open === undefined ? {} : { open }), ...(recent === undefined ? {} : { recent }) };
  return { do: 'put', id: incidentHeadId(key), kind: 'slot', value };
}

/** Belongs into the commit that closes an incident: what comes behind opens the next one. */
export function headOfClosed(incident: Pick<Incident, 'key' | 'ordinal'>): Change {
  return putIncidentHead(incident.key, { ordinal: incident.ordinal });
}

/** A part of a key: no slash of a value is taken for one of the key's, and no long value makes a long key. */
function keyPart(text: string): string {
  const part = encodeURIComponent(text.toWellFormed());
  return part.length <= 120 ? part : `${part.slice(0, 100)}~${sha256(text).slice(0, 16)}`;
}

type Correlated = { readonly cluster: string; readonly labels: Labels; readonly params?: JsonObject };

/** What makes one incident: the playbook, its cluster, and the values of its `correlate` labels (a start without an alert: its parameters of these names). */
export function incidentKey(playbook: Pick<Playbook, 'id' | 'correlate'>, { cluster, labels, params = {} }: Correlated): string {
  const values = playbook.correlate
    .filter((name) => name !== 'cluster')
    .map((name) => {
      const param = Object.hasOwn(params, name) ? params[name] : undefined;
      return `/${keyPart(name)}=${keyPart(label(labels, name) ?? (typeof param === 'string' ? param : ''))}`;
    });
  return `${playbook.id}/${keyPart(cluster)}${values.join('')}`;
}

export function unroutedKey(alert: Pick<Alert, 'cluster' | 'name'>): string {
  return `unrouted/${keyPart(alert.cluster)}/${keyPart(alert.name)}`;
}

/** The severity that a label stands for; only what the policy itself names. */
export function severityOf(name: string | undefined, severities: Policy['severities']): Severity {
  const named = name !== undefined && Object.hasOwn(severities, name) ? severities[name] : undefined;
  return named ?? (Object.hasOwn(severities, 'default') ? severities['default'] : undefined) ?? 'SEV3';
}

type Opening = {
  readonly key: string;
  readonly ordinal: number;
  readonly cluster: string;
  readonly playbook?: string;
  readonly title: string;
  readonly severity: Severity;
  readonly nowMs: number;
};

/** A new incident. What belongs to it, alerts and runs, it learns by mail, so that it is told once, however often it is tried. */
export function newIncident({ key, ordinal, cluster, playbook, title, severity, nowMs }: Opening): { readonly incident: Incident; readonly put: Change } {
  const incident: Incident = {
    id: incidentId(key, ordinal),
    key,
    ordinal,
    cluster,
    ...(playbook === undefined ? {} : { playbook }),
    title,
    state: 'open',
    severity,
    openedMs: nowMs,
    openRuns: [],
    firing: [],
    runs: [],
    climbs: [],
    parked: [],
    chain: emptyChain,
  };
  const indexed = { state: incident.state, severity, cluster, playbook: playbook ?? '' };
  return { incident, put: { do: 'put', id: incident.id, kind: 'incident', version: INCIDENT_VERSION, indexed, dueMs: nowMs, value: incident } };
}
