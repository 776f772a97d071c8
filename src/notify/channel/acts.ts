import type { ChannelCall, Channels } from '../../port/channels.ts';
import type { ChannelLane, Step } from './lane.ts';
import { type Done, makeChannel, nameOf, opened } from './make.ts';
import { refusalOf } from './refusal.ts';
import type { Wanted } from './wanted.ts';

/** One thing to do about a channel. `of` is what it is to be: the same is done once. */
export type Act = {
  readonly key: string;
  readonly of: string;
  readonly call: ChannelCall;
  /** Before it is asked for: what is written down, so that it is not done twice. */
  readonly intent?: true;
  /** In words, for the one line that says that it could not be done. */
  readonly words: string;
  readonly run: (channels: Channels, lane: ChannelLane, at: { readonly nowMs: number; readonly isRepeat: boolean }) => Promise<Done>;
};

export const NOTICE_MS = 86_400_000;
const AT_ONCE = 30;
/** A pin waits for its card, which goes out on a lane of its own. */
const CARD_MS = 2000;

/** What is left to do, first things first. Each fails alone: none of them waits for another, but all for the channel itself. `card`: what the chat calls the card in it. */
export function actsOf(lane: ChannelLane, { nowMs, card }: { readonly nowMs: number; readonly card: string | undefined }): readonly Act[] {
  const { wanted, state, id } = lane;
  if (wanted === undefined) return [];
  const isOver = wanted.closedMs !== undefined;
  if (state === 'making') return isOver && lane.intent === undefined ? [] : [makes(lane)];
  if (id === undefined) return [];
  if (state === 'archived') return isOver ? [] : [comesBack(id)];
  if (state !== 'open') return [];
  const text = (key: 'purpose' | 'topic'): Act =>
    simple(key, wanted[key], { words: `its ${key} is not set`, run: (channels) => channels[key](id, wanted[key]) });
  const links = wanted.bookmarks.map((link) =>
    simple('bookmark', link.url, {
      key: `bookmark ${link.title}`,
      words: `the bookmark "${link.title}" is missing`,
      run: (channels) => channels.bookmark(id, link),
    }),
  );
  return [text('purpose'), ...invites(lane, wanted, id), text('topic'), ...pins(card), ...links, ...(isOver ? ends(lane, wanted, { id, nowMs, card }) : [])];
}

/** What the act is to be is done; or Slack refused it, and would again whatever it is to be. */
export function isSettled({ steps }: ChannelLane, { key, of }: Pick<Act, 'key' | 'of'>): boolean {
  const step = steps[key];
  return step !== undefined && (step.refused === true || (step.of === of && step.done));
}

export function stepOf({ steps }: ChannelLane, { key, of }: Pick<Act, 'key' | 'of'>): Step {
  const step = steps[key];
  return step !== undefined && step.of === of ? step : { of, done: false, attempts: 0 };
}

type Simple = { readonly key?: string; readonly words: string; readonly run: (channels: Channels) => Promise<unknown> };

function simple(call: ChannelCall, of: string, { key = call, words, run }: Simple): Act {
  return {
    key,
    of,
    call,
    words,
    async run(channels, lane) {
      await run(channels);
      return { lane, news: [] };
    },
  };
}

function makes(lane: ChannelLane): Act {
  const name = nameOf(lane);
  return { key: 'create', of: name, call: 'create', intent: true, words: 'it could not be made', run: makeChannel };
}

/** Bots may not open every channel again: then it is another one, with a number behind its name. */
function comesBack(id: string): Act {
  return {
    key: 'unarchive',
    of: id,
    call: 'unarchive',
    words: 'it could not be opened again',
    async run(channels, lane) {
      try {
        await channels.unarchive(id);
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal.kind === 'later') throw error;
        if (refusal.kind !== 'refused' || refusal.name !== 'not_archived') {
          const { id: _id, name: _name, ...rest } = lane;
          return { lane: { ...rest, state: 'making', taken: lane.taken + 1, steps: {} }, news: [], againMs: 0 };
        }
      }
      return opened(lane, { id, name: lane.name ?? '' });
    },
  };
}

