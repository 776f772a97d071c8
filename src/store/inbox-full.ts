import { SalvorError } from '../model/error.ts';

/** The refusal of a full inbox; the sender tries again. */
export function inboxFull(limit: number): SalvorError {
  const words = `The inbox holds ${limit} webhooks that nobody handled yet. New ones are refused until it drains.`;
  return new SalvorError('store.full', words, { retry: 'later', details: { limit } });
}
