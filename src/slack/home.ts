import { z } from 'zod';
import { shortId } from '../model/identity.ts';
import type { Clock } from '../port/clock.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { SlackClient } from './client.ts';
import { slackErrorOf } from './errors.ts';
import { ownChannels } from './own-channel.ts';

/** A channel as a payload names it. Slack calls every private one `privategroup`, and conversations of two `directmessage`. */
export type Place = { readonly id: string; readonly name: string };

const FRESH_MS = 600_000;
const MOST_KEPT = 500;
const ID = /^[CG][A-Z0-9]{2,}$/;

const Info = z.looseObject({ channel: z.looseObject({ name: z.string().optional() }) });

type Deps = {
  readonly client: Pick<SlackClient, 'call'>;
  /** `slack.channel` as it is configured now: a name or an id. */
  readonly channel: () => string;
  readonly clock: Clock;
};

/** Is this the channel of the configuration? Decisions are taken there and nowhere else, where everybody who should see them does. */
export function isHome({ client, channel, clock }: Deps): (place: Place) => Promise<boolean> {
  const names = new Map<string, { readonly name: string; readonly atMs: number }>();
  return async ({ id, name }) => {
    const home = channel().replace(/^#/, '');
    if (ID.test(home)) return id === home;
    if (name !== 'privategroup') return name === home;
    const kept = names.get(id);
    if (kept !== undefined && clock.monotonicMs() - kept.atMs < FRESH_MS) return kept.name === home;
    const { channel: found } = await client.call('conversations.info', { channel: id }, Info);
    if (names.size >= MOST_KEPT) names.clear();
    names.set(id, { name: found.name ?? '', atMs: clock.monotonicMs() });
    return found.name === home;
  };
}

/** Subject of a press or a line, and the one who asks. */
type About = { readonly place: Place; readonly about: { readonly run: string } | { readonly incident: string } | undefined; readonly caller: Caller };

/**
 * Is this the channel that the incident in question has for itself, and ours alone? There its people are, so what is about this incident may be decided
 * there; nothing else may. Throws where it cannot be asked whether another organization sees it: then nothing is decided.
 */
export function isOwnPlace({
  commands,
  client,
  clock,
}: Pick<Deps, 'client' | 'clock'> & { readonly commands: Pick<Commands, 'run' | 'incidents'> }): (of: About) => Promise<boolean> {
  const own = ownChannels({ client, clock });
  return async ({ place, about, caller }) => {
    if (about === undefined || !ID.test(place.id)) return false;
    const [found] = (await commands.incidents(caller, { channel: place.id, limit: 1 })).items;
    if (found === undefined) return false;
    const asked = 'incident' in about ? about.incident : (await commands.run(caller, about.run)).incident;
    // People write the first characters of it.
    if (asked.length < 8 || !shortId(found.id).startsWith(shortId(asked))) return false;
    try {
      await own.assertOurs(place.id, 'approval');
      return true;
    } catch (error) {
      if (slackErrorOf(error) === 'is_ext_shared') return false;
      throw error;
    }
  };
}
