import { expect, test } from 'vitest';
import { openServer } from '../server.ts';
import { said } from './stage.ts';

test('a server that is too busy refuses in plain text, and says when to come again', async () => {
  await using server = await openServer();
  const bot = await server.as([{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]);
  await server.throttle();
  const crowd = async () => Promise.all(Array.from({ length: 60 }, () => bot.request('GET', `${server.path()}/pods`)));
  const refused = await server.until(async () => (await crowd()).find(({ status }) => status === 429));
  expect(said(refused)).toEqual({ status: 429, type: 'text/plain; charset=utf-8', body: 'Too many requests, please try again later.\n' });
  expect(refused.headers).toMatchObject({ 'retry-after': '1', 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache, private' });
});
