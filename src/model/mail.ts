import type { Json, JsonObject } from './json.ts';

/** What a run can be told. A press is committed as mail before it is acknowledged; the run judges it when it reads it. */
export type RunMail =
  | {
      readonly kind: 'approve';
      readonly by: string;
      readonly plan: string;
      readonly surface: string;
      readonly confirmation?: string;
      readonly breakGlass?: string;
    }
  /** Takes one's own yes back, as long as nothing was begun. */
  | { readonly kind: 'withdraw'; readonly by: string; readonly surface: string }
  /** Keeps a proposal from starting, and its time from running out. */
  | { readonly kind: 'hold'; readonly by: string; readonly surface: string; readonly reason: string }
  | { readonly kind: 'release'; readonly by: string; readonly surface: string }
  | { readonly kind: 'reject'; readonly by: string; readonly surface: string; readonly reason: string }
  | { readonly kind: 'cancel'; readonly by: string; readonly surface: string; readonly keep: boolean; readonly reason: string }
  | { readonly kind: 'answer'; readonly by: string; readonly surface: string; readonly ask: string; readonly value: Json; readonly confirmation?: string }
  | { readonly kind: 'settle'; readonly by: string; readonly surface: string; readonly step: string; readonly as: 'done' | 'not-done' }
  | { readonly kind: 'supersede'; readonly by: string; readonly surface: string; readonly reason: string; readonly newRun?: string }
  /** The alert of one of its episodes ended: news, not an order. */
  | { readonly kind: 'resolved'; readonly episode: string }
  /** Another episode joined. */
  | { readonly kind: 'joined'; readonly episode: string }
  /** Pause, configuration or lock changed: look again. */
  | { readonly kind: 'look'; readonly why: string };

/** What an incident can be told. Entries of the timeline come from runs and people. */
export type IncidentMail =
  | {
      readonly kind: 'alert';
      readonly status: 'firing' | 'resolved';
      readonly name: string;
      readonly episode: string;
      readonly summary: string;
      readonly severity?: string;
    }
  | {
      readonly kind: 'run';
      readonly run: string;
      readonly n: number;
      readonly type: string;
      readonly text: string;
      readonly state: string;
      readonly facts: JsonObject;
    }
  /** `reply`: what whoever wrote it in the pager is told there. */
  | { readonly kind: 'note'; readonly by: string; readonly surface: string; readonly text: string; readonly reply?: string }
  | { readonly kind: 'severity'; readonly by: string; readonly surface: string; readonly severity: 'SEV1' | 'SEV2' | 'SEV3' }
  /** Who leads from now on: one person at a time. */
  | { readonly kind: 'lead'; readonly by: string; readonly surface: string; readonly lead: string }
  /** Who speaks for it to others from now on. */
  | { readonly kind: 'communications'; readonly by: string; readonly surface: string; readonly person: string }
  /** What others are told about it now; the next takes its place. */
  | { readonly kind: 'update'; readonly by: string; readonly surface: string; readonly text: string }
  /**
   * Somebody has it: nobody more is called. `person` false: the pager knows them, the configuration does not, so they cannot lead.
   * `pagerMs`: when it happened in the pager, whose news may come late and out of order.
   */
  | { readonly kind: 'acknowledge'; readonly by: string; readonly surface: string; readonly person: boolean; readonly pagerMs?: number }
  | { readonly kind: 'close'; readonly by: string; readonly surface: string; readonly reason: string }
  /** Start the ladder: nobody answered, failed, held too long, unrouted. `key` names the cause; the same cause starts it once. */
  | { readonly kind: 'escalate'; readonly key: string; readonly ladder: string; readonly reason: string }
  /** The cause is gone (somebody answered, it worked): stop its ladder. */
  | { readonly kind: 'calm'; readonly key: string; readonly by?: string }
  | { readonly kind: 'park'; readonly episode: string; readonly untilMs: number }
  /** What became of a page: it waits, was taken, calls somebody, or nobody. */
  | PagerMail
  | ChannelMail
  /** An acknowledgement in the pager ran out or was taken back: people are called again. */
  | { readonly kind: 'unacknowledged'; readonly by: string; readonly surface: string; readonly pagerMs?: number };

/**
 * `waits`: the pager does not answer since `sinceMs`; `taken`: accepted, and nothing more is known; `called`: a call is open, for `who`; `escalated`: the
 * call that was open goes to `who`; `joined`: it was added to a call that was open, and called nobody; `nobody`: accepted, and no call within `withinMs`;
 * `refused`: never accepted; `unsure`: whether somebody is called could not be asked; `asked`: `who` is asked to help on the call that is open; `not-asked`: not.
 */
export type PagerMail = {
  readonly kind: 'pager';
  readonly what: 'waits' | 'taken' | 'called' | 'escalated' | 'joined' | 'nobody' | 'refused' | 'unsure' | 'asked' | 'not-asked';
  readonly target: string;
  /** Who is called; of a page that waits: who was on call at `onCallMs`. */
  readonly who?: readonly string[];
  readonly onCallMs?: number;
  /** The call as the pager counts it. */
  readonly number?: number;
  readonly sinceMs?: number;
  readonly withinMs?: number;
  readonly reason?: string;
};

/**
 * What became of the incident's own channel. `opened`: people can talk there; `none`: it could not be made; `lost`: people archived it, took us out of it,
 * or opened it to another organization; `left-out`: one thing about it could not be done, and nothing else waits for that; `archived`: it was quiet for long.
 */
export type ChannelMail = {
  readonly kind: 'channel';
  readonly what: 'opened' | 'none' | 'lost' | 'left-out' | 'archived';
  readonly id?: string;
  readonly name?: string;
  readonly reason?: string;
};
