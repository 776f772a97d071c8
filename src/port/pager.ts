/** The one who wakes people: PagerDuty, or the recorder. Delivery is at least once; the dedup key makes a repeat harmless. */
export interface Pager {
  /** Throws `pager.unavailable` (retry `later`). */
  send(page: Page): Promise<void>;
}

export type Page = {
  readonly action: 'trigger' | 'acknowledge' | 'resolve';
  /** At most 255 characters; one per incident. */
  readonly dedupKey: string;
  /** Whom: a name of the ladder's rung. */
  readonly target: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  /** At most 1,024 characters. */
  readonly summary: string;
  readonly details: { readonly [name: string]: string };
};
