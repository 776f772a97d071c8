/** A place where people talk: Slack, or the recorder. Delivery is at least once; `key` makes a repeat harmless. */
export interface Chat {
  /** The kinds of messages that it takes; absent: every kind. What nobody would read is not sent on its way. */
  readonly takes?: ReadonlySet<ChatMessage['kind']>;
  /**
   * Posts a message, or edits the one that has this key. Throws `chat.unavailable` (retry `later`) when the outcome is not a delivery.
   * Answers what the other side calls the message, for later edits.
   */
  deliver(message: ChatMessage, before?: { readonly ref: string }): Promise<{ readonly ref: string }>;
}

export type ChatMessage = {
  /** Unique per message; the same for a repeat of the same message. */
  readonly key: string;
  /** The incident: messages of one thread are delivered in order. */
  readonly thread: string;
  readonly kind: 'card' | 'timeline' | 'approval' | 'report';
  /** The first line is the answer. Plain text; the adapter escapes. */
  readonly title: string;
  readonly lines: readonly string[];
  readonly links?: readonly { readonly text: string; readonly url: string }[];
  /** What a yes would be for, on a message of the kind `approval`: the run, and the digest of exactly the plan that it shows. */
  readonly approval?: { readonly run: string; readonly plan: string };
};
