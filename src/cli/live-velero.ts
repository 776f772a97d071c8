import { type Permission, permissionText } from '../domain/permission.ts';
import { redact } from '../domain/redact.ts';
import { DEFAULT_NAMESPACE, locationsQuery, VELERO_API } from '../domain/velero/kinds.ts';
import { isAvailable, type Location, readLocation } from '../domain/velero/location.ts';
import { causeOf } from '../domain/velero/reason.ts';
import { errorCode } from '../model/error.ts';
import type { Needed } from '../playbook/permissions.ts';
import type { Cluster } from '../port/kube.ts';
import type { Finding } from './live-reach.ts';

const GROUP = 'velero.io';
const KINDS = ['Backup', 'BackupStorageLocation', 'DownloadRequest', 'PodVolumeBackup', 'Schedule', 'ServerStatusRequest'] as const;
/** The version whose phases, texts and kinds the playbooks were held to. */
const MADE_FOR = /^v?1\.18\./;
const SERVER_WITHIN_MS = 10_000;
const LONGEST_REASON = 160;

type Looking = { readonly needs: readonly Needed[]; readonly allowed: readonly Permission[] };

/** What the playbooks will meet of Velero: its kinds, its namespace, its storage, its server. Only what we may look at is looked at. */
export async function lookAtVelero(cluster: Cluster, { needs, allowed }: Looking): Promise<readonly Finding[]> {
  const ours = needs.map(({ permission }) => permission).filter(({ group }) => group === GROUP);
  if (ours.length === 0) return [];
  const wanted = KINDS.filter((kind) => ours.some(({ resource }) => resource === `${kind.toLowerCase()}s`));
  const served = await Promise.all(wanted.map((kind) => cluster.serves(VELERO_API, kind)));
  const missing = wanted.filter((_, index) => served[index] === false);
  if (missing.length > 0) return [missingKinds(cluster.name, missing)];
  const namespaces = [...new Set(ours.map(({ namespace }) => namespace ?? DEFAULT_NAMESPACE))];
  const found = await Promise.all(namespaces.map((namespace) => lookAtNamespace(cluster, namespace, allowed)));
  return found.flat();
}

function missingKinds(cluster: string, missing: readonly string[]): Finding {
  const message = `${cluster} does not serve ${missing.join(', ')} of ${VELERO_API}: Velero is not installed there, or is not of a version that is known (1.18)`;
  return { code: 'live.velero-missing', message: `${message}; velero install --crds-only brings the kinds of its version` };
}

async function lookAtNamespace(cluster: Cluster, namespace: string, allowed: readonly Permission[]): Promise<readonly Finding[]> {
  const names = new Set(allowed.map(permissionText));
  const may = (verb: string, resource: string): boolean =>
    [{}, { namespace }].some((where) => names.has(permissionText({ verb, group: GROUP, resource, ...where })));
  if (!may('list', 'backupstoragelocations')) return [];
  const locations = (await cluster.access.list(locationsQuery(namespace))).map(readLocation);
  if (locations.length === 0) return [noLocation(cluster.name, { namespace, elsewhere: await otherNamespaces(cluster) })];
  const storage = locations.flatMap((location) => storageFinding(location, namespace));
  const mayAsk = ['create', 'get', 'delete'].every((verb) => may(verb, 'serverstatusrequests'));
  return [...storage, ...(mayAsk ? await lookAtServer(cluster, namespace) : [])];
}

type Nowhere = { readonly namespace: string; readonly elsewhere: readonly string[] };

function noLocation(cluster: string, { namespace, elsewhere }: Nowhere): Finding {
  const code = 'live.velero-namespace';
  const none = `${cluster} has no storage location of Velero in the namespace ${namespace}`;
  const [only] = elsewhere;
  if (only === undefined) {
    const look = 'kubectl get backupstoragelocations -A tells where, and playbooks.veleroNamespace of salvor.yaml names it';
    return { code, message: `${none}: it lives elsewhere, or its storage was never set up; ${look}` };
  }
  if (elsewhere.length > 1)
    return { code, message: `${none}; there is one in ${elsewhere.join(', ')}: name yours in playbooks.veleroNamespace of salvor.yaml` };
  return { code, message: `${none}; there is one in ${only}: write playbooks: { veleroNamespace: ${only} } in salvor.yaml, then salvor rbac again` };
}

/** Where else Velero has storage, by name; nowhere where we may not look everywhere. */
async function otherNamespaces(cluster: Cluster): Promise<readonly string[]> {
  const found = await cluster.access.list({ apiVersion: VELERO_API, kind: 'BackupStorageLocation' }).catch((error: unknown) => {
    if (errorCode(error) === 'kube.forbidden') return [];
    throw error;
  });
  return [...new Set(found.flatMap(({ metadata }) => metadata.namespace ?? []))].toSorted();
}

function storageFinding(location: Location, namespace: string): readonly Finding[] {
  const { name, phase, message, readOnly } = location;
  const what = `the storage location ${name} in ${namespace}`;
  const look = `velero backup-location get ${name} -n ${namespace}`;
  if (!isAvailable(location)) {
    const state = phase === '' ? 'was never looked at by Velero: does its server run?' : `is ${phase}${message === '' ? '' : `: ${whyAway(message)}`}`;
    return [{ code: 'live.storage', message: `${what} ${state}; ${look}` }];
  }
  return readOnly ? [{ code: 'live.storage', message: `${what} is read-only, so no backup can be made there; ${look}`, warning: true }] : [];
}

/** The cause where it is known, and the end of what Velero says: its texts are chains that begin with who called whom. */
function whyAway(message: string): string {
  const text = redact(message).replaceAll(/\s+/g, ' ').trim();
  const end = text.length <= LONGEST_REASON ? text : `…${text.slice(-LONGEST_REASON)}`;
  const cause = causeOf(message);
  return cause === undefined ? end : `${cause.words} (${end})`;
}

async function lookAtServer(cluster: Cluster, namespace: string): Promise<readonly Finding[]> {
  const server = await cluster.access.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS });
  if (server === undefined)
    return [
      {
        code: 'live.velero-silent',
        message: `Velero in ${namespace} of ${cluster.name} does not answer; kubectl -n ${namespace} logs deploy/velero tells why`,
      },
    ];
  if (MADE_FOR.test(server.version) || server.version === 'unknown') return [];
  const message = `Velero in ${namespace} of ${cluster.name} is ${server.version}, and the playbooks were made for 1.18: try them there before you rely on them`;
  return [{ code: 'live.velero-version', message, warning: true }];
}
