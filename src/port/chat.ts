/**
 * A place where people talk: Slack, or the recorder. A message is known by its `key`. Where nobody can tell afterwards whether it is there (`posted`
 * is absent), delivery is at least once, and the key makes a repeat harmless; else each message is there once.
 */
export interface Chat {
  /** The kinds of messages that it takes; absent: every kind. What nobody would read is not sent on its way. */
  readonly takes?: ReadonlySet<ChatMessage['kind']>;
  /** The most that lines of one thread which wait together may become as one message; absent: each is one of its own. */
  readonly together?: { readonly lines: number; readonly characters: number };
  /** How long to wait with this one, in ms, so that the place stays within its limits and what is urgent goes first; 0 takes the turn. Sends nothing. */
  waitMs?(message: ChatMessage, at: Place & { readonly urgent: boolean }): number;
  /**
   * Posts a message, or edits the one that `at.ref` names. Answers what the other side calls it, for later edits.
   * Throws `chat.unavailable` (retry `later`) when the outcome is not a delivery: `details.outcome` is `refused` where it surely is not there, `gone`
   * where the message to be edited is no longer there; anything else: nobody knows.
   */
  deliver(message: ChatMessage, at?: Place): Promise<{ readonly ref: string }>;
  /** Our own messages that are there, by key: what the other side calls them. Throws as `deliver` does. */
  posted?(where: {
    readonly root?: string /** The last message of the thread that is known. */;
    readonly after?: string;
    readonly sinceMs: number;
  }): Promise<ReadonlyMap<string, string>>;
}

/** Where a message goes, as the other side calls it: the message that it takes the place of, and the card that its thread hangs on. */
export type Place = { readonly ref?: string; readonly root?: string };

/** A line of a thread. */
export type Line = {
  /** Unique per message; the same for a repeat of the same message. */
  readonly key: string;
  /** The first line is the answer. Plain text; the adapter escapes. */
  readonly title: string;
  readonly lines: readonly string[];
  /** When it happened. */
  readonly atMs?: number;
};

export type ChatMessage = Line & {
  /** The incident: messages of one thread are delivered in order. */
  readonly thread: string;
  readonly kind: 'card' | 'timeline' | 'approval' | 'report';
  /** Everybody should see it at once, not only who follows the thread. */
  readonly aloud?: boolean;
  /** Lines that waited together with this one, and are said with it. */
  readonly more?: readonly Line[];
  /** It stands for so many lines that were folded away while nothing could be delivered. */
  readonly folded?: number;
  readonly links?: readonly { readonly text: string; readonly url: string }[];
  /** What a yes would be for, on a message of the kind `approval`: the run, and the digest of exactly the plan that it shows. */
  readonly approval?: { readonly run: string; readonly plan: string };
};
