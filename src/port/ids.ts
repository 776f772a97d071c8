import { randomBytes } from 'node:crypto';

/** Where randomness comes from; a seeded one makes a test repeatable. */
export interface Ids {
  /** 128 bits as 32 hex digits: unguessable, never repeated. */
  next(): string;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

/** The machine's randomness. */
export const systemIds: Ids = {
  next: () => randomBytes(16).toString('hex'),
  random: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
};
