import { SalvorError } from '../model/error.ts';
import type { Chat, ChatMessage } from '../port/chat.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Page, Pager } from '../port/pager.ts';

/** How a service for people behaves: `down` refuses, `slow` takes a while, `lost-reply` takes the message and answers an error. */
export type PeopleState = 'up' | 'down' | 'slow' | 'lost-reply';

const SLOW_MS = 5000;

/** A message as it stands now: the newest text of its key. */
export type Posted = ChatMessage & {
  readonly ref: string;
  readonly atMs: number;
  /** How often it was changed after it was posted. */
  readonly edits: number;
};

export type RecordingChat = Chat & {
  /** What people see, in the order in which the messages were first posted. */
  messages(): readonly Posted[];
  /** Those of one thread. */
  thread(name: string): readonly Posted[];
  /** Every delivery, also repeats and edits. */
  deliveries(): readonly ChatMessage[];
  behave(state: PeopleState): void;
};

/** A place where people talk that keeps what was said. */
export function recordingChat({ clock }: { readonly clock: Clock }): RecordingChat {
  const posted = new Map<string, Posted>();
  const deliveries: ChatMessage[] = [];
  let state: PeopleState = 'up';
  const messages = (): readonly Posted[] => [...posted.values()];
  return {
    async deliver(message, before) {
      await takeIn(state, { clock, refuse: () => new SalvorError('chat.unavailable', 'the chat does not answer', { retry: 'later' }) });
      const old = posted.get(message.key) ?? messages().find(({ ref }) => ref === before?.ref);
      const ref = old?.ref ?? `m${posted.size + 1}`;
      deliveries.push(message);
      posted.set(old?.key ?? message.key, {
        ...message,
        key: old?.key ?? message.key,
        ref,
        atMs: old?.atMs ?? clock.nowMs(),
        edits: old === undefined ? 0 : old.edits + 1,
      });
      if (state === 'lost-reply') throw new SalvorError('chat.unavailable', 'the chat broke the connection before it answered', { retry: 'later' });
      return { ref };
    },
    messages,
    thread: (name) => messages().filter((message) => message.thread === name),
    deliveries: () => deliveries,
    behave: (next) => void (state = next),
  };
}

export type RecordingPager = Pager & {
  /** Every page that was sent, repeats too. */
  pages(): readonly (Page & { readonly atMs: number })[];
  /** The dedup keys that were triggered and not resolved. */
  open(): readonly string[];
  behave(state: PeopleState): void;
  state(): PeopleState;
};

/** The one who wakes people, without waking anybody. */
export function recordingPager({ clock }: { readonly clock: Clock }): RecordingPager {
  const pages: (Page & { readonly atMs: number })[] = [];
  let state: PeopleState = 'up';
  return {
    async send(page) {
      await takeIn(state, { clock, refuse: () => new SalvorError('pager.unavailable', 'the pager does not answer', { retry: 'later' }) });
      pages.push({ ...page, atMs: clock.nowMs() });
      if (state === 'lost-reply') throw new SalvorError('pager.unavailable', 'the pager broke the connection before it answered', { retry: 'later' });
    },
    pages: () => pages,
    open() {
      const keys = new Set<string>();
      for (const { action, dedupKey } of pages) {
        if (action === 'trigger') keys.add(dedupKey);
        if (action === 'resolve') keys.delete(dedupKey);
      }
      return [...keys];
    },
    behave: (next) => void (state = next),
    state: () => state,
  };
}

async function takeIn(state: PeopleState, { clock, refuse }: { readonly clock: Clock; readonly refuse: () => SalvorError }): Promise<void> {
  if (state === 'down') throw refuse();
  if (state === 'slow') await sleep(clock, SLOW_MS);
}
