import type { Chance } from './chance.ts';
import type { EventLoop } from './loop.ts';

/** What becomes of one call: it passes, it is refused before anything is done, it is done and the answer gets lost, or it takes longer. */
export type Fate = 'pass' | 'refused' | 'lost' | 'late';
export type Front = { readonly gives: Exclude<Fate, 'pass'>; readonly share: number; readonly lasts: number; readonly chance: Chance };

/** The weather between one program and one server: fronts that come and go. A share of 1 that refuses is a partition. */
export type Weather = {
  come(front: Front): void;
  clear(): void;
  /** The fate of the next call. */
  fate(): Fate;
  isCut(): boolean;
  /** A call that did not just pass comes to its end. */
  met(fate: Fate): void;
};

/** `met` is told of each call that does not just pass, when it is made and when it is answered. */
export function weather(loop: EventLoop, met: (fate: Fate) => void): Weather {
  let fronts: { readonly front: Front; readonly untilMs: number }[] = [];
  const now = (): readonly Front[] => {
    fronts = fronts.filter(({ untilMs }) => untilMs > loop.nowMs());
    return fronts.map(({ front }) => front);
  };
  return {
    come(front) {
      fronts.push({ front, untilMs: loop.nowMs() + front.lasts });
    },
    clear() {
      fronts = [];
    },
    fate() {
      const hit = now().find((front) => front.chance.yes(front.share));
      if (hit !== undefined) met(hit.gives);
      return hit?.gives ?? 'pass';
    },
    met,
    isCut: () => now().some(({ gives, share }) => gives === 'refused' && share === 1),
  };
}