function invites({ asked }: ChannelLane, { invite }: Wanted, id: string): readonly Act[] {
  const people = invite.filter((person) => !asked.includes(person.id)).slice(0, AT_ONCE);
  if (people.length === 0) return [];
  const ids = people.map((person) => person.id);
  return [
    {
      key: 'invite',
      of: ids.join(' '),
      call: 'invite',
      words: `${people.map(({ name }) => name).join(', ')} could not be invited`,
      async run(channels, lane) {
        const refused = await channels.invite(id, ids);
        const words = refused.map((one) => `${people.find((person) => person.id === one.id)?.name ?? one.id} (${one.why})`);
        const reason = `not invited: ${words.join(', ')}. Everybody else was`;
        return { lane: { ...lane, asked: [...lane.asked, ...ids] }, news: words.length === 0 ? [] : [{ kind: 'channel', what: 'left-out', reason }] };
      },
    },
  ];
}

function pins(card: string | undefined): readonly Act[] {
  if (card !== undefined) return [simple('pin', card, { words: 'the card is not pinned', run: (channels) => channels.pin(card) })];
  return [{ key: 'pin', of: '', call: 'pin', words: '', run: async (_channels, lane, { nowMs }) => ({ lane, news: [], againMs: nowMs + CARD_MS }) }];
}

/** Behind the end: a day before it is archived people are told, and whoever says something keeps it. */
function ends(
  lane: ChannelLane,
  { closedMs = 0, archiveAfterMs }: Wanted,
  { id, nowMs, card }: { readonly id: string; readonly nowMs: number; readonly card: string | undefined },
): readonly Act[] {
  const { noticeMs, quietAtMs = closedMs + archiveAfterMs - NOTICE_MS } = lane;
  const dueMs = noticeMs === undefined ? quietAtMs : noticeMs + NOTICE_MS;
  if (nowMs < dueMs) return [];
  const looks: Act = {
    key: 'silence',
    of: `${dueMs}`,
    call: 'said',
    words: 'whether somebody still talks there could not be asked',
    async run(channels, now, at) {
      const { noticeMs: told, ...rest } = now;
      const saidMs = await channels.lastSaidMs({ channel: id, root: card, sinceMs: told ?? closedMs });
      const nextMs = (saidMs ?? 0) + archiveAfterMs - NOTICE_MS;
      if (saidMs !== undefined && (told !== undefined || nextMs > at.nowMs)) return { lane: { ...rest, quietAtMs: Math.max(nextMs, at.nowMs + 1) }, news: [] };
      return { lane: { ...now, noticeMs: told ?? at.nowMs }, news: [] };
    },
  };
  if (noticeMs === undefined || !isSettled(lane, looks)) return [looks];
  return [
    {
      key: 'archive',
      of: `${dueMs}`,
      call: 'archive',
      words: 'it could not be archived',
      async run(channels, now) {
        try {
          await channels.archive(id);
        } catch (error) {
          const refusal = refusalOf(error);
          if (refusal.kind !== 'refused' || refusal.name !== 'already_archived') throw error;
        }
        const { noticeMs: _notice, quietAtMs: _quiet, ...rest } = now;
        return { lane: { ...rest, state: 'archived' }, news: [{ kind: 'channel', what: 'archived' }] };
      },
    },
  ];
}

/** When the next thing falls due by the clock alone. */
export function quietDueMs({ state, wanted, noticeMs, quietAtMs }: ChannelLane): number | undefined {
  if (state !== 'open' || wanted?.closedMs === undefined) return undefined;
  return noticeMs === undefined ? (quietAtMs ?? wanted.closedMs + wanted.archiveAfterMs - NOTICE_MS) : noticeMs + NOTICE_MS;
}
