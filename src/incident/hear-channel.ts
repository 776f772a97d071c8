import { plain } from '../domain/plain.ts';
import type { EntryDraft } from '../model/entry.ts';
import type { Incident, IncidentChannel } from '../model/incident.ts';
import type { ChannelMail } from '../model/mail.ts';
import * as entries from './entries.ts';

type Heard = { readonly incident: Incident; readonly entries: readonly EntryDraft[] };

const STATE = { opened: 'open', none: 'none', lost: 'lost', archived: 'archived' } as const;

/** What became of the incident's own channel. What is known already, or is about another than the one that is open now, says nothing. */
export function channelTells(incident: Incident, mail: ChannelMail, atMs: number): Heard {
  const { channel } = incident;
  const nothing = { incident, entries: [] };
  if (channel === undefined) return nothing;
  const name = plain(mail.name ?? channel.name ?? channel.wanted, 80);
  const line = entries.channelTold(mail.reason === undefined ? mail : { ...mail, reason: plain(mail.reason, 500) }, name, atMs);
  if (mail.what === 'left-out') return { incident, entries: [line] };
  const isOther = mail.what !== 'opened' && mail.id !== undefined && mail.id !== channel.id;
  const isKnown = channel.state === STATE[mail.what] && (mail.what !== 'opened' || mail.id === channel.id);
  if (isOther || isKnown) return nothing;
  const { id, name: called } = mail;
  const next: IncidentChannel = { ...channel, state: STATE[mail.what], ...(id === undefined ? {} : { id }), ...(called === undefined ? {} : { name: called }) };
  return { incident: { ...incident, channel: next }, entries: [line] };
}
