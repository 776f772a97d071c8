import { redact } from '../domain/redact.ts';
import { SalvorError } from '../model/error.ts';
import { isObject } from '../model/json.ts';
import type { Commands } from '../port/commands.ts';
import { INBOX, LEDGER } from '../port/store.ts';
import { assertMayRead, personWith } from './access.ts';
import { noteBackup } from './backup-note.ts';
import type { CommandDeps } from './deps.ts';
import { pageSize } from './run.ts';

/** What operators ask about the store and the alerts that passed through it. */
export function operations(deps: CommandDeps): Pick<Commands, 'ledger' | 'quarantine' | 'storeBackup' | 'storeCheck'> {
  const { store } = deps;
  return {
    async ledger(caller) {
      assertMayRead(caller);
      // One read, so that the sum is right whatever happens meanwhile.
      const [accepted = 0, handled = 0, pending = 0, quarantined = 0] = await store.counts(INBOX, [
        LEDGER.accepted,
        LEDGER.handled,
        LEDGER.pending,
        LEDGER.quarantined,
      ]);
      return { accepted, handled, pending, quarantined };
    },

    async quarantine(caller, { limit, cursor }) {
      assertMayRead(caller);
      const page = await store.list({ kind: 'quarantine', newestFirst: true, limit: pageSize(limit), ...(cursor === undefined ? {} : { cursor }) });
      const items = page.records.map(({ id, createdMs, value }) => {
        const fields = isObject(value) ? value : {};
        // It is kept as it came, for those who have the store; who asks here sees no secret of it.
        const text = (name: string): string | undefined => (typeof fields[name] === 'string' ? redact(fields[name]) : undefined);
        return { id, at: createdMs, reason: text('reason') ?? '', cluster: text('cluster'), excerpt: text('excerpt') ?? '' };
      });
      return { items, ...(page.cursor === undefined ? {} : { next: page.cursor }) };
    },

    async storeBackup(caller, { file }) {
      personWith(caller, 'configure', deps.policy());
      if (!file.startsWith('/') || file.includes('\0'))
        throw new SalvorError('request.invalid', `"${file.slice(0, 80)}" is no absolute path on the server's disk`);
      const { sizeBytes } = await store.backup(file);
      await noteBackup(deps);
      return { file, sizeBytes };
    },

    async storeCheck(caller) {
      assertMayRead(caller);
      return store.check();
    },
  };
}
