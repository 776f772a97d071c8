import { formatTime } from '../../model/time.ts';
import type { Caller } from '../../port/commands.ts';
import { type Desk, type Visit, whoHas } from '../desk.ts';
import { incidentIn } from '../line/implied.ts';
import { plainOf } from '../line/words.ts';
import { toldText } from '../reply/incident.ts';
import { type At, type Pointed, readMessage } from './message.ts';

/** What somebody said in Slack becomes a line of the timeline, because somebody pointed at it: once, however many do, and it stays. */

const NOT = 'Not noted';
const LONGEST = 2000;

export type Noting = {
  readonly user: { readonly id: string; readonly teamId: string };
  readonly at: At;
  /** Chosen in a form; absent: that of the thread, or of the channel. */
  readonly incident?: string;
};

/** `ask`: its place does not say which incident it is about; this person is asked. */
export type Noted = { readonly said: string } | { readonly ask: Caller };

/** Never rejects: every fault is words. */
export async function addNote(desk: Desk, { user, at, incident: chosen }: Noting): Promise<Noted> {
  const visit: Visit = {
    user,
    place: { id: at.channel, name: '' },
    // It decides nothing, and says who put it there: it may come from any conversation.
    inForm: true,
    reads: false,
    about: undefined,
    who: whoHas(desk, 'read'),
    tried: { not: NOT },
  };
  try {
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return { said: visitor.text };
    const { caller } = visitor;
    const { userId } = await desk.self();
    const message = await readMessage(desk.client, at, userId);
    if (message === undefined) return { said: `${NOT}: the message is gone` };
    if (message.user === undefined || message.user === userId) return { said: `${NOT}: an app said this; what Salvor says is on the timeline already` };
    const incident = chosen ?? message.incident ?? (await incidentIn(desk, caller, at.channel));
    if (incident === undefined) return { ask: caller };
    const text = textOf(message, message.user, desk);
    if (text === undefined) return { said: `${NOT}: the message has no words` };
    return { said: toldText(await desk.commands.note(caller, incident, { text, once: `slack/${at.channel}/${at.ts}` })) };
  } catch (error) {
    return { said: await desk.refuse(error, visit) };
  }
}

/** `ben wrote at 2026-11-21 12:04:31 UTC: the vendor is called`. */
function textOf({ text, atMs }: Pointed, author: string, { policy }: Pick<Desk, 'policy'>): string | undefined {
  const nameOf = (id: string): string | undefined => policy().people.find(({ slack }) => slack === id)?.name;
  const said = plainOf(text, nameOf).trim().slice(0, LONGEST);
  return said === '' ? undefined : `${nameOf(author) ?? `Slack user ${author.slice(0, 40)}`} wrote at ${formatTime(atMs)}: ${said}`;
}
