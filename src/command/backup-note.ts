import { z } from 'zod';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import { INBOX, type Store } from '../port/store.ts';

/** In the store itself, so that a restart does not forget when its last copy was made. */
export const BACKUP_NOTE = 'slot/store-backup';

const Note = z.looseObject({ atMs: z.number() });

/** Notes that a copy of the store was made just now. Of two at once either counts: both are as new. */
export async function noteBackup({ store, clock, ids }: { readonly store: Store; readonly clock: Clock; readonly ids: Ids }): Promise<void> {
  const before = await store.get(INBOX, BACKUP_NOTE);
  await store.commit({
    partition: INBOX,
    opId: ids.next(),
    guards: [before === undefined ? { is: 'absent', id: BACKUP_NOTE } : { is: 'seq', id: BACKUP_NOTE, seq: before.seq }],
    changes: [{ do: 'put', id: BACKUP_NOTE, kind: 'slot', indexed: { slot: 'store-backup' }, value: { atMs: clock.nowMs() } }],
  });
}

/** Since the last copy, in ms; undefined where none was ever asked for. */
export async function backupAgeMs(store: Store, nowMs: number): Promise<number | undefined> {
  const note = Note.safeParse((await store.get(INBOX, BACKUP_NOTE))?.value).data;
  return note === undefined ? undefined : Math.max(0, nowMs - note.atMs);
}
