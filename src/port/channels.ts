/**
 * Channels that an incident has for itself, where the chat knows such. Every call is one request, and is made again by whoever keeps the record of it.
 * All throw `chat.unavailable` as `Chat` does: `details.outcome` is `refused` where it surely was not done; `details.slack` is the other side's own name of it.
 */
export interface Channels {
  /** How long this incident is to wait with a call of this kind, in ms, so that the place stays within its limits; 0 takes the turn. Sends nothing. */
  waitMs(call: ChannelCall, incident: string): number;
  create(of: { readonly name: string; readonly isPrivate: boolean }): Promise<Channel>;
  /** The channel with exactly this name, as far as it may be seen. */
  find(name: string): Promise<(Channel & Found) | undefined>;
  /** At most 30 people, by their ids there. Answers whom it could not invite, and why: the others are. */
  invite(channel: string, people: readonly string[]): Promise<readonly { readonly id: string; readonly why: string }[]>;
  topic(channel: string, text: string): Promise<void>;
  purpose(channel: string, text: string): Promise<void>;
  /** A repeat adds nothing. */
  bookmark(channel: string, to: Bookmark): Promise<void>;
  /** Pins a message, by what the chat calls it. A repeat changes nothing. */
  pin(message: string): Promise<void>;
  archive(channel: string): Promise<void>;
  unarchive(channel: string): Promise<void>;
  /** When a person last said something there or under the card (`root`), since then; undefined: nobody did. */
  lastSaidMs(of: { readonly channel: string; readonly root?: string | undefined; readonly sinceMs: number }): Promise<number | undefined>;
}

export type ChannelCall = 'create' | 'find' | 'invite' | 'topic' | 'purpose' | 'bookmark' | 'pin' | 'archive' | 'unarchive' | 'said';

export type Channel = { readonly id: string; readonly name: string };

/** `isOurs`: we made it. */
export type Found = { readonly isOurs: boolean; readonly purpose: string; readonly isArchived: boolean };

export type Bookmark = { readonly title: string; readonly url: string };
