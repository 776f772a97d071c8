import type { Ids } from '../port/ids.ts';
import type { Change, Store } from '../port/store.ts';

const AT_ONCE = 200;

/** Tells every open run that the configuration changed: a role may be mapped now, a cluster may be there, a freeze may be over. */
export async function tellOpenRuns(store: Store, ids: Ids, { cluster, why }: { readonly cluster: string; readonly why: string }): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await store.list({ partition: cluster, kind: 'run', where: { open: 'yes' }, limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
    const key = ids.next();
    const mails = page.records.map(({ id }): Change => ({ do: 'mail', to: id, key: `look/${key}`, value: { kind: 'look', why } }));
    // Named by a new key, so nothing of this name can be there yet.
    if (mails.length > 0) await store.commit({ partition: cluster, opId: key, guards: [{ is: 'absent', id: `look/${key}` }], changes: mails });
    ({ cursor } = page);
  } while (cursor !== undefined);
}
