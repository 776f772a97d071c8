import { readLock } from '../gate/lock.ts';
import { shortId } from '../model/identity.ts';
import type { Commands } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import { assertMayRead } from './access.ts';
import type { CommandDeps } from './deps.ts';

/** Who holds what, since when, and who waits for it. */
export function locks({ store }: Pick<CommandDeps, 'store'>): Pick<Commands, 'locks'> {
  return {
    async locks(caller) {
      assertMayRead(caller);
      const records = await listAll(store, { kind: 'lock' });
      const items = records.flatMap((record) => {
        const lock = readLock(record);
        if (lock === undefined) return [];
        const waiting = lock.waiting.map(({ run, sinceMs }) => ({ run: shortId(run), since: sinceMs }));
        return [{ key: lock.key, cluster: record.partition, run: shortId(lock.run), since: lock.sinceMs, waiting }];
      });
      return { items };
    },
  };
}
