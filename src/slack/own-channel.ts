import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { ChatMessage } from '../port/chat.ts';
import type { Clock } from '../port/clock.ts';
import type { SlackClient } from './client.ts';

const Info = z.looseObject({
  channel: z.looseObject({
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
    is_pending_ext_shared: z.boolean().optional(),
  }),
});

/** How old the answer may be that lets a line be said, and one that lets a plan be shown or a decision be taken. */
const FRESH_MS = { line: 120_000, plan: 30_000 } as const;
const MOST_KEPT = 1000;

export type OwnChannels = {
  /** Throws `is_ext_shared` where people of another organization would see it, and what Slack says where it is archived or gone. */
  assertOurs(channel: string, kind: ChatMessage['kind']): Promise<void>;
};

/** Whether a channel that we made is still ours alone: people may share it with another organization at any time, and nobody tells us. */
export function ownChannels({ client, clock }: { readonly client: Pick<SlackClient, 'call'>; readonly clock: Clock }): OwnChannels {
  const seen = new Map<string, number>();
  return {
    async assertOurs(id, kind) {
      const most = kind === 'approval' ? FRESH_MS.plan : FRESH_MS.line;
      const lastMs = seen.get(id);
      const nowMs = clock.monotonicMs();
      if (lastMs !== undefined && nowMs - lastMs < most) return;
      seen.delete(id);
      const { channel } = await client.call('conversations.info', { channel: id }, Info);
      if (channel.is_ext_shared === true || channel.is_pending_ext_shared === true)
        throw refused('is_ext_shared', 'the channel is shared with another organization');
      if (channel.is_archived === true) throw refused('is_archived', 'the channel is archived');
      // Where an app may post to every public channel, only this says that it was taken out.
      if (channel.is_member === false) throw refused('not_in_channel', 'Salvor was taken out of the channel');
      if (seen.size >= MOST_KEPT) seen.clear();
      seen.set(id, nowMs);
    },
  };
}

function refused(slack: string, text: string): SalvorError {
  return new SalvorError('chat.unavailable', `Not posted: ${text}`, { retry: 'later', details: { outcome: 'refused', slack } });
}
