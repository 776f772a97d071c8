import { createHash } from 'node:crypto';
import type { Ids } from '../port/ids.ts';

/** Ids that depend on the seed alone, so that one seed replays one world. Guessable: never for a real server. */
export function seededIds(seed: string | number): Ids {
  let count = 0;
  const draw = (): Buffer => {
    count += 1;
    return createHash('sha256').update(`${seed}/${count}`).digest();
  };
  return {
    next: () => draw().toString('hex', 0, 16),
    random: () => draw().readUInt32BE(0) / 2 ** 32,
  };
}

/** 32 hex digits as Kubernetes writes a uid. */
export function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** The letters that Kubernetes takes for generated names: no vowels, nothing that looks like another letter. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** The end of a generated name: five letters, as `generateName` makes them. */
export function suffix(ids: Ids, length = 5): string {
  let text = '';
  for (let index = 0; index < length; index += 1) text += LETTERS[Math.floor(ids.random() * LETTERS.length)] ?? 'x';
  return text;
}
