/**
 * A label or an annotation on a Backup, or on the Schedule whose backups it is for. Velero knows no legal hold of its own: it deletes what expires, so a
 * storage that is read-only, or a lock on its objects, is what keeps it from that. Salvor deletes nothing that carries this, whatever its value but `false`.
 */
export const LEGAL_HOLD = 'salvor.io/legal-hold';

type Metadata = { readonly labels?: { readonly [name: string]: string } | undefined; readonly annotations?: { readonly [name: string]: string } | undefined };

/** What was written there, or undefined where nothing is held. */
export function heldBy({ labels = {}, annotations = {} }: Metadata): string | undefined {
  const written = [annotations, labels].flatMap((one) => (Object.hasOwn(one, LEGAL_HOLD) ? [one[LEGAL_HOLD] ?? ''] : [])).filter((value) => value !== 'false');
  return written.length === 0 ? undefined : (written.find((value) => value !== '') ?? 'no reason given');
}
