import type { Caller, Commands } from '../../port/commands.ts';
import type { Verb } from '../../port/verb.ts';
import { STATUS } from './find.ts';
import type { Word } from './words.ts';

/** In the thread of an incident and in its own channel nobody says which incident is meant. */

const ID = /^(?:incident\/)?[0-9a-f]{8,16}(?:-\d{1,9})?$/;
const NAMED = /^(?:--|—|–)?incident=/;

/** The line with the incident in its place, where it names none itself. */
export function withIncident(verb: Verb, words: readonly Word[], incident: string): readonly Word[] {
  const takes = verb.args[0]?.name === 'incident' || (verb === STATUS && words.length === 0);
  const names = words.some(({ text, quoted }, index) => !quoted && ((index === 0 && ID.test(text)) || NAMED.test(text) || text === '--incident'));
  return takes && !names ? [{ text: incident, quoted: true }, ...words] : words;
}

/** The open incident that has this channel for itself. */
export async function incidentIn(
  { commands }: { readonly commands: Pick<Commands, 'incidents'> },
  caller: Caller,
  channel: string,
): Promise<string | undefined> {
  if (!caller.rights.includes('read')) return undefined;
  const { items } = await commands.incidents(caller, { channel, state: ['open', 'mitigated'], limit: 1 });
  return items[0]?.id;
}
