import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';
import { placesIn, postsIn } from '../slack/posts.ts';
import type { Trouble } from './messages.ts';
import type { Scene, Watch } from './watch.ts';

/** Every request is there sooner, unless it is a late one. */
const LATE_MS = 1000;

/**
 * What whoever reads Slack sees, at every moment and in every channel: each line of a timeline once and behind the one before it, all in the thread of one
 * card. Where a clock was set a moment ago, one may stand there twice: whose lane it is is in doubt. And one that was long under way where the clocks of
 * two programs are far apart: neither knows how long the other has waited for it.
 */
export function slackWatch(
  { broken, nowMs }: Scene,
  slack: SimulatedSlack,
  { shakenUntilMs, clocksApartMs }: Pick<Trouble, 'shakenUntilMs' | 'clocksApartMs'>,
): Watch {
  const read = new Map<string, number>();
  // Lines whose record is forgotten stand there all the same, and others get their numbers.
  let isForgetful = false;
  const there = new Set<string>();
  const lines = new Map<string, { n: number; threadTs: string | undefined }>();

  const look = (by: string, underWayMs: number, { id: channel, name }: { readonly id: string; readonly name: string }): void => {
    const posts = postsIn(slack, { channel, from: read.get(channel) ?? 0 });
    read.set(channel, slack.messages(channel).length);
    for (const { keys, threadTs } of posts)
      for (const key of keys) {
        const place = `${name} ${key}`;
        const isAgain = there.has(place);
        there.add(place);
        const isOverdue = underWayMs > LATE_MS && clocksApartMs() > LATE_MS;
        if (isAgain && !isOverdue && nowMs() >= shakenUntilMs()) broken('a message is there once', `${by} posted ${key} again in #${name}`);
        const [, incident, number] = /^(.*)\/entry\/(\d+)$/.exec(key) ?? [];
        if (isAgain || incident === undefined) continue;
        // A channel of its own begins where its incident was by then.
        const before = lines.get(`${name} ${incident}`) ?? { n: name === 'dr' ? 0 : Number(number) - 1, threadTs };
        if (Number(number) !== before.n + 1) broken('messages come in order', `${by} posted ${key} behind entry ${before.n} in #${name}`);
        if (threadTs !== before.threadTs)
          broken('one incident is one thread', `${by} posted ${key} in ${threadTs ?? 'the channel'}, not in ${before.threadTs ?? 'the channel'}`);
        lines.set(`${name} ${incident}`, { n: Number(number), threadTs: before.threadTs });
      }
  };

  return {
    wentBack: () => void (isForgetful = true),
    posted(by, underWayMs) {
      if (isForgetful) return;
      for (const place of placesIn(slack)) look(by, underWayMs, place);
    },
  };
}
