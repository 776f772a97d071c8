import type { ChatMessage } from '../../../src/port/chat.ts';
import type { Page } from '../../../src/port/pager.ts';
import type { Commit } from '../../../src/port/store.ts';
import type { OracleState } from '../../../src/store/oracle/state.ts';
import type { Taken } from './pages.ts';

/** One write that a simulated API server took. */
export type Written = {
  readonly cluster: string;
  /** `create ConfigMap/app/one-3f9a01c2`. */
  readonly line: string;
  /** The life of the program that sent it. */
  readonly by: string;
  readonly changed: boolean;
};

/** A person pressed; whether anybody heard it is another matter. */
export type Press = { readonly by: string; readonly plan: string; readonly confirmation?: string; readonly atMs: number };

/** What a watcher can look at. */
export type Scene = {
  readonly state: OracleState;
  readonly nowMs: () => number;
  readonly presses: readonly Press[];
  /** How many must approve by the risk of a plan, by team. */
  readonly platform: number;
  /** Uids that the ConfigMap `base` had since then: what an approval of `test.write` rests on. */
  readonly basesSince: (cluster: string, sinceMs: number) => readonly string[];
  /** Says that something must not be. The first that is said ends the history. */
  readonly broken: (invariant: string, words: string) => void;
};

/** Looks at every step of a history: a commit that was carried out, a write at an API server, a message that was taken. */
export type Watch = {
  readonly committed?: (by: string, commit: Commit) => void;
  readonly claimed?: (by: string, partition: string, id: string, epoch: number) => void;
  /** The store has forgotten the end of this partition: what it holds now is a beginning of what was watched. */
  readonly wentBack?: (partition: string) => void;
  readonly wrote?: (write: Written) => void;
  /** `heard`: whoever gave it out lives, and may hear that it was taken. */
  readonly delivered?: (by: string, message: ChatMessage, heard: boolean) => void;
  /** Somebody posted something in Slack. */
  readonly posted?: (by: string, underWayMs: number) => void;
  /** PagerDuty took a call for somebody. */
  readonly pagerTook?: (one: Taken) => void;
  readonly paged?: (by: string, page: Page) => void;
};
