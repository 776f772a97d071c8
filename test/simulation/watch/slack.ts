import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';
import { postsIn } from '../slack/posts.ts';
import type { Trouble } from './messages.ts';
import type { Scene, Watch } from './watch.ts';

/**
 * What whoever reads Slack sees, at every moment: each line of a timeline once and behind the one before it, all in the thread of one card. Where a clock
 * was set a moment ago, one may stand there twice: whose lane it is is in doubt.
 */
export function slackWatch({ broken, nowMs }: Scene, slack: SimulatedSlack, { shakenUntilMs }: Pick<Trouble, 'shakenUntilMs'>): Watch {
  let read = 0;
  // Lines whose record is forgotten stand there all the same, and others get their numbers.
  let isForgetful = false;
  const there = new Set<string>();
  const lines = new Map<string, { n: number; threadTs: string | undefined }>();
  return {
    wentBack: () => void (isForgetful = true),
    posted(by) {
      if (isForgetful) return;
      const posts = postsIn(slack, read);
      read = slack.messages().length;
      for (const { keys, threadTs } of posts)
        for (const key of keys) {
          const isAgain = there.has(key);
          there.add(key);
          if (isAgain && nowMs() >= shakenUntilMs()) broken('a message is there once', `${by} posted ${key} again`);
          const [, incident, number] = /^(.*)\/entry\/(\d+)$/.exec(key) ?? [];
          if (isAgain || incident === undefined) continue;
          const before = lines.get(incident) ?? { n: 0, threadTs };
          if (Number(number) !== before.n + 1) broken('messages come in order', `${by} posted ${key} behind entry ${before.n}`);
          if (threadTs !== before.threadTs)
            broken('one incident is one thread', `${by} posted ${key} in ${threadTs ?? 'the channel'}, not in ${before.threadTs ?? 'the channel'}`);
          lines.set(incident, { n: Number(number), threadTs: before.threadTs });
        }
    },
  };
}
