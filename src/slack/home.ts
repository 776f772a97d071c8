import { z } from 'zod';
import type { Clock } from '../port/clock.ts';
import type { SlackClient } from './client.ts';

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
