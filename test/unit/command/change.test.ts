import { expect, test } from 'vitest';
import { changes } from '../../../src/command/change.ts';
import { writeCursor } from '../../../src/command/change-cursor.ts';
import type { Store } from '../../../src/port/store.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { incident } from '../notify/story.ts';

test('who comes back costs no look into timelines that stood still since', async () => {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  const put = async (n: number): Promise<void> => {
    const id = `incident/000000000000000${n}-1`;
    const value = { ...incident, id, cluster: 'prod' };
    await store.commit({ partition: 'prod', opId: id, guards: [{ is: 'absent', id }], changes: [{ do: 'put', id, kind: 'incident', value }] });
  };
  await put(1);
  await put(2);
  await clock.pass(3_600_000);
  await put(3);
  const read: string[] = [];
  const counted: Store = {
    ...store,
    entries: (query) => {
      read.push(query.of);
      return store.entries(query);
    },
  };
  const after = writeCursor({ kind: 'all', atMs: clock.nowMs(), heads: new Map() });
  await changes({ store: counted, clock }).changes({ person: 'ana', rights: ['read'], surface: 'api' }, { after, signal: new AbortController().signal });
  expect(read).toEqual(['incident/0000000000000003-1']);
});
