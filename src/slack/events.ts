import { z } from 'zod';
import { errorText } from '../model/error.ts';
import { answerLine } from './command.ts';
import type { Desk } from './desk.ts';
import { addNote } from './note/add.ts';
import { incidentOfThread } from './note/message.ts';
import { wordsOf } from './note/shortcut.ts';

/** What Slack tells by itself. It may tell twice; nothing here does anything twice. Private channels have no name here: it is asked for. */

export const PIN = 'pushpin';
const NAMELESS = 'privategroup';

const Mentioned = z.looseObject({
  team_id: z.string().default(''),
  event: z.looseObject({
    user: z.string(),
    text: z.string(),
    ts: z.string(),
    channel: z.string(),
    thread_ts: z.string().optional(),
    bot_id: z.string().optional(),
  }),
});
const Reacted = z.looseObject({
  team_id: z.string().default(''),
  event: z.looseObject({ user: z.string(), reaction: z.string(), item: z.looseObject({ type: z.string(), channel: z.string(), ts: z.string() }) }),
});

/**
 * `@salvor status`: the same line as behind `/dr`, which Slack does not take in threads. In the thread of a card the incident is implied. The answer is for
 * the one who asked, in the thread.
 */
export async function takeMention(desk: Desk, body: unknown): Promise<void> {
  const read = Mentioned.safeParse(body).data;
  if (read === undefined || read.event.bot_id !== undefined) return;
  const { user, text, ts, channel, thread_ts: thread } = read.event;
  const { userId } = await desk.self();
  const typed = text.replace(new RegExp(`<@${userId}(\\|[^>]*)?>`), '').trim();
  const incident = thread === undefined ? undefined : await incidentOfThread(desk.client, { channel, ts: thread }, userId);
  const line = { text: typed, user_id: user, team_id: read.team_id, channel_id: channel, channel_name: NAMELESS, trigger_id: '' };
  const answer = await answerLine(desk, line, { incident, key: `mention ${channel} ${ts}` });
  if (answer !== undefined) await desk.tell({ user, channel, thread }, answer);
}

/** A pushpin on a message in an incident's thread, or its own channel, puts it on the timeline. Taken away, the note stays: what was noted is history. */
export async function takeReaction(desk: Desk, body: unknown): Promise<void> {
  const read = Reacted.safeParse(body).data;
  if (read === undefined || read.event.reaction !== PIN || read.event.item.type !== 'message') return;
  const { user, item } = read.event;
  try {
    const at = { channel: item.channel, ts: item.ts };
    const noted = await addNote(desk, { user: { id: user, teamId: read.team_id }, at });
    // People pin what they like elsewhere; only where Salvor is at home somebody may have meant it.
    if ('ask' in noted && !(await desk.isHome({ id: item.channel, name: NAMELESS }))) return;
    await desk.tell({ user, channel: item.channel }, wordsOf(noted));
  } catch (error) {
    desk.log.warn('slack.reaction-not-taken', { reason: errorText(error) });
  }
}
