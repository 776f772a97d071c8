import { digest } from '../model/digest.ts';
import type { Entry, EntryDraft } from '../model/entry.ts';
import { channelLaneId, talkLaneId } from '../model/identity.ts';
import type { Incident } from '../model/incident.ts';
import type { Policy } from '../model/policy.ts';
import { channelLaneJson, newChannelLane, wantedMail } from '../notify/channel/lane.ts';
import { type ChannelSettings, channelCountId, channelName, wantedOf, wantsChannel } from '../notify/channel/wanted.ts';
import type { Outgoing } from '../notify/lane.ts';
import { renderEntry, renderProposal } from '../notify/render.ts';
import type { Change, Guard, Store } from '../port/store.ts';
import { isProposal } from './proposals.ts';

/** What a turn does about the incident's own channel, in the turn's own commit. */
type Part = { readonly incident: Incident; readonly guards: readonly Guard[]; readonly changes: readonly Change[] };

type Asking = {
  readonly settings: ChannelSettings;
  readonly policy: Pick<Policy, 'people'>;
  /** Who is on call for this target, as the pager calls them. */
  readonly onCall: (target: string) => readonly string[];
  /** Whom this incident called. */
  readonly targets: readonly string[];
  readonly nowMs: number;
};

/** Gives the incident a channel where it should have one, and asks of it what it should be like now. The same is asked once. */
export async function askForChannel(
  store: Store,
  { incident, lines }: { readonly incident: Incident; readonly lines: readonly EntryDraft[] },
  asking: Asking,
): Promise<Part> {
  const { settings } = asking;
  const nothing: Part = { incident, guards: [], changes: [] };
  if (incident.channel === undefined && (incident.state === 'closed' || !wantsChannel(incident, lines, settings))) return nothing;
  const begun = incident.channel === undefined ? await begin(store, incident, { settings, nowMs: asking.nowMs }) : nothing;
  const onCall = asking.targets.flatMap((target) => asking.onCall(target));
  const wanted = wantedOf(begun.incident, settings, { policy: asking.policy, onCall });
  const asked = digest(wanted).slice(0, 16);
  const { channel } = begun.incident;
  if (channel === undefined || channel.state === 'lost' || channel.state === 'none' || channel.asked === asked) return begun;
  const mail: Change = { do: 'mail', to: channelLaneId(incident.id), key: `${incident.chain.n}/${asked}`, value: wantedMail(wanted) };
  return { incident: { ...begun.incident, channel: { ...channel, asked } }, guards: begun.guards, changes: [...begun.changes, mail] };
}

/** Its name, with a number of its day: two incidents that begin at once do not get the same one. */
async function begin(store: Store, incident: Incident, { settings, nowMs }: { readonly settings: ChannelSettings; readonly nowMs: number }): Promise<Part> {
  const { cluster: partition, id } = incident;
  const count = channelCountId(nowMs);
  const [before = 0] = await store.counts(partition, [count]);
  const number = before + 1;
  const wanted = channelName(incident, { prefix: settings.prefix, number, nowMs });
  const lane = channelLaneId(id);
  return {
    incident: { ...incident, channel: { wanted, state: 'wanted' } },
    guards: [
      { is: 'room', count, add: 1, limit: number },
      { is: 'absent', id: lane },
    ],
    changes: [
      { do: 'count', id: count, add: 1 },
      { do: 'put', id: lane, kind: 'lane', indexed: { to: 'channel', incident: id }, value: channelLaneJson(newChannelLane(id)) },
    ],
  };
}

/** Of what was said before there was a channel it gets so many lines; the console and the report have all. */
const MOST_BEFORE = 60;

/** What is said in the channel of its own: everything that is said in the one place, and when it opens what was said before. */
export async function saidInside(
  store: Store,
  incident: Incident,
  { said, entries }: { readonly said: readonly Outgoing[]; readonly entries: readonly Entry[] },
): Promise<readonly Outgoing[]> {
  const { channel, id, cluster } = incident;
  if (channel?.state !== 'open' || channel.id === undefined) return [];
  const inside = channel.id;
  const chat = said.flatMap((one): readonly Outgoing[] => (one.to === 'chat' ? [{ ...one, inside }] : []));
  if (!entries.some(({ type }) => type === 'channel.opened')) return chat;
  const firstN = entries[0]?.n ?? incident.chain.n + 1;
  const before = await store.entries({ partition: cluster, of: id, afterN: Math.max(0, firstN - 1 - MOST_BEFORE), limit: MOST_BEFORE });
  // One that was opened again has what was said before it was archived.
  const isAgain = (await store.get(cluster, talkLaneId(id, inside))) !== undefined;
  const knownN = isAgain ? (before.findLast(({ type }) => type === 'channel.archived')?.n ?? firstN) : 0;
  const earlier = before
    .filter(({ n }) => n < firstN && n > knownN)
    .flatMap((entry): readonly Outgoing[] => [{ to: 'chat', inside, message: asItStands(entry, incident) }]);
  // A proposal that was decided in this very turn stands among what was said before: its edit would be a second message.
  const told = new Set(earlier.flatMap(keyOf));
  const [card, ...rest] = chat;
  return card === undefined ? earlier : [card, ...earlier, ...rest.filter((one) => !keyOf(one).some((key) => told.has(key)))];
}

const keyOf = (one: Outgoing): readonly string[] => (one.to === 'chat' ? [one.message.key] : []);

/** A line from before; a proposal as it was decided since. */
function asItStands(entry: Entry, incident: Incident): ReturnType<typeof renderEntry> {
  const proposal = incident.proposals?.find(({ n }) => n === entry.n);
  if (proposal !== undefined && isProposal(entry)) return renderProposal(entry, incident, proposal);
  const { aloud: _aloud, ...message } = renderEntry(entry, incident);
  // A proposal that is decided about no more is a line, and no question.
  if (message.kind !== 'approval') return message;
  const { approval: _approval, ...line } = message;
  return { ...line, kind: 'timeline', lines: [] };
}
