import { z } from 'zod';
import { EVENT_TYPE } from '../../../src/slack/posted.ts';
import { elementsOf } from '../../../src/world/slack/person/elements.ts';
import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';
import type { Channel, Message } from '../../../src/world/slack/workspace.ts';

const Mark = z.object({ event_type: z.literal(EVENT_TYPE), event_payload: z.object({ keys: z.array(z.string()) }) });

/** A message of Salvor as people see it: what it says, by our keys, and whose thread it hangs in. */
export type Post = { readonly ts: string; readonly keys: readonly string[]; readonly threadTs: string | undefined };

/** The one place for all, and the channels that incidents have for themselves. */
export function placesIn({ workspace }: SimulatedSlack): readonly Channel[] {
  return [...workspace.channels.values()].filter(({ name, creator }) => name === 'dr' || creator === workspace.app.userId);
}

/** What Salvor has posted in a channel, in the order in which it stands there. What only one person sees is none. */
export function postsIn(slack: SimulatedSlack, { channel, from = 0 }: { readonly channel: string; readonly from?: number }): readonly Post[] {
  return slack
    .messages(channel)
    .slice(from)
    .flatMap(({ ts, isOurs, metadata, threadTs }) => {
      const mark = Mark.safeParse(metadata);
      return isOurs && mark.success ? [{ ts, keys: mark.data.event_payload.keys, threadTs }] : [];
    });
}

/** A button that decides about a run, as it stands on a card now. */
export type Button = { readonly channel: string; readonly ts: string; readonly run: string; readonly plan: string };

export function approveButtons(messages: readonly Message[]): readonly Button[] {
  return messages.flatMap(({ channel, ts, blocks, isOurs }) => {
    // Most messages have nothing to press, and whether they have is asked often.
    if (!isOurs || !blocks.some(({ type }) => type === 'actions')) return [];
    const element = elementsOf(blocks).find((one) => one.element.action_id === 'approve')?.element;
    const [run, plan] = element?.type === 'button' ? (element.value ?? '').split(':') : [];
    return run === undefined || plan === undefined ? [] : [{ channel, ts, run: run.startsWith('run/') ? run : `run/${run}`, plan }];
  });
}

/** The keys of what is said about an incident in a channel, in the order in which whoever reads Slack sees it first: whether one may stand there twice is another matter. */
export function threadIn(slack: SimulatedSlack, incident: string, channel = 'dr'): readonly string[] {
  const keys = postsIn(slack, { channel }).flatMap((post) => post.keys);
  return [...new Set(keys)].filter((key) => key.startsWith(`${incident}/`));
}
