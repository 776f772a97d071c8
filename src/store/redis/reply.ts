import { SalvorError } from '../../model/error.ts';

/** What Redis answers, as ioredis hands it over. */
export type Reply = string | number | null | readonly Reply[];

/** An answer of a foreign shape means that something else than our scripts wrote here. */
export function toReply(value: unknown): Reply {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value;
  if (Array.isArray(value)) return value.map(toReply);
  throw wrong(value);
}

export function listIn(reply: Reply | undefined): readonly Reply[] {
  return typeof reply === 'object' && reply !== null ? reply : raise(reply);
}

export function textIn(reply: Reply | undefined): string {
  return typeof reply === 'string' ? reply : raise(reply);
}

export function textsIn(reply: Reply | undefined): readonly string[] {
  return listIn(reply).map(textIn);
}

/** Lua answers integers as such and stored numbers as texts. */
export function numberIn(reply: Reply | undefined): number {
  const value = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  return typeof value === 'number' && !Number.isNaN(value) ? value : raise(reply);
}

/** A missing field of a hash is null. */
export function optional<T>(reply: Reply | undefined, read: (reply: Reply) => T): T | undefined {
  return reply === null || reply === undefined ? undefined : read(reply);
}

/** A flat answer in groups of so many. */
export function groupsOf(replies: readonly Reply[], size: number): readonly (readonly Reply[])[] {
  return Array.from({ length: Math.ceil(replies.length / size) }, (_, group) => replies.slice(group * size, (group + 1) * size));
}

function raise(reply: Reply | undefined): never {
  throw wrong(reply);
}

function wrong(value: unknown): SalvorError {
  return new SalvorError('store.damaged', `Redis holds something under our keys that Salvor did not write (${typeof value} in an unexpected place).`);
}
