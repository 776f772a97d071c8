import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { ATTACHMENTS, nodeRef } from '../node/kinds.ts';
import { isReady, readNode } from '../node/node.ts';
import type { Pod } from '../pod/pod.ts';
import { readAttachment } from './attachment.ts';
import { volumeOf } from './volume.ts';

type Reader = {
  list(query: typeof ATTACHMENTS): Promise<readonly KubeObject[]>;
  find(ref: ObjectRef): Promise<KubeObject | undefined>;
};

/** A volume of a pod that is still at another machine, and whether that machine can give it back. */
export type Elsewhere = { readonly claim: string; readonly node: string; readonly nodeIsReady: boolean };

/** What keeps a pod from its volumes: the control plane counts them as attached to another node. Needs `list volumeattachments.storage.k8s.io`. */
export async function volumesElsewhere(kube: Reader, { namespace, claims, node }: Pick<Pod, 'namespace' | 'claims' | 'node'>): Promise<readonly Elsewhere[]> {
  if (claims.length === 0) return [];
  const attachments = (await kube.list(ATTACHMENTS)).map(readAttachment).filter((one) => one.node !== node);
  const found = await Promise.all(
    claims.map(async (claim): Promise<readonly Elsewhere[]> => {
      const object = await kube.find({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim });
      const volume = object && volumeOf(object);
      const at = volume === undefined ? undefined : attachments.find((one) => one.volume === volume);
      if (at === undefined) return [];
      const other = await kube.find(nodeRef(at.node));
      return [{ claim, node: at.node, nodeIsReady: other !== undefined && isReady(readNode(other)) }];
    }),
  );
  return found.flat();
}
