import type { Pod } from './pod.ts';

/** What whoever asks for the drain agrees to lose. */
export type Consent = {
  /** `keep`: a pod with an emptyDir stays, and with it the whole drain. */
  readonly emptyDir: 'keep' | 'delete';
  /** Evict also what nothing makes again. */
  readonly force: boolean;
};

/** What a drain does about one pod. */
export type DrainAnswer =
  | { readonly do: 'evict' }
  /** It is being deleted already: it is waited for, and nobody asks again. */
  | { readonly do: 'wait' }
  | { readonly do: 'skip'; readonly why: string }
  /** `allow`: the parameter that would let it go. */
  | { readonly do: 'refuse'; readonly why: string; readonly allow: string };

/**
 * What happens to a pod when its node is drained. `daemonSets`: `namespace/name` of those that exist.
 * Source  kubectl drain, `makeFilters` of k8s.io/kubectl/pkg/drain, in its order; with `--ignore-daemonsets`.
 */
export function drainAnswer(pod: Pod, { consent, daemonSets }: { readonly consent: Consent; readonly daemonSets: ReadonlySet<string> }): DrainAnswer {
  const isDaemon = pod.owner?.kind === 'DaemonSet';
  if (pod.deletionMs !== undefined) return isDaemon || pod.isMirror ? { do: 'skip', why: 'it is being deleted' } : { do: 'wait' };
  if (isDaemon && !pod.isFinished) {
    if (daemonSets.has(`${pod.namespace}/${pod.owner?.name}`)) return { do: 'skip', why: 'it belongs to a DaemonSet' };
    if (!consent.force) return { do: 'refuse', why: `its DaemonSet ${pod.owner?.name} is gone, so nothing makes it again`, allow: 'force: true' };
  }
  if (pod.isMirror) return { do: 'skip', why: 'it is a static pod of the kubelet' };
  if (pod.isFinished) return { do: 'evict' };
  if (pod.emptyDirs.length > 0 && consent.emptyDir === 'keep')
    return { do: 'refuse', why: `what is in its emptyDir ${pod.emptyDirs.join(', ')} would be lost`, allow: 'emptyDir: delete' };
  if (pod.owner === undefined && !consent.force) return { do: 'refuse', why: 'it has no controller, so nothing makes it again', allow: 'force: true' };
  return { do: 'evict' };
}
