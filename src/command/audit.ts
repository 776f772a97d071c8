import type { Commands } from '../port/commands.ts';
import type { AuditLine } from '../port/view/operation.ts';
import { assertMayRead } from './access.ts';
import type { CommandDeps } from './deps.ts';
import { readJournal } from './read.ts';
import { journalsOf, verifyAudit } from './verify.ts';

/** The audit trail: everything that was decided and done, for others to keep and for us to check. */
export function audit({ store, keptSinceMs }: Pick<CommandDeps, 'store' | 'keptSinceMs'>): Pick<Commands, 'auditExport' | 'auditVerify'> {
  return {
    async *auditExport(caller, { sinceMs = 0, cluster }): AsyncGenerator<AuditLine> {
      assertMayRead(caller);
      const partitions = await store.partitions();
      for (const partition of partitions.filter((name) => cluster === undefined || name === cluster)) {
        for (const { of } of await journalsOf(store, partition)) {
          for (const { n, atMs, type, data, hash } of await readJournal(store, { partition, of })) {
            if (atMs >= sinceMs) yield { cluster: partition, journal: of, n, at: atMs, type, data, hash };
          }
        }
      }
    },
    async auditVerify(caller) {
      assertMayRead(caller);
      return verifyAudit(store, { keptSinceMs: keptSinceMs?.() });
    },
  };
}
