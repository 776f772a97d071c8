import type { Commands } from '../port/commands.ts';
import type { AuditLine } from '../port/view/operation.ts';
import { assertMayRead } from './access.ts';
import type { CommandDeps } from './deps.ts';
import { readJournal } from './read.ts';
import { journalsOf, verifyAudit } from './verify.ts';

/** How many journals are read at once. */
const AT_ONCE = 32;
/** What was last written before has no line since; the store's clock may be behind ours by so much. */
const MARGIN_MS = 3_600_000;

/** The audit trail: everything that was decided and done, for others to keep and for us to check. */
export function audit({ store, keptSinceMs }: Pick<CommandDeps, 'store' | 'keptSinceMs'>): Pick<Commands, 'auditExport' | 'auditVerify'> {
  return {
    async *auditExport(caller, { sinceMs = 0, cluster }): AsyncGenerator<AuditLine> {
      assertMayRead(caller);
      const partitions = await store.partitions();
      for (const partition of partitions.filter((name) => cluster === undefined || name === cluster)) {
        const journals = (await journalsOf(store, partition)).filter(({ updatedMs }) => updatedMs === undefined || updatedMs >= sinceMs - MARGIN_MS);
        for (let from = 0; from < journals.length; from += AT_ONCE) {
          const some = journals.slice(from, from + AT_ONCE);
          const read = await Promise.all(some.map(async ({ of }) => ({ of, lines: await readJournal(store, { partition, of }) })));
          for (const { of, lines } of read)
            for (const { n, atMs, type, data, hash } of lines) if (atMs >= sinceMs) yield { cluster: partition, journal: of, n, at: atMs, type, data, hash };
        }
      }
    },
    async auditVerify(caller) {
      assertMayRead(caller);
      return verifyAudit(store, { keptSinceMs: keptSinceMs?.() });
    },
  };
}
