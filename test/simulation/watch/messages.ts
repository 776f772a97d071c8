import type { Scene, Watch } from './watch.ts';

/** How much went wrong for a life of a program until now, and until when its leases are in doubt: what it could not store, it may have to say again. */
export type Trouble = { readonly troubleOf: (by: string) => number; readonly shakenUntilMs: () => number; readonly clocksApartMs: () => number };

/**
 * A message is given out again only where something went wrong, since it was given out, for who gave it out or for who does so again: one that was frozen
 * just before it gave it out wakes and does so.
 */
export function messageWatch({ broken, nowMs }: Scene, { troubleOf, shakenUntilMs }: Trouble): Watch {
  const last = new Map<string, { readonly by: string; readonly troubles: ReadonlyMap<string, number>; readonly text: string }>();
  const troubles = (): ReadonlyMap<string, number> => new Map(PROGRAMS.map((name) => [name, troubleOf(name)]));
  return {
    // What was given out is forgotten, and given out again.
    wentBack: () => last.clear(),
    delivered(by, message, heard) {
      const text = JSON.stringify(message);
      const before = last.get(message.key);
      if (heard && nowMs() >= shakenUntilMs()) last.set(message.key, { by, troubles: troubles(), text });
      else last.delete(message.key);
      if (before === undefined || before.text !== text) return;
      if ([before.by, by].some((life) => troubleOf(life) > (before.troubles.get(programOf(life)) ?? 0))) return;
      broken('a message is given out once', `${message.key} came again from ${by}, and nothing had gone wrong for ${before.by}`);
    },
  };
}

const PROGRAMS = ['a', 'b'];

function programOf(life: string): string {
  return life.split('#')[0] ?? '';
}

/** Numbers of the lines of one incident in the order in which people saw them first. */
export function orderProblem(keys: readonly string[]): string | undefined {
  const numbers = keys.flatMap((key) => {
    const n = /\/entry\/(\d+)$/.exec(key)?.[1];
    return n === undefined ? [] : [Number(n)];
  });
  const wrong = numbers.findIndex((n, at) => n !== at + 1);
  return wrong === -1 ? undefined : `line ${wrong + 1} of the thread is entry ${numbers[wrong]}`;
}

/** Nothing waits in it, and nobody waits to see whether a page calls somebody. */
export function isEmptyLane(value: unknown): boolean {
  const isNone = (name: string): boolean => {
    const list: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return list === undefined || (Array.isArray(list) && list.length === 0);
  };
  return isNone('waiting') && isNone('watched') && isNone('aside');
}
