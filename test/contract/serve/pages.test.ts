import { expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { openSite, serveHere } from './site.ts';

const KEY = 'e93facc04764012d7bfb002500d5d1a6';
const NEXT_KEY = 'f03facc04764012d7bfb002500d5d1a7';
const CRITICAL = { alertname: 'DiskOnFire', severity: 'critical', cluster: 'prod' };

test('PagerDuty is away when a page is due, and called once when it is back; closing the incident resolves it', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const { world, pagerduty } = site.cluster;
  site.write('pd.key', `${KEY}\n`);
  site.write('salvor.yaml', `${site.text}pagerduty: { routingKey: { file: ./pd.key }, eventsUrl: ${pagerduty} }\n`);
  world.apply({ pager: 'down' });
  const serving = await serveHere(site);
  await serving.alert(CRITICAL);
  await until('it was tried', () => serving.log().some((line) => line.includes('"outbox.undelivered"') && line.includes('it answered 503')));
  expect(world.pagerduty.incidents()).toEqual([]);

  world.apply({ pager: 'up' });
  await until('somebody is called', () => world.pagerduty.incidents().length === 1);
  expect(world.pagerduty.incidents()).toMatchObject([{ integration: KEY, severity: 'critical', status: 'triggered', alerts: 1 }]);
  expect(world.pagerduty.incidents()[0]?.title).toContain('DiskOnFire');

  const { items } = (await serving.get('/api/v1/incidents')).json as { readonly items: readonly { readonly id: string }[] };
  await serving.post(`/api/v1/incidents/${encodeURIComponent(items[0]?.id ?? '')}/close`, { reason: 'put out' });
  await until('it is resolved', () => world.pagerduty.incidents()[0]?.status === 'resolved');
  expect(world.pagerduty.incidents()).toHaveLength(1);
  expect(serving.log().join('')).not.toContain(KEY);
});

test('a rung with an integration of its own calls there, and a key that was rotated counts from the next page on', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const { world, pagerduty } = site.cluster;
  site.write('pd.key', `${KEY}\n`);
  site.write('primary.key', `${KEY}\n`);
  site.write(
    'salvor.yaml',
    `${site.text}pagerduty: { routingKey: { file: ./pd.key }, routes: { platform-primary: { file: ./primary.key } }, eventsUrl: ${pagerduty} }\n`,
  );
  const serving = await serveHere(site);
  await serving.alert(CRITICAL);
  await until('somebody is called', () => world.pagerduty.incidents().length === 1);
  site.write('primary.key', `${NEXT_KEY}\n`);
  await serving.alert({ ...CRITICAL, alertname: 'DiskStolen' });
  await until('somebody is called again', () => world.pagerduty.incidents().length === 2);
  expect(world.pagerduty.incidents().map(({ integration }) => integration)).toEqual([NEXT_KEY, KEY]);
});
