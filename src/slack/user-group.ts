import { z } from 'zod';
import type { SlackClient } from './client.ts';
import { memberFault, UserInfo } from './person.ts';
import type { Self } from './self.ts';

/** What Slack says of one user group: the ids of its members, or why it is nobody's. */
export type GroupSaid = { readonly ids: readonly string[] } | { readonly problem: string };

const Groups = z.looseObject({
  usergroups: z.array(z.looseObject({ id: z.string(), handle: z.string().default(''), name: z.string().default(''), date_delete: z.number().default(0) })),
});
const Users = z.looseObject({ users: z.array(z.string()) });

type Asked = {
  readonly client: Pick<SlackClient, 'call'>;
  readonly self: () => Promise<Self>;
  /** Handles, names or ids of the groups. */
  readonly names: readonly string[];
  /** Ids of those whom the configuration knows: nobody else is asked about. */
  readonly people: readonly string[];
};

/**
 * Who is in these user groups, of the people of the configuration: without guests, bots, deactivated accounts and members of other workspaces, whatever the
 * group says. Throws `chat.unavailable` where Slack cannot be asked: who is in a group is then not known, which is no answer.
 */
export async function userGroups({ client, self, names, people }: Asked): Promise<ReadonlyMap<string, GroupSaid>> {
  const { usergroups } = await client.call('usergroups.list', { include_disabled: true }, Groups);
  const { teamId } = await self();
  const faulty = new Map<string, Promise<boolean>>();
  const counts = async (id: string): Promise<boolean> => {
    const asked =
      faulty.get(id) ??
      client
        .call('users.info', { user: id }, UserInfo)
        .then(({ user }) => user.id !== id || memberFault(user, { teamId: user.team_id ?? teamId, ours: teamId }) !== undefined);
    faulty.set(id, asked);
    return !(await asked);
  };
  const said = new Map<string, GroupSaid>();
  for (const name of names) {
    const [group, ...more] = usergroups.filter(({ id, handle, name: title }) => id === name || handle === name || title === name);
    if (group === undefined) said.set(name, { problem: `Slack has no user group ${name}` });
    else if (more.length > 0) said.set(name, { problem: `Slack has several user groups ${name}: name one by its id` });
    else if (group.date_delete > 0) said.set(name, { problem: `the user group ${name} is disabled in Slack` });
    else {
      const { users } = await client.call('usergroups.users.list', { usergroup: group.id }, Users);
      const known = users.filter((id) => people.includes(id));
      const members = await Promise.all(known.map(async (id) => ((await counts(id)) ? [id] : [])));
      said.set(name, { ids: members.flat() });
    }
  }
  return said;
}
