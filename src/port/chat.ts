import type { IncidentState, Proposal } from '../model/incident.ts';
import type { Severity } from '../model/policy.ts';
import type { Channels } from './channels.ts';

/**
 * A place where people talk: Slack, or the recorder. A message is known by its `key`. Where nobody can tell afterwards whether it is there (`posted`
 * is absent), delivery is at least once, and the key makes a repeat harmless; else each message is there once.
 */
export interface Chat {
  /** The kinds of messages that it takes; absent: every kind. What nobody would read is not sent on its way. */
  readonly takes?: ReadonlySet<ChatMessage['kind']> | undefined;
  /** The most that lines of one thread which wait together may become as one message; absent: each is one of its own. */
  readonly together?: { readonly lines: number; readonly characters: number } | undefined;
  /** How long to wait with this one, in ms, so that the place stays within its limits and what is urgent goes first; 0 takes the turn. Sends nothing. */
  waitMs?(message: ChatMessage, at: Place & { readonly urgent: boolean }): number;
  /**
   * Posts a message, or edits the one that `at.ref` names. Answers what the other side calls it, for later edits.
   * Throws `chat.unavailable` (retry `later`) when the outcome is not a delivery: `details.outcome` is `refused` where it surely is not there, `gone`
   * where the message to be edited is no longer there; anything else: nobody knows.
   */
  deliver(message: ChatMessage, at?: Place): Promise<{ readonly ref: string }>;
  /** Our own messages that are there, by key: what the other side calls them. Throws as `deliver` does. */
  readonly posted?: ((where: Searched) => Promise<ReadonlyMap<string, string>>) | undefined;
  /** It takes reports as files. */
  readonly files?: boolean | undefined;
  /** Channels that incidents have for themselves; absent: there are none, and all is said in the one place. */
  readonly channels?: Channels | undefined;
}

/**
 * Where a message goes, as the other side calls it: the message that it takes the place of, the card that its thread hangs on, and the incident's own
 * channel (absent: the one place for all). What is shown to another organization is refused there: `details.slack` is `is_ext_shared`.
 */
export type Place = { readonly ref?: string; readonly root?: string; readonly channel?: string };

/** Where our own messages are looked for. */
export type Searched = {
  /** The card of the thread; absent: the channel itself. */
  readonly root?: string;
  /** The last message of the thread that is known; absent: those since `sinceMs`. */
  readonly after?: string;
  /** The incident's own channel; absent: the one place for all. */
  readonly channel?: string;
  /** Where others are told, not the one place for all. */
  readonly isForOthers?: boolean;
  readonly sinceMs: number;
};

/** A line of a thread. */
export type Line = {
  /** Unique per message; the same for a repeat of the same message. */
  readonly key: string;
  /** The first line is the answer. Plain text; the adapter escapes. */
  readonly title: string;
  readonly lines: readonly string[];
  /** When it happened. */
  readonly atMs?: number;
  /** People of the configuration who should notice it, by name. */
  readonly calls?: readonly string[];
};

export type ChatMessage = Line & {
  /** The incident: messages of one thread are delivered in order. */
  readonly thread: string;
  /** `update`: what others are told, in a place of its own. `file`: the whole report, made when it is delivered. */
  readonly kind: 'card' | 'timeline' | 'approval' | 'report' | 'update' | 'file';
  /** Everybody should see it at once, not only who follows the thread. */
  readonly aloud?: boolean;
  /** Lines that waited together with this one, and are said with it. */
  readonly more?: readonly Line[];
  /** It stands for so many lines that were folded away while nothing could be delivered. */
  readonly folded?: number;
  readonly links?: readonly { readonly text: string; readonly url: string }[];
  /** How an incident stands, on a message of the kind `card`. */
  readonly card?: CardFacts;
  /** What a yes would be for, on a message of the kind `approval`: the run, and the digest of exactly the plan that it shows. */
  readonly approval?: { readonly run: string; readonly plan: string } & ApprovalFacts;
  /** How it stands for others, on a message of the kind `update`. */
  readonly update?: UpdateFacts;
  /** What was measured, on a message of the kind `report`: names and values. */
  readonly table?: readonly (readonly [name: string, value: string])[];
};

/** Plain text from wherever; the adapter makes it harmless. */
export type CardFacts = {
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly title: string;
  readonly cluster: string;
  readonly sinceMs: number;
  readonly updatedMs: number;
  readonly lead?: string;
  /** Who speaks for it to others. */
  readonly communications?: string;
  /** The incident's own channel, as the chat calls it. */
  readonly channel?: string;
  readonly firing: number;
  readonly openRuns: number;
  readonly runs: number;
  /** Whom it calls and why, or why it was closed. */
  readonly notices: readonly string[];
  readonly latest: readonly string[];
};

export type UpdateFacts = Pick<CardFacts, 'severity' | 'state' | 'title' | 'cluster' | 'sinceMs' | 'lead' | 'communications'> & {
  readonly openedMs: number;
  /** The last words of a person. */
  readonly said?: { readonly text: string; readonly by: string; readonly atMs: number };
};

export type ApprovalFacts = {
  /** What the steps would do. Absent where the proposal was stored without it. */
  readonly asked?: Asked;
  readonly votes?: Proposal['votes'];
  /** What is missing to a yes, in words. */
  readonly missing?: string;
  /** Somebody keeps it from starting: who, why, and since when. */
  readonly held?: NonNullable<Proposal['held']>;
  /** Nobody can decide about it any more: why, and since when. */
  readonly over?: NonNullable<Proposal['over']>;
};

export type Asked = {
  readonly summary: string;
  readonly risk: string;
  readonly steps: readonly {
    readonly step: string;
    readonly summary: string;
    readonly cluster: string;
    readonly risk: string;
    /** How it is taken back, or why it cannot be. */
    readonly back?: string;
    /** Some of what is created, overwritten, deleted or evicted, and how many changes there are. */
    readonly diff: readonly string[];
    readonly changes: number;
    readonly told: readonly string[];
  }[];
  /** Steps that the message has no room for. */
  readonly moreSteps: number;
  /** Who decides, in words. */
  readonly policy: string;
  readonly expiresMs?: number;
  /** A word has to be typed with the yes. */
  readonly typed: boolean;
  /** What differs from the proposal before. */
  readonly changed: readonly string[];
  /** Why it could not start now. */
  readonly held?: string;
};
