import type { JsonObject } from '../../../src/model/json.ts';
import type { Playbook } from '../../../src/model/playbook.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import { type RouteContext, type RoutePlaybook, routePlaybook } from '../../../src/route/choose.ts';
import { everyNamespace } from '../../../src/route/name-scope.ts';

/** A playbook from its YAML. */
export function samplePlaybook(id: string, text: string): Playbook {
  const parsed = parsePlaybook({ id, text, file: `${id}.yaml` });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.playbook;
}

export function sampleRoute(id: string, text: string, defaults?: JsonObject): RoutePlaybook {
  const made = routePlaybook(samplePlaybook(id, text), defaults);
  if ('error' in made) throw new Error(made.error);
  return made;
}

export const NODE_NOT_READY = `
summary: A node stopped reporting.
match: ['alertname =~ "KubeNodeNotReady|NodeNotReady"']
require: { labels: [node] }
severity: SEV2
params: { node: { type: node, from: alert.labels.node } }
target: { from: params.node }
storm: { atLeast: 3, within: 2m, start: az-failure }
`;

export const AZ_FAILURE = `
summary: A zone is away.
params: { cluster: { type: cluster, from: run.cluster } }
target: { from: params.cluster }
`;

export const BACKUP_FAILED = `
summary: A backup failed.
match: ['alertname =~ "VeleroBackupFailed|BackupFailed"', 'schedule != ""']
params: { schedule: { type: schedule, from: alert.labels.schedule }, keep: { type: number, default: 3 } }
target: { from: params.schedule }
locks: [{ from: params.schedule }]
correlate: [cluster, schedule]
`;

export const STORAGE_FULL = `
summary: Backup storage is full.
match: ['alertname = BackupStorageFull']
find: { action: storage.locations }
params: { location: { type: storage-location, from: found.location } }
target: { from: params.location }
`;

export const sampleContext: RouteContext = {
  watchdog: 'Watchdog',
  unrouted: { critical: 'page', warning: 'incident', default: 'count' },
  namespaces: () => everyNamespace,
};
