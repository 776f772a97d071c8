import { type HandFreeze, readFreezes } from '../gate/freeze.ts';
import { type Pause, readPause } from '../gate/pause.ts';
import { freezeId, pauseId } from '../model/identity.ts';
import type { Store } from '../port/store.ts';

/** What people stopped by hand. */
export type Stopped = { readonly pauses: readonly Pause[]; readonly frozen: readonly HandFreeze[] };

/** The pauses that cover a playbook on a cluster, of the whole cluster and of the playbook there, and the freezes of the cluster that were set by hand. */
export async function stoppedByHand(store: Store, cluster: string, playbook: string): Promise<Stopped> {
  const [whole, own, frozen] = await Promise.all([store.get(cluster, pauseId()), store.get(cluster, pauseId(playbook)), store.get(cluster, freezeId())]);
  return {
    pauses: [whole, own].flatMap((record) => (record === undefined ? [] : [readPause(record.value)])),
    frozen: frozen === undefined ? [] : readFreezes(frozen.value),
  };
}
