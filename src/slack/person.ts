import { z } from 'zod';
import { errorText } from '../model/error.ts';
import type { Policy } from '../model/policy.ts';
import type { Clock } from '../port/clock.ts';
import type { SlackClient } from './client.ts';
import type { Self } from './self.ts';

/** Who presses or types, as Slack says in the payload. */
export type SlackUser = { readonly id: string; readonly teamId: string };

/** `person` absent: a member of the workspace whom the configuration does not know; they can look, where everybody may. */
export type Known = { readonly ok: true; readonly person?: string } | { readonly ok: false; readonly code: Refused; readonly why: string };
export type Refused = 'bot' | 'guest' | 'deactivated' | 'stranger' | 'not-checked';

/** An answer of Slack about a member counts so long: whoever is deactivated or made a guest is refused within a minute. */
const FRESH_MS = 60_000;
const MOST_KEPT = 2000;

export const UserInfo = z.looseObject({
  user: z.looseObject({
    id: z.string(),
    team_id: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_workflow_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
  }),
});
export type Member = z.infer<typeof UserInfo>['user'];

type Deps = {
  readonly client: Pick<SlackClient, 'call'>;
  readonly self: () => Promise<Self>;
  readonly people: () => Policy['people'];
  readonly clock: Clock;
};

/**
 * Says who a Slack user is here, as things stand at the moment of the press: the configuration as it is now, and what Slack said about the member at most
 * a minute ago. Where Slack cannot be asked, nobody is anybody: an old answer decides nothing.
 */
export function whoIs({ client, self, people, clock }: Deps): (user: SlackUser) => Promise<Known> {
  const members = new Map<string, { readonly member: Member; readonly atMs: number }>();

  async function memberOf(id: string): Promise<Member> {
    const kept = members.get(id);
    if (kept !== undefined && clock.monotonicMs() - kept.atMs < FRESH_MS) return kept.member;
    members.delete(id);
    // Its age counts from before the question: what Slack says may be as old as that.
    const atMs = clock.monotonicMs();
    const { user: member } = await client.call('users.info', { user: id }, UserInfo);
    if (members.size >= MOST_KEPT) members.clear();
    members.set(id, { member, atMs });
    return member;
  }

  return async ({ id, teamId }) => {
    try {
      const [{ teamId: ours }, member] = await Promise.all([self(), memberOf(id)]);
      const fault = member.id === id ? memberFault(member, { teamId, ours }) : { code: 'not-checked' as const, why: 'Slack answered about somebody else' };
      if (fault !== undefined) return { ok: false, ...fault };
      const person = people().find(({ slack }) => slack === id)?.name;
      return person === undefined ? { ok: true } : { ok: true, person };
    } catch (error) {
      return { ok: false, code: 'not-checked', why: `Slack does not say who you are: ${errorText(error)}` };
    }
  };
}

/** Why somebody decides nothing here, whatever the configuration says. */
export function memberFault(
  { deleted, is_bot, is_workflow_bot, is_restricted, is_ultra_restricted, is_stranger, team_id }: Member,
  { teamId, ours }: { readonly teamId: string; readonly ours: string },
): { readonly code: Refused; readonly why: string } | undefined {
  if (deleted === true) return { code: 'deactivated', why: 'this Slack account is deactivated' };
  if (is_bot === true || is_workflow_bot === true) return { code: 'bot', why: 'bots decide nothing here' };
  if (is_stranger === true || teamId !== ours || (team_id ?? ours) !== ours)
    return { code: 'stranger', why: 'you come from another workspace, and only members of this one can tell Salvor what to do' };
  if (is_restricted === true || is_ultra_restricted === true) return { code: 'guest', why: 'guests of the workspace cannot tell Salvor what to do' };
  return undefined;
}
