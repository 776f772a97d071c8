import type { Webhook } from '../../../src/model/alert.ts';
import type { Change, Guard } from '../../../src/port/store.ts';

/** What stores are told in tests, and in proofs that run without a suite. */
export function put(id: string, more: Partial<Extract<Change, { do: 'put' }>> = {}): Extract<Change, { do: 'put' }> {
  return { do: 'put', id, kind: 'run', value: { of: id }, ...more };
}

export const absent = (id: string): Guard => ({ is: 'absent', id });

export function webhook(more: Partial<Webhook> = {}): Webhook {
  return { sender: 'am', clusters: ['prod'], receivedMs: 7, body: '{"alerts":[]}', alerts: 1, ...more };
}
