/**
 * The id of a webhook: sorts by arrival, and is never given twice, also when the clock goes back over a restart.
 * `boot` is how often the store was opened, `number` counts webhooks since then.
 */
export function inboxId({ atMs, boot, number }: { readonly atMs: number; readonly boot: number; readonly number: number }): string {
  const time = Math.max(0, Math.floor(atMs)).toString(36).padStart(9, '0');
  return `inbox/${time}-${boot.toString(36).padStart(4, '0')}-${number.toString(36).padStart(6, '0')}`;
}
