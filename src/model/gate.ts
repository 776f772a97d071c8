/** A reason why a write may not start now. A gate that cannot be evaluated holds. */
export type GateName =
  | 'pause'
  | 'freeze'
  | 'window'
  | 'blast-radius'
  | 'lock'
  | 'budget'
  | 'other-owner'
  | 'role'
  /** Somebody holds the proposal. */
  | 'person'
  | 'cluster'
  | 'upgrade'
  | 'journal'
  | 'cooldown';

export type Hold = {
  readonly kind: 'hold';
  readonly gate: GateName;
  readonly reason: string;
  /** When to look again; absent: when something changes. */
  readonly untilMs?: number;
};

export type Decision = { readonly kind: 'admit' } | Hold;

export const admit: Decision = { kind: 'admit' };
