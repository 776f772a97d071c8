import { counted } from '../../model/counted.ts';
import type { KubeObject } from '../../model/object.ts';
import type { Drained } from '../pod/drained.ts';
import { type Pod, podName, readPod } from '../pod/pod.ts';
import { type Attachment, readAttachment } from '../volume/attachment.ts';
import { ATTACHMENTS, podsOn } from './kinds.ts';

type Lister = { list(query: typeof ATTACHMENTS): Promise<readonly KubeObject[]> };

/** What hangs on a machine that does not answer. */
export type Held = {
  /** Deleted, and still there: nobody can say that they have ended. */
  readonly terminating: readonly Pod[];
  /** Not deleted (yet). What a DaemonSet or the kubelet itself put there is not counted: it belongs to the machine. */
  readonly staying: readonly Pod[];
  readonly attachments: readonly Attachment[];
};

/** Needs `list pods` and `list volumeattachments.storage.k8s.io`. */
export async function readHeld(kube: Lister, node: string): Promise<Held> {
  const [pods, attachments] = await Promise.all([kube.list(podsOn(node)), kube.list(ATTACHMENTS)]);
  const all = pods.map(readPod).filter(({ isMirror }) => !isMirror);
  return {
    terminating: all.filter(({ deletionMs }) => deletionMs !== undefined),
    staying: all.filter((pod) => pod.deletionMs === undefined && !pod.isFinished && pod.owner?.kind !== 'DaemonSet'),
    attachments: attachments.map(readAttachment).filter((one) => one.node === node),
  };
}

const MOST_NAMES = 5;

/** `2 pods (shop/db-0, shop/web-1)`. */
export function namesText(names: readonly string[], one: string): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `${counted(names.length, one)}${names.length === 0 ? '' : ` (${names.slice(0, MOST_NAMES).join(', ')}${more})`}`;
}

/** What keeps a machine from being let go of, in words; undefined where nothing does. */
export function stuckText({ terminating, attachments }: Held): string | undefined {
  const parts = [
    ...(terminating.length === 0 ? [] : [`${namesText(terminating.map(podName), 'pod')} Terminating`]),
    ...(attachments.length === 0 ? [] : [`${namesText(attachments.map(volumeName), 'volume')} attached`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' and ');
}

export const volumeName = ({ volume, name }: Attachment): string => (volume === '' ? name : volume);

/** The controllers whose pods hang on the machine, each with how many it misses. */
export function workloadsOf({ terminating, staying }: Held): readonly Drained[] {
  const owned = Map.groupBy(
    [...terminating, ...staying].filter(({ owner, isFinished }) => owner !== undefined && owner.kind !== 'DaemonSet' && !isFinished),
    ({ owner }) => owner?.uid ?? '',
  );
  return [...owned].flatMap(([uid, [first, ...more]]) =>
    first?.owner === undefined ? [] : [{ kind: first.owner.kind, namespace: first.namespace, name: first.owner.name, uid, pods: more.length + 1 }],
  );
}
