import { expect, test } from 'vitest';
import { IncidentPage, IncidentView } from '../../../src/port/view/incident.ts';
import type { PagerDutyScenario } from '../../../src/world/pagerduty/account.ts';
import { until } from '../../e2e/stage/until.ts';
import { openSite, type Serving, serveHere } from './site.ts';

const KEY = 'e93facc04764012d7bfb002500d5d1a6';
const SECOND = 'f03facc04764012d7bfb002500d5d1a7';

type Wanted = { readonly account?: PagerDutyScenario; readonly routes?: string; readonly more?: string; readonly ladder?: string };

/** A site with PagerDuty's REST, and a page on its way. */
async function openPaged({
  account = {},
  routes = '{ second: { file: ./second.key } }',
  more = '',
  ladder = '[{ page: first, after: 0m }, { page: second, after: 1h }]',
}: Wanted) {
  const site = await openSite();
  for (const [name, text] of Object.entries({ 'pd.key': KEY, 'second.key': SECOND, 'pd.token': 'u+test' })) site.write(name, `${text}\n`);
  const { pagerduty } = site.cluster.world;
  pagerduty.apply(account);
  const text = site.text.replace(/^ladders:.*$/m, `ladders: { default: ${ladder} }`);
  const at = site.cluster.pagerduty;
  site.write(
    'salvor.yaml',
    `${text}pagerduty: { routingKey: { file: ./pd.key }, routes: ${routes}, apiToken: { file: ./pd.token }, from: salvor@example.com, eventsUrl: ${at}, apiUrl: ${at}, confirmWithin: 5s${more} }\n`,
  );
  const serving = await serveHere(site);
  return { site, serving, pagerduty, ...viewsOf(serving) };
}

function viewsOf(serving: Serving) {
  const incident = async (): Promise<IncidentView | undefined> => {
    const { items } = IncidentPage.parse((await serving.get('/api/v1/incidents')).json);
    if (items[0] === undefined) return undefined;
    return IncidentView.parse((await serving.get(`/api/v1/incidents/${encodeURIComponent(items[0].id)}`)).json);
  };
  const lines = async (): Promise<readonly string[]> => ((await incident())?.timeline ?? []).map(({ text }) => text ?? '');
  const untilSaid = (line: string) => until(line, async () => (await lines()).includes(line) || undefined);
  return { incident, lines, untilSaid, page: () => serving.alert({ alertname: 'DiskOnFire', severity: 'critical', cluster: 'prod' }) };
}

test('an event rule swallows the page: the next rung is paged as soon as that is plain, and the timeline says so', { timeout: 60_000 }, async () => {
  const { page, pagerduty, untilSaid, lines } = await openPaged({
    account: {
      policies: [{ name: 'leads', levels: [['cleo']] }],
      services: [
        { name: 'quiet', key: KEY, events: 'suppressed' },
        { name: 'second', key: SECOND, policy: 'leads' },
      ],
    },
  });
  await page();
  await untilSaid('PagerDuty took the page for first and made no incident within 5s: paging second');
  await untilSaid('PagerDuty calls cleo for second: incident #1');
  expect(pagerduty.incidents()).toMatchObject([{ integration: SECOND, status: 'triggered' }]);
  expect((await lines()).filter((line) => line.startsWith('paged '))).toHaveLength(2);
});

test('rungs that share an integration: the incident that is open is escalated, and says who is called now', { timeout: 60_000 }, async () => {
  const { page, pagerduty, untilSaid } = await openPaged({ routes: '{}', ladder: '[{ page: first, after: 0m }, { page: second, after: 5s }]' });
  await page();
  await untilSaid('PagerDuty calls ana for first: incident #1');
  await untilSaid('PagerDuty calls ben for second: incident #1 is escalated');
  expect(pagerduty.incidents()).toMatchObject([{ level: 2, alerts: 1, assigned: [{ name: 'ben' }] }]);
});

test('a policy without another level: the page joins what is open, and the timeline says that it calls nobody', { timeout: 60_000 }, async () => {
  const { page, pagerduty, untilSaid } = await openPaged({
    account: { policies: [{ name: 'platform', levels: [['ana']] }] },
    routes: '{}',
    ladder: '[{ page: first, after: 0m }, { page: second, after: 5s }]',
  });
  await page();
  await untilSaid('PagerDuty called nobody for second: the page joined incident #1, which was open. Give second an integration of its own');
  expect(pagerduty.incidents()).toMatchObject([{ level: 1, alerts: 2 }]);
});

test('a REST key that was taken away is no reason to call more people, and the timeline says what is not known', { timeout: 60_000 }, async () => {
  const { page, pagerduty, untilSaid, serving } = await openPaged({});
  pagerduty.fault({ give: 'unauthorized', on: 'rest' });
  await page();
  await untilSaid('PagerDuty took the page for first; whether it calls anybody could not be asked: it answered 401, Authentication failed');
  expect(pagerduty.incidents()).toHaveLength(1);
  expect(serving.log().join('')).not.toContain('u+test');
});

test('PagerDuty goes away: within a minute the timeline says since when, and who was on call when it could last be asked', { timeout: 60_000 }, async () => {
  const { page, pagerduty, untilSaid, lines } = await openPaged({ account: { services: [{ name: 'dr', key: KEY }] } });
  await until('who is on call was asked', () => pagerduty.asked().some((path) => path === 'GET /oncalls'));
  pagerduty.fault({ give: 'unavailable' });
  await page();
  const said = await until('it is told', async () => (await lines()).find((line) => line.startsWith('PagerDuty takes no pages since ')));
  expect(said).toMatch(/ \(it answered 503\): the page for first waits\. Call by hand: ana \(on call for first at 20\d\d-/);
  pagerduty.faults.clear();
  await untilSaid('PagerDuty calls ana for first: incident #1');
  expect(pagerduty.incidents()).toMatchObject([{ alerts: 1 }]);
});
