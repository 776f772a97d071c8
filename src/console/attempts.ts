import type { Clock } from '../port/clock.ts';

/** What a wrong token costs, and how many attempts of one address may be waiting for their answer. */
const WRONG_MS = 1000;
const MOST_WAITING = 20;

export type Attempts = {
  /** Whether this address may try now; its attempts beyond the most that wait are not even looked at. */
  readonly mayTry: (address: string) => boolean;
  /** Answers after a while. */
  readonly wrong: (address: string) => Promise<void>;
};

/**
 * Makes guessing slow: at most 20 tokens in a second from one address. Nobody is locked out: a right token is taken at once, whatever others
 * tried before, and nothing is kept of an address once its answers are given.
 */
export function slowAttempts(clock: Clock): Attempts {
  const waiting = new Map<string, number>();
  const add = (address: string, by: number): void => {
    const left = (waiting.get(address) ?? 0) + by;
    if (left > 0) waiting.set(address, left);
    else waiting.delete(address);
  };
  return {
    mayTry: (address) => (waiting.get(address) ?? 0) < MOST_WAITING,
    wrong(address) {
      add(address, 1);
      return new Promise((resolve) => {
        clock.after(WRONG_MS, () => {
          add(address, -1);
          resolve();
        });
      });
    },
  };
}
