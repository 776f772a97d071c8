import { channelLaneId } from '../../../src/model/identity.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { Json } from '../../../src/model/json.ts';
import { type ChannelLane, readChannelLane } from '../../../src/notify/channel/lane.ts';
import { markOf } from '../../../src/notify/channel/wanted.ts';
import { keyOf } from '../../../src/store/oracle/state.ts';
import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';
import type { Channel } from '../../../src/world/slack/workspace.ts';
import { GUEST } from '../script.ts';
import { GRAVE } from '../site.ts';
import { placesIn, threadIn } from '../slack/posts.ts';
import { orderProblem } from './messages.ts';
import type { Scene } from './watch.ts';

/** Of what was said before there was a channel it gets so many lines. */
const MOST_BEFORE = 60;

/** Nothing about an incident's own channel is still to be tried: where its incident was over before, or the store forgot what was asked of it, it is not even made. */
export function isFurnished(value: Json): boolean {
  const lane = readChannelLane(value);
  if (lane?.wanted === undefined) return true;
  return lane.state === 'making' ? lane.wanted.closedMs !== undefined : Object.values(lane.steps).every(({ done, refused }) => done || refused === true);
}

/**
 * What must be true when nothing is left to do: every grave incident has one channel, which says how it stands, with whoever is wanted and every line in
 * it; and no channel is nobody's.
 */
export function judgeOwnChannels(incidents: readonly Incident[], slack: SimulatedSlack, scene: Scene): void {
  const { broken } = scene;
  const own = placesIn(slack).filter(({ name }) => name !== 'dr');
  for (const incident of incidents) {
    const { id, severity, state, channel } = incident;
    if (channel === undefined && !GRAVE.includes(severity)) continue;
    // One that was over before it could be made has none.
    if (state === 'closed' && (channel === undefined || channel.state === 'wanted')) continue;
    const [place, ...more] = own.filter(({ purpose }) => purpose.startsWith(markOf(id)));
    const names = [place, ...more].map((one) => one?.name ?? 'none').join(', ');
    if (place === undefined || more.length > 0) broken('an incident has one channel', `${id} (${severity}) has ${names}`);
    else if (channel?.state !== 'open' || channel.id !== place.id)
      broken('an incident has one channel', `${id} knows of ${channel?.id ?? 'none'}, not of ${names}`);
    else judge(scene, slack, { incident, place });
  }
  const strays = own.filter(({ id }) => !incidents.some(({ channel }) => channel?.id === id));
  if (strays.length > 0) broken('an incident has one channel', `nobody knows ${strays.map(({ name }) => name).join(', ')}`);
}

function judge(scene: Scene, slack: SimulatedSlack, { incident, place }: { readonly incident: Incident; readonly place: Channel }): void {
  const { broken } = scene;
  const { id, chain } = incident;
  const { name, members, topic } = place;
  const wanted = laneOf(scene, incident)?.wanted;
  // Slack lets a guest of one channel into no other.
  const missing = (wanted?.invite ?? []).filter((person) => person.name !== GUEST && !members.has(person.id));
  if (missing.length > 0) broken('who is wanted is invited', `${missing.map((person) => person.name).join(', ')} to #${name}`);
  if (topic !== wanted?.topic) broken('a channel says how it stands', `#${name} says "${topic}", not "${wanted?.topic ?? ''}"`);
  const numbers = threadIn(slack, id, place.id).flatMap((key) => /\/entry\/(\d+)$/.exec(key)?.[1] ?? []);
  const first = Number(numbers[0] ?? 1);
  const problem = orderProblem(numbers.map((n) => `/entry/${Number(n) - first + 1}`));
  if (problem !== undefined) broken('messages come in order', `${id} in #${name}, from ${first}: ${problem}`);
  const isWhole = numbers.at(-1) === String(chain.n) && first <= Math.max(1, chain.n - MOST_BEFORE);
  if (!isWhole) broken('every message is delivered', `${id} in #${name}: ${first} to ${numbers.at(-1) ?? 'none'} of ${chain.n} lines`);
}

function laneOf({ state }: Scene, { id, cluster }: Incident): ChannelLane | undefined {
  const record = state.records.get(keyOf(cluster, channelLaneId(id)));
  return record === undefined ? undefined : readChannelLane(JSON.parse(record.value));
}
