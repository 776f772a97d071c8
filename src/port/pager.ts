/** The one who wakes people: PagerDuty, or the recorder. Delivery is at least once; the dedup key makes a repeat harmless. */
export interface Pager {
  /** Accepted there, which is no call yet. Throws `pager.unavailable` (retry `later`), or with retry `never` what can never be delivered. */
  send(page: Page): Promise<void>;
  /** What it takes beside calls; absent: nothing. */
  takes?(): ReadonlySet<'note' | 'change'>;
  /** How it is known that what was accepted calls somebody; absent: delivery is all there is, and nobody asks. */
  confirms?(): Confirms;
  /** Everything that was opened under this dedup key and is open, or was opened since then. Throws as `send` does. */
  calls?(page: Page, sinceMs: number): Promise<readonly Call[]>;
  /**
   * Calls the next people on the call that is open already, where this page would only join it. Undefined: it is a page as any other.
   * Throws as `send` does.
   */
  escalate?(page: Page): Promise<Call | undefined>;
  /** Who was on call for this target when it could last be asked. */
  onCall?(target: string): OnCall | undefined;
}

export type Page = {
  /** A `note` and a `change` wake nobody. */
  readonly action: 'trigger' | 'acknowledge' | 'resolve' | 'note' | 'change';
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

/** `asking`: by `calls`; `hearing`: the pager tells by itself; `nothing`: neither, so that an acceptance has to do. */
export type Confirms = { readonly by: 'asking' | 'hearing' | 'nothing'; readonly withinMs: number };

/** What the pager made of a page: who is called. */
export type Call = { readonly id: string; readonly number?: number; readonly who: readonly string[] };

export type OnCall = { readonly names: readonly string[]; readonly atMs: number };
