import { INBOX, LEDGER } from '../../../src/port/store.ts';
import { keyOf } from '../../../src/store/oracle/state.ts';
import type { Scene, Watch } from './watch.ts';

/** Every accepted alert is handled, pending or quarantined, at every moment; what is pending is in the inbox. */
export function ledgerWatch({ state, broken }: Scene): Watch {
  return {
    committed(_, { partition }) {
      if (partition !== INBOX) return;
      const [accepted = 0, handled = 0, pending = 0, quarantined = 0] = Object.values(LEDGER).map((id) => state.counts.get(keyOf(INBOX, id)) ?? 0);
      const inbox = [...state.records.values()].filter(({ kind }) => kind === 'inbox').reduce((sum, { value }) => sum + alertsIn(JSON.parse(value)), 0);
      const told = `${accepted} accepted, ${handled} handled, ${pending} pending, ${quarantined} quarantined, ${inbox} in the inbox`;
      if (accepted !== handled + pending + quarantined || pending !== inbox) broken('the ledger adds up', told);
    },
  };
}

function alertsIn(webhook: unknown): number {
  return typeof webhook === 'object' && webhook !== null && 'alerts' in webhook && typeof webhook.alerts === 'number' ? webhook.alerts : 0;
}
