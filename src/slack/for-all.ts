import { SalvorError } from '../model/error.ts';
import { DEEDS } from './deed.ts';
import type { Visit } from './desk.ts';
import { type Desk, whoHas } from './desk.ts';
import { slackErrorOf } from './errors.ts';
import { fill } from './line/fill.ts';
import { STATUS } from './line/find.ts';
import type { Word } from './line/words.ts';
import type { Said } from './reply/said.ts';
import { mrkdwn } from './text.ts';

/** What a line of `status` was given, where its answer is for everybody in the conversation; undefined: for the one who asks. */
export function askedForAll(rest: readonly Word[]): ReadonlyMap<string, string> | undefined {
  const filled = fill(STATUS, rest);
  return filled.ok && filled.given.values.has('public') ? filled.given.values : undefined;
}

/**
 * `/dr status --public`: everybody in the conversation sees it. Only a person of the configuration may, where decisions are taken, too, and never where
 * people of another organization see it. Throws what `Desk.refuse` says.
 */
export async function statusForAll(
  desk: Desk,
  { values, visit, key }: { readonly values: ReadonlyMap<string, string>; readonly visit: Visit; readonly key: string },
): Promise<Said> {
  const id = values.get('id');
  const visitor = await desk.admit({
    ...visit,
    reads: false,
    about: id === undefined ? undefined : { incident: id },
    who: whoHas(desk, 'read'),
    tried: { not: 'Not posted', line: 'salvor incidents' },
  });
  if (!visitor.ok) return { text: visitor.text };
  const { caller } = visitor;
  await assertAlone(desk, visit.place.id);
  // What waits for one person alone is nobody else's line.
  const text = await DEEDS['status']?.act(values, { caller: { ...caller, person: undefined }, commands: desk.commands, nowMs: desk.clock.nowMs(), key });
  return { text: `${text ?? ''}\nAsked by ${mrkdwn(caller.person ?? '', 80)}.`, response_type: 'in_channel' };
}

async function assertAlone(desk: Desk, channel: string): Promise<void> {
  try {
    await desk.assertAlone(channel);
  } catch (error) {
    const why =
      slackErrorOf(error) === 'is_ext_shared' ? 'people of another organization are in this conversation' : 'Slack does not say who is in this conversation';
    throw new SalvorError('request.conflict', `Not posted: ${why}. Without --public the answer is for you alone`, { cause: error });
  }
}
