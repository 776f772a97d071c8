import { type Pod, readPod } from '../../../../src/domain/pod/pod.ts';
import type { JsonObject } from '../../../../src/model/json.ts';

type Made = {
  readonly name?: string;
  readonly node?: string;
  /** `ReplicaSet/web`; undefined: none. */
  readonly owner?: string | undefined;
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
};

/** A Pod that runs and serves, as the server gives it, read. */
export function pod({ name = 'shop/web-1', node = 'w1', owner = 'ReplicaSet/web', metadata = {}, spec = {}, status = {} }: Made = {}): Pod {
  const [namespace = '', own = ''] = name.split('/');
  const [kind = '', ownerName = ''] = owner.split('/');
  const ownerReferences = owner === 'none' ? [] : [{ apiVersion: 'apps/v1', kind, name: ownerName, uid: `uid-${owner}`, controller: true }];
  return readPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: own, namespace, uid: `uid-${own}`, ownerReferences, ...metadata },
    spec: { nodeName: node, containers: [], ...spec },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...status },
  });
}
