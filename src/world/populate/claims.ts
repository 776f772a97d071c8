import type { JsonObject } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { OF_DRIVER, putAttachment } from '../node/attachments.ts';
import { ATTACHMENT, CLAIM, VOLUME } from '../node/kinds.ts';
import type { Draft } from '../object.ts';
import type { ReadScenario } from '../scenario.ts';
import { makeNamespace } from '../velero/restore-objects.ts';
import type { Place } from './place.ts';

type Wanted = NonNullable<ReadScenario['claims']>[number];

/** A claim with its volume, and the attachment where one is asked for. */
export function putClaim({ objects }: Pick<Place, 'objects'>, wanted: Wanted): void {
  const [namespace = '', name = ''] = wanted.name.split('/');
  makeNamespace(objects, namespace);
  const volumeName = `pvc-${namespace}-${name}`;
  const phase = wanted.phase ?? 'Bound';
  const storage = wanted.size ?? '10Gi';
  const shared = { accessModes: [wanted.access ?? 'ReadWriteOnce'], storageClassName: wanted.class ?? 'standard' };
  const put = (kind: Kind, draft: Draft): void => {
    const before = objects.find(kind, draft.metadata.namespace, draft.metadata.name);
    if (before === undefined) objects.insert(kind, draft);
    else objects.replace(kind, { ...before, ...draft, metadata: before.metadata });
  };
  put(CLAIM, {
    metadata: { name, namespace },
    spec: { ...shared, resources: { requests: { storage } }, ...(phase === 'Pending' ? {} : { volumeName }) },
    status: { phase },
  });
  if (phase === 'Pending') return;
  const claimRef = { kind: 'PersistentVolumeClaim', namespace, name };
  put(VOLUME, {
    metadata: { name: volumeName },
    spec: { ...shared, capacity: { storage }, persistentVolumeReclaimPolicy: 'Delete', claimRef, ...placeOf(wanted), ...backing(wanted, volumeName) },
    status: { phase: phase === 'Lost' ? 'Released' : 'Bound' },
  });
  if (wanted.attachedTo === undefined) return;
  const attachment = putAttachment(objects, { volume: volumeName, node: wanted.attachedTo, attached: true });
  if (wanted.stuck !== undefined)
    objects.replace(ATTACHMENT, { ...attachment, metadata: { ...attachment.metadata, finalizers: wanted.stuck ? [OF_DRIVER] : [] } });
}

function backing({ node }: Wanted, volumeHandle: string): JsonObject {
  return node === undefined ? { csi: { driver: 'csi.example', volumeHandle } } : { local: { path: `/mnt/${volumeHandle}` } };
}

/** Where a volume can be used, if not everywhere. */
function placeOf({ zone, node }: Wanted): JsonObject {
  const [key, value] = node === undefined ? ['topology.kubernetes.io/zone', zone] : ['kubernetes.io/hostname', node];
  if (value === undefined) return {};
  return { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values: [value] }] }] } } };
}
