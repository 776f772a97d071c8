import type { ChannelMail } from '../../model/mail.ts';
import type { Channel, Channels } from '../../port/channels.ts';
import type { ChannelLane } from './lane.ts';
import { refusalOf } from './refusal.ts';
import { markOf } from './wanted.ts';

/** What became of one thing: how the lane stands, and what the incident is told. */
export type Done = {
  readonly lane: ChannelLane;
  readonly news: readonly ChannelMail[];
  /** It is not done, and is tried again then. */
  readonly againMs?: number;
};

/** A channel whose making nobody knows the end of may still appear for this long: until then it is only looked for. */
const SETTLE_MS = 30_000;
const LOOK_AGAIN_MS = 5000;
const MOST_NAMES = 9;

/** The name that is tried now: others' channels may have those before it. */
export function nameOf({ wanted, taken }: ChannelLane): string {
  return taken === 0 ? (wanted?.name ?? '') : `${wanted?.name ?? ''}-${taken + 1}`;
}

/**
 * Makes the channel. What was about to be made is written down before it is asked for, so that after a crash or a lost reply it is looked for: one that we
 * made under this name, which no other incident wants, is ours. Somebody else's channel is never taken for it: another name is tried. Throws what comes later.
 */
export async function makeChannel(
  channels: Channels,
  lane: ChannelLane,
  { nowMs, isRepeat }: { readonly nowMs: number; readonly isRepeat: boolean },
): Promise<Done> {
  const { intent } = lane;
  const name = nameOf(lane);
  if (isRepeat && intent?.name === name) {
    const own = await ownChannel(channels, lane, name);
    if (own !== undefined) return opened(lane, own);
    // A clock that was set back makes nobody wait longer.
    if (nowMs < intent.atMs + SETTLE_MS && nowMs >= intent.atMs) return { lane, news: [], againMs: nowMs + LOOK_AGAIN_MS };
  }
  try {
    return opened(lane, await channels.create({ name, isPrivate: lane.wanted?.isPrivate === true }));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.kind === 'later') throw error;
    if (refusal.kind === 'lost' || refusal.name !== 'name_taken') return none(lane, refusal.why);
    const own = await ownChannel(channels, lane, name);
    if (own !== undefined) return opened(lane, own);
    const taken = lane.taken + 1;
    return taken < MOST_NAMES
      ? { lane: { ...without(lane), taken }, news: [], againMs: nowMs }
      : none(lane, `${MOST_NAMES} names like ${lane.wanted?.name ?? ''} are taken`);
  }
}

/** Ours, and made for this incident: its purpose says so, or says nothing yet since we died between making it and that. Clocks are not asked: ours may be off. */
async function ownChannel(channels: Channels, { incident, intent }: ChannelLane, name: string): Promise<Channel | undefined> {
  const found = await channels.find(name);
  if (found === undefined || !found.isOurs || found.isArchived) return undefined;
  const isMarked = found.purpose.startsWith(markOf(incident));
  const isNew = found.purpose === '' && intent?.name === name;
  return isMarked || isNew ? { id: found.id, name: found.name } : undefined;
}

export function opened(lane: ChannelLane, { id, name }: Channel): Done {
  const { quietAtMs: _quiet, noticeMs: _notice, ...rest } = without(lane);
  return { lane: { ...rest, state: 'open', id, name, steps: {}, asked: [] }, news: [{ kind: 'channel', what: 'opened', id, name }] };
}

function none(lane: ChannelLane, reason: string): Done {
  return { lane: { ...without(lane), state: 'none' }, news: [{ kind: 'channel', what: 'none', reason }] };
}

function without({ intent: _intent, ...lane }: ChannelLane): ChannelLane {
  return lane;
}
