import type { Need } from './playbook.ts';
import type { ApprovalStage, BreakGlass } from './policy.ts';

/** What one proposal asks of people, worked out from the operator's policy and the playbook's wish for more. */
export type Requirement =
  /** The plan has no change: nobody is asked. */
  | { readonly kind: 'none' }
  /** Every change is listed as automatic. `limits`: counts that must have room when it starts. */
  | { readonly kind: 'auto'; readonly limits: readonly { readonly count: string; readonly limit: number }[] }
  | {
      readonly kind: 'people';
      readonly need: readonly Need[];
      readonly notRequester: boolean;
      /** The word that must be typed, where a typed confirmation is asked. */
      readonly confirmation?: string;
      readonly withinMs: number;
      readonly remindMs: number;
      readonly distinctTeams?: true;
      readonly stages?: readonly ApprovalStage[];
      readonly onExpiry?: 'hold';
      readonly breakGlass?: BreakGlass;
      /** One line for the card: `needs 1 of platform, not the requester, within 15m`. */
      readonly words: string;
    }
  /** It cannot be worked out (an unmapped role, an empty team): nobody may approve. */
  | { readonly kind: 'hold'; readonly reason: string };

export type Vote = {
  readonly by: string;
  /** The digest that the person saw. */
  readonly plan: string;
  readonly surface: string;
  readonly confirmation?: string;
  /** Why the emergency rule is used; absent: an ordinary vote. */
  readonly breakGlass?: string;
  /** When the press was committed. */
  readonly atMs: number;
};

export type HeldBy = { readonly by: string; readonly reason: string; readonly sinceMs: number };

/** The approval of one proposal as the run keeps it. */
export type Approval = {
  readonly requirement: Requirement;
  readonly askedMs: number;
  readonly expiresMs: number;
  readonly remindAtMs?: number;
  readonly votes: readonly Vote[];
  /** How many of the requirement's stages are in force: who may vote by now. */
  readonly stage?: number;
  /** A person keeps it from starting, whoever votes. */
  readonly held?: HeldBy;
  /** Nobody decided in time, and it waits on. */
  readonly keptMs?: number;
  /** Set when enough have voted. */
  readonly grantedMs?: number;
  /** Before the ladder it was looked once more whether anything is left to decide. */
  readonly lookedMs?: number;
  /** The ladder was started because nobody answered. */
  readonly escalatedMs?: number;
};
