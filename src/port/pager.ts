/** The one who wakes people: PagerDuty, or the recorder. Delivery is at least once; the dedup key makes a repeat harmless. */
export interface Pager {
  /** Accepted there, which is no call yet. Throws `pager.unavailable` (retry `later`), or with retry `never` what can never be delivered. */
  send(page: Page): Promise<void>;
  /** What it takes beside calls; absent: nothing. */
  takes?(): ReadonlySet<Aside>;
  /** How it is known that what was accepted calls somebody; absent: delivery is all there is, and nobody asks. */
  confirms?(): Confirms | undefined;
  /** Everything that was opened under this dedup key and is open, or was opened since then. Throws as `send` does. */
  calls?(page: Page, sinceMs: number): Promise<readonly Call[]>;
  /**
   * Calls the next people on the call that is open already, where this page would only join it. `known`: calls by the target that they were made for.
   * Undefined: it is a page as any other. Throws as `send` does.
   */
  escalate?(page: Page, known: readonly (readonly [call: string, target: string])[]): Promise<Call | undefined>;
  /** Who was on call for this target when it could last be asked. */
  onCall?(target: string): OnCall | undefined;
  /** Why who is on call cannot be asked, or could not the last time; undefined: it was said. */
  onCallProblem?(): string | undefined;
}

export type Page = {
  readonly action: 'trigger' | 'acknowledge' | 'resolve' | Aside;
  /** At most 255 characters; one per incident. */
  readonly dedupKey: string;
  /** Whom: a name of the ladder's rung. */
  readonly target: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  /** At most 1,024 characters. */
  readonly summary: string;
  readonly details: { readonly [name: string]: string };
  /** Who was paged for this incident before, lowest first. */
  readonly before?: readonly string[];
};

/**
 * What stands beside calls: a `note` and a `change` wake nobody; an `ask` asks people to help on the call that is open (`details.whom`: their ids in the
 * pager, with commas).
 */
export type Aside = 'note' | 'change' | 'ask';

export function isAside(action: Page['action']): action is Aside {
  return action === 'note' || action === 'change' || action === 'ask';
}

/** `asking`: by `calls`; `hearing`: the pager tells by itself; `nothing`: neither, so that an acceptance has to do. */
export type Confirms = { readonly by: 'asking' | 'hearing' | 'nothing'; readonly withinMs: number };

/** What the pager made of a page: who is called. */
export type Call = { readonly id: string; readonly number?: number; readonly who: readonly string[] };

export type OnCall = { readonly names: readonly string[]; readonly atMs: number };

/** What happened to a call over there. `user` is absent where nobody did it: a time ran out, or a rule. */
export type PagerNews = {
  /** The same for a repeat. */
  readonly id: string;
  /** The dedup key of the page; some news name only the call. */
  readonly key?: string;
  readonly call?: Call;
  readonly what:
    | 'triggered'
    | 'acknowledged'
    | 'unacknowledged'
    | 'escalated'
    | 'reassigned'
    | 'delegated'
    | 'annotated'
    | 'resolved'
    | 'reopened'
    | 'prioritized'
    | 'asked'
    | 'replied'
    | 'published';
  /** When it happened; news may come late, and out of order. */
  readonly atMs?: number;
  readonly user?: { readonly id: string; readonly name: string };
  /** What somebody wrote, or the name of what it is now. */
  readonly text?: string;
  /** Who else it is about: who was asked for help. */
  readonly whom?: string;
};

/** Every note of ours begins with it, so that nobody takes it for news. */
export const OWN_NOTE = 'Salvor: ';
