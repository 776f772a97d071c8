import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether a webhook comes from PagerDuty: one of its signatures (several during a rotation) is made with one of our secrets over the bytes as they came.
 * Source  PagerDuty developer documentation, "Verifying Signatures" of webhooks v3.
 */
export function isSigned(header: string | undefined, body: Uint8Array, secrets: readonly string[]): boolean {
  const given = (header ?? '').split(',').flatMap((part) => /^\s*v1=([0-9a-f]{64})\s*$/i.exec(part)?.[1] ?? []);
  // An empty secret signs for everybody.
  const expected = secrets.filter((secret) => secret !== '').map((secret) => createHmac('sha256', secret).update(body).digest());
  let found = false;
  for (const one of given) for (const other of expected) if (timingSafeEqual(Buffer.from(one, 'hex'), other)) found = true;
  return found;
}
