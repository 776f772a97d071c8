import type { Scope } from './scope.ts';

export const STORES = ['embedded', 'redis'] as const;
export type StoreName = (typeof STORES)[number];

export type Setting = {
  readonly stores: readonly StoreName[];
  /** The first number, or the second where only is looked whether everything works. */
  readonly many: (usual: number, quick: number) => number;
  /** Closed when the work is over. */
  readonly scope: Scope;
  /** Says on the terminal how far it is. */
  readonly tell: (text: string) => void;
};

/** What one round measured of one of those that took turns in it. */
export type Figures = { readonly [figure: string]: number };
/** By name: Salvor on a store, or what it is compared with. */
export type Round = { readonly [of: string]: Figures };

/** `times`: compared is the ratio to the floor, not the figure. `always`: a promise, which the median cannot keep for the worst round. */
export type Target = { readonly times?: boolean; readonly always?: boolean } & ({ readonly atMost: number } | { readonly atLeast: number });

/** A line of the table, for each of those that have the figure. */
export type Line = {
  readonly figure: string;
  readonly what: string;
  readonly unit: string;
  readonly digits?: number;
  /** What it stands beside, of the same round, in the same figure. */
  readonly floor?: string | undefined;
  readonly targets?: readonly Target[] | ((of: string) => readonly Target[]);
};

export type Work = {
  readonly name: string;
  /** What is done and how, in a sentence or two. */
  readonly about: string;
  readonly lines: readonly Line[];
  /** Those of its subjects that are no Salvor: what the others stand beside. */
  readonly floors?: readonly string[];
  /** The longest that opening it, or a round of it, may take. */
  readonly boundS: number;
  /** One round more at the beginning, which is not counted. */
  readonly warmsUp?: boolean;
  /** More rounds would tell nothing new. */
  readonly once?: boolean;
  /** Why it cannot be measured on this machine. */
  readonly missing?: () => string | undefined;
  readonly open: (setting: Setting) => Promise<(round: number) => Promise<Round>>;
};

export type Subject = readonly [name: string, measure: (round: number) => Promise<Figures>];

/** Each after the other, another one first in each round, so that nobody always comes behind the same. */
export function inTurns(subjects: readonly Subject[]): (round: number) => Promise<Round> {
  return async (round) => {
    const first = Math.max(0, round) % Math.max(1, subjects.length);
    const taken = new Map<string, Figures>();
    for (const [name, measure] of [...subjects.slice(first), ...subjects.slice(0, first)]) taken.set(name, await measure(round));
    return Object.fromEntries(subjects.map(([name]) => [name, taken.get(name) ?? {}]));
  };
}

/** Nothing may be lost, nothing done twice: lines that every work has which can count it. */
export const PROMISES: readonly Line[] = [
  { figure: 'lost', what: 'lost', unit: '', digits: 0, targets: [{ atMost: 0, always: true }] },
  { figure: 'twice', what: 'done twice', unit: '', digits: 0, targets: [{ atMost: 0, always: true }] },
];
