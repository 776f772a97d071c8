import type { Json } from '../model/json.ts';
import type { Change, Guard, Store, StoredRecord } from '../port/store.ts';

type Put = Extract<Change, { do: 'put' }>;

/**
 * What one commit has read and is going to write in one partition. A record that was read and is relied on, or written, is guarded as it was
 * read: where another hand was quicker, the commit changes nothing, and the caller begins again with a fresh sheet.
 */
export type Sheet = {
  readonly partition: string;
  /** Reads records that were not read yet, all at once. */
  load(ids: Iterable<string>): Promise<void>;
  /** As it was read; undefined where there is none. */
  record(id: string): StoredRecord | undefined;
  /** As it will be: what was put, else what was read. */
  value(id: string): Json | undefined;
  /** The commit holds only while this record is as it was read. */
  rely(id: string): void;
  put(put: Omit<Put, 'do'>): void;
  /** Any changes; puts among them are guarded, too. */
  add(...changes: readonly Change[]): void;
  /** False: another hand was quicker, and nothing was changed. */
  commit(opId: string): Promise<boolean>;
};

export function openSheet(store: Store, partition: string): Sheet {
  const read = new Map<string, StoredRecord | undefined>();
  const guarded = new Set<string>();
  const puts = new Map<string, Put>();
  const others: Change[] = [];

  const put = (change: Put): void => {
    guarded.add(change.id);
    puts.set(change.id, change);
  };
  const guardOf = (id: string): Guard => {
    const record = read.get(id);
    return record === undefined ? { is: 'absent', id } : { is: 'seq', id, seq: record.seq };
  };

  return {
    partition,
    async load(ids) {
      const missing = [...new Set(ids)].filter((id) => !read.has(id));
      const records = await Promise.all(missing.map((id) => store.get(partition, id)));
      for (const [index, id] of missing.entries()) read.set(id, records[index]);
    },
    record: (id) => read.get(id),
    value: (id) => (puts.get(id) ?? read.get(id))?.value,
    rely: (id) => void guarded.add(id),
    put: (change) => put({ do: 'put', ...change }),
    add(...changes) {
      for (const change of changes) {
        if (change.do === 'put') put(change);
        else others.push(change);
      }
    },
    async commit(opId) {
      if (guarded.size === 0 && others.length === 0) return true;
      const result = await store.commit({ partition, opId, guards: [...guarded].map(guardOf), changes: [...puts.values(), ...others] });
      return result.kind === 'done';
    },
  };
}
