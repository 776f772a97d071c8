import type { Quarantined, Webhook } from '../model/alert.ts';
import { type Change, type Guard, LEDGER, type StoredRecord } from '../port/store.ts';

/** A webhook that is done with: every alert of it is folded, or quarantined. */
export type Settled = {
  readonly record: StoredRecord;
  readonly webhook: Pick<Webhook, 'alerts' | 'sender' | 'receivedMs'>;
  readonly quarantined: readonly Quarantined[];
  readonly tries: number;
};

/** Of one webhook, at most so many quarantined alerts are kept to be looked at; all are counted. */
const MOST_KEPT = 100;

/** Takes webhooks out of the inbox and moves their alerts on in the ledger, all in one commit: the sum stays right at every moment. */
export function settleChanges(settled: readonly Settled[]): { readonly guards: readonly Guard[]; readonly changes: readonly Change[] } {
  const guards = settled.map(({ record }): Guard => ({ is: 'held', id: record.id, epoch: record.epoch, seq: record.seq }));
  const total = settled.reduce((sum, { webhook }) => sum + webhook.alerts, 0);
  const quarantined = settled.reduce((sum, one) => sum + one.quarantined.length, 0);
  const changes: readonly Change[] = [
    ...settled.map(({ record }): Change => ({ do: 'delete', id: record.id })),
    ...settled.flatMap(quarantineRecords),
    { do: 'count', id: LEDGER.pending, add: -total },
    { do: 'count', id: LEDGER.handled, add: total - quarantined },
    { do: 'count', id: LEDGER.quarantined, add: quarantined },
  ];
  return { guards, changes };
}

/** One record for each quarantined alert, named after its webhook, so that a repeat writes the same ones. */
function quarantineRecords({ record, webhook, quarantined, tries }: Settled): readonly Change[] {
  const left = quarantined.length - MOST_KEPT;
  return quarantined.slice(0, MOST_KEPT).map(({ reason, cluster, excerpt }, index): Change => {
    const more = left > 0 && index === MOST_KEPT - 1 ? { more: left } : {};
    const value = { reason, ...(cluster === undefined ? {} : { cluster }), excerpt, sender: webhook.sender, receivedMs: webhook.receivedMs, tries, ...more };
    return {
      do: 'put',
      id: `quarantine/${record.id.replace(/^inbox\//, '')}-${index}`,
      kind: 'quarantine',
      indexed: { sender: webhook.sender, cluster: cluster ?? '' },
      value,
    };
  });
}

/** Puts a webhook back into the inbox, due again after a while. */
export function deferChange(record: StoredRecord, { tries, dueMs }: { readonly tries: number; readonly dueMs: number }): Change {
  return {
    do: 'put',
    id: record.id,
    kind: 'inbox',
    version: record.version,
    indexed: { ...record.indexed, tries: String(tries) },
    dueMs,
    value: record.value,
    release: true,
  };
}
