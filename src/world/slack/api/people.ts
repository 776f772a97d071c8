import { z } from 'zod';
import { TIER } from '../limits.ts';
import { page } from './cursor.ts';
import { userOf } from './find.ts';
import { Flag, method, refuse, Whole } from './method.ts';
import { userJson } from './shapes.ts';

const usersInfo = method({
  scopes: ['users:read'],
  rate: TIER.four,
  args: z.looseObject({ user: z.string() }),
  run: (core, { user }) => ({ user: userJson(core, userOf(core, user)) }),
});

const usersList = method({
  scopes: ['users:read'],
  rate: TIER.two,
  args: z.looseObject({ cursor: z.string().optional(), limit: Whole.optional() }),
  run(core, { cursor, limit = 1000 }) {
    const { items, metadata } = page([...core.workspace.users.values()], { cursor, limit, most: 1000 });
    return { members: items.map((user) => userJson(core, user)), cache_ts: Math.floor(core.clock.nowMs() / 1000), response_metadata: metadata };
  },
});

const lookupByEmail = method({
  scopes: ['users:read.email'],
  rate: TIER.three,
  args: z.looseObject({ email: z.string() }),
  run(core, { email }) {
    const user = [...core.workspace.users.values()].find((one) => one.email === email && !one.isDeleted && !one.isBot);
    return user === undefined ? refuse('users_not_found') : { user: userJson(core, user) };
  },
});

const groupsList = method({
  scopes: ['usergroups:read'],
  rate: TIER.two,
  args: z.looseObject({ include_users: Flag.optional(), include_count: Flag.optional() }),
  run({ workspace }, { include_users: isWithUsers = false, include_count: isCounted = false }) {
    const usergroups = [...workspace.groups.values()].map(({ id, handle, name, users }) => ({
      id,
      team_id: workspace.team.id,
      is_usergroup: true,
      name,
      description: '',
      handle,
      is_external: false,
      date_delete: 0,
      ...(isCounted ? { user_count: users.length } : {}),
      ...(isWithUsers ? { users } : {}),
    }));
    return { usergroups };
  },
});

const groupUsers = method({
  scopes: ['usergroups:read'],
  rate: TIER.two,
  args: z.looseObject({ usergroup: z.string(), include_disabled: Flag.optional() }),
  run({ workspace }, { usergroup }) {
    const group = workspace.groups.get(usergroup) ?? refuse('no_such_subteam');
    return { users: group.users };
  },
});

export const PEOPLE = {
  'users.info': usersInfo,
  'users.list': usersList,
  'users.lookupByEmail': lookupByEmail,
  'usergroups.list': groupsList,
  'usergroups.users.list': groupUsers,
};
