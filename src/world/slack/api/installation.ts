import { z } from 'zod';
import { TIER } from '../limits.ts';
import { method, refuse } from './method.ts';

const authTest = method({
  rate: TIER.special,
  args: z.looseObject({}),
  run({ workspace, baseUrl }) {
    const { app, team } = workspace;
    return { url: `${baseUrl()}/`, team: team.name, user: 'salvor', team_id: team.id, user_id: app.userId, bot_id: app.botId, is_enterprise_install: false };
  },
});

const apiTest = method({
  token: 'none',
  rate: TIER.four,
  args: z.looseObject({ error: z.string().optional() }),
  run: (_, { error, ...rest }) => (error === undefined ? { args: z.record(z.string(), z.json()).parse(rest) } : refuse(error, { args: { error } })),
});

const botsInfo = method({
  scopes: ['users:read'],
  rate: TIER.three,
  args: z.looseObject({ bot: z.string().optional() }),
  run({ workspace: { app } }, { bot = app.botId }) {
    if (bot !== app.botId) return refuse('bot_not_found');
    return { bot: { id: app.botId, deleted: false, name: 'Salvor', updated: 0, app_id: app.id, user_id: app.userId, icons: {} } };
  },
});

const teamInfo = method({
  scopes: ['team:read'],
  rate: TIER.three,
  args: z.looseObject({}),
  run: ({ workspace: { team } }) => ({ team: { ...team, email_domain: '', icon: {} } }),
});

export const INSTALLATION = { 'auth.test': authTest, 'api.test': apiTest, 'bots.info': botsInfo, 'team.info': teamInfo };
