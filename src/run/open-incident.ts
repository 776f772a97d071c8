import { plain } from '../domain/plain.ts';
import { newIncident, putIncidentHead, readIncidentHead } from '../ingest/incident.ts';
import type { Sheet } from '../ingest/sheet.ts';
import { incidentHeadId } from '../model/identity.ts';
import { isObject } from '../model/json.ts';
import type { Severity } from '../model/policy.ts';

type Wanted = { readonly key: string; readonly playbook?: string; readonly title: string; readonly severity: Severity; readonly nowMs: number };

/** The open incident of a key, or a new one behind the last that was closed. The commit holds only while it is still the open one. */
export async function openIncident(sheet: Sheet, wanted: Wanted): Promise<string> {
  const headId = incidentHeadId(wanted.key);
  await sheet.load([headId]);
  const head = readIncidentHead(sheet.value(headId));
  sheet.rely(headId);
  if (head.open !== undefined) {
    await sheet.load([head.open]);
    if (!isClosed(sheet, head.open)) return head.open;
  }
  const { incident, put } = newIncident({ ...wanted, title: plain(wanted.title, 250), ordinal: head.ordinal + 1, cluster: sheet.partition });
  await sheet.load([incident.id]);
  sheet.add(put, putIncidentHead(wanted.key, { ordinal: incident.ordinal, open: incident.id }));
  return incident.id;
}

export function isClosed(sheet: Sheet, id: string): boolean {
  const incident = sheet.value(id);
  return !isObject(incident) || incident['state'] === 'closed';
}
