import type { Chance } from './chance.ts';
import type { EventLoop } from './loop.ts';
import type { Replica } from './replica.ts';
import type { Fate, Weather } from './weather.ts';

/** How a program reaches a server: every call is two tasks of the loop, the way there and the way back. */
export type Link = {
  readonly loop: EventLoop;
  readonly replica: Replica;
  readonly chance: Chance;
  readonly weather: Weather;
  /** Longest ms of one way in good weather. */
  readonly slowestMs: number;
  /** Longest ms of a late answer. */
  readonly latestMs: number;
  /** Longest ms of a late request on its way: where a cluster takes a write, one older than the margin of a lease would be somebody else's. */
  readonly latestOutMs: number;
  /** Where the server dies with the program, what is under way is never done. */
  readonly diesWithIt?: boolean;
};

type Call<T> = {
  readonly what: string;
  readonly run: () => Promise<T>;
  readonly refused: () => T | Promise<T>;
  readonly lost: () => T | Promise<T>;
};

/** Makes one call. What a dead program asked may still be done; it hears nothing of it. */
export function call<T>(link: Link, { what, run, refused, lost }: Call<T>): Promise<T> {
  const { loop, replica, chance, weather, slowestMs, latestMs, latestOutMs } = link;
  const fate: Fate = replica.isAlive() ? weather.fate() : 'pass';
  const outMs = chance.next() * (fate === 'late' && chance.yes(0.3) ? latestOutMs : slowestMs);
  const backMs = chance.next() * (fate === 'late' ? latestMs : slowestMs);
  const label = `${replica.name} ${what}`;
  return new Promise<T>((resolve, reject) => {
    const back = (answer: Promise<T>): void => {
      // What is done meanwhile is done by somebody in trouble until the answer is there.
      if (fate !== 'pass') weather.met(fate);
      answer.then(
        (value) => void loop.after(backMs, `${label} answered`, () => replica.enter(() => resolve(value))),
        (error: unknown) => void loop.after(backMs, `${label} failed`, () => replica.enter(() => reject(asError(error)))),
      );
    };
    loop.after(outMs, fate === 'pass' ? label : `${label} ${fate}`, () => {
      if (link.diesWithIt === true && !replica.isAlive()) return;
      if (fate === 'refused') back(promised(refused));
      else if (fate === 'lost')
        void run().then(
          () => back(promised(lost)),
          () => back(promised(lost)),
        );
      else back(run());
    });
  });
}

async function promised<T>(answer: () => T | Promise<T>): Promise<T> {
  return answer();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
