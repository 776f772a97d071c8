import { type Pause, readPause } from '../gate/pause.ts';
import { pauseId } from '../model/identity.ts';
import type { Store } from '../port/store.ts';

/** The pauses that cover a playbook on a cluster: of the whole cluster, and of the playbook there. */
export async function pausesInForce(store: Store, cluster: string, playbook: string): Promise<readonly Pause[]> {
  const records = await Promise.all([store.get(cluster, pauseId()), store.get(cluster, pauseId(playbook))]);
  return records.flatMap((record) => (record === undefined ? [] : [readPause(record.value)]));
}
