/** What is wrong with the ledger's totals, given in the order of `LEDGER`; nothing where accepted = pending + handled + quarantined. */
export function ledgerProblems([accepted = 0, handled = 0, pending = 0, quarantined = 0]: readonly number[]): readonly string[] {
  if (accepted === handled + pending + quarantined) return [];
  return [`the ledger does not add up: ${accepted} accepted, ${pending} pending, ${handled} handled, ${quarantined} quarantined`];
}
