import { SalvorError } from '../model/error.ts';
import { isObject, type Json } from '../model/json.ts';
import { FIELD_MANAGER, type ObjectRef } from '../model/object.ts';
import type { Reader, Writer } from '../port/kube.ts';
import { assertDone, parseObject } from './object.ts';
import { collectionPath, objectPath, podPath } from './path.ts';
import type { AccessDeps } from './reader.ts';

type Writing = Pick<Writer, 'create' | 'patch' | 'delete' | 'evict'>;

/** A field that the server would drop in silence is refused instead. */
const AS_SALVOR = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };

/** Writes to one cluster, each write bound to the object it is meant for by uid (and version, where given). */
export function kubeWriter({ cluster, wire, discovery }: AccessDeps, reader: Pick<Reader, 'find'>): Writing {
  /** After a precondition failed: is the object we meant gone? A new one may carry its name already. */
  const isGone = async (ref: ObjectRef, uid: string): Promise<boolean> => (await reader.find(ref))?.metadata.uid !== uid;

  const goneOr = async <T>(ref: ObjectRef, uid: string, write: () => Promise<T>): Promise<T | 'gone'> => {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof SalvorError)) throw error;
      if (error.code === 'kube.not-found') return 'gone';
      if (error.code === 'kube.conflict' && (await isGone(ref, uid))) return 'gone';
      throw error;
    }
  };

  return {
    async create(manifest) {
      const { apiVersion, kind, metadata } = manifest;
      const resource = await discovery.find(apiVersion, kind);
      if (resource === undefined) throw new SalvorError('kube.unknown-kind', `${cluster}: does not serve ${apiVersion} ${kind}`);
      if (resource.namespaced && !metadata.namespace) throw new SalvorError('kube.invalid', `${cluster}: a ${kind} needs a namespace`);
      const body = await wire.send({ method: 'POST', path: collectionPath(resource, metadata.namespace), query: AS_SALVOR, body: manifest });
      return parseObject({ cluster, body, write: true });
    },

    async patch(ref, patch, { uid, resourceVersion }) {
      const path = objectPath(await discovery.demand(ref), ref);
      const metadata: Json | undefined = patch['metadata'];
      const guard = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      const body = { ...patch, metadata: { ...(isObject(metadata) ? metadata : {}), ...guard } };
      return parseObject({ cluster, body: await wire.send({ method: 'PATCH', path, query: AS_SALVOR, body }), write: true });
    },

    async delete(ref, { uid, resourceVersion }) {
      return goneOr(ref, uid, async () => {
        const path = objectPath(await discovery.demand(ref), ref);
        const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
        // A Job's own default would leave its pods behind.
        const options = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background' };
        assertDone({ cluster, body: await wire.send({ method: 'DELETE', path, body: options }) });
        return 'deleted' as const;
      });
    },

    async evict({ namespace, name, uid, gracePeriodSeconds }) {
      return goneOr({ apiVersion: 'v1', kind: 'Pod', namespace, name }, uid, async () => {
        const deleteOptions = { preconditions: { uid }, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) };
        const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
        assertDone({ cluster, body: await wire.send({ method: 'POST', path: `${podPath({ namespace, name })}/eviction`, body }) });
        return 'evicted' as const;
      });
    },
  };
}
