import { z } from 'zod';
import type { SlackClient } from './client.ts';

/** Who we are in Slack, and in which workspace. */
export type Self = { readonly teamId: string; readonly userId: string };

const AuthTest = z.looseObject({ team_id: z.string().min(1), user_id: z.string().min(1) });

/** Asks once, when it is first needed, and keeps the answer: Slack may be away when we start. What failed is asked again. */
export function askSelf(client: Pick<SlackClient, 'call'>): () => Promise<Self> {
  let known: Promise<Self> | undefined;
  return () => {
    known ??= client
      .call('auth.test', {}, AuthTest)
      .then(({ team_id: teamId, user_id: userId }) => ({ teamId, userId }))
      .catch((error: unknown) => {
        known = undefined;
        throw error;
      });
    return known;
  };
}
