import { expect, test } from 'vitest';
import { IncidentPage, IncidentView } from '../../../src/port/view/incident.ts';
import type { SimulatedPagerDuty } from '../../../src/world/pagerduty/pagerduty.ts';
import { until } from '../../e2e/stage/until.ts';
import { openSite, serveHere } from './site.ts';

/** A site that was paged, with the webhooks of the simulated PagerDuty coming in. */
async function openHeard(ladder = '[{ page: first, after: 0m }, { page: second, after: 1h }]') {
  const site = await openSite();
  site.write('pd.key', 'e93facc04764012d7bfb002500d5d1a6\n');
  site.write('pd.secret', 'the-secret-of-the-subscription\n');
  const text = site.text.replace('{ name: ana,', '{ name: ana, pagerduty: P0ANA,').replace(/^ladders:.*$/m, `ladders: { default: ${ladder} }`);
  site.write(
    'salvor.yaml',
    `${text}pagerduty: { routingKey: { file: ./pd.key }, webhookSecrets: [{ file: ./pd.secret }], eventsUrl: ${site.cluster.pagerduty} }\n`,
  );
  const serving = await serveHere(site);
  const { pagerduty } = site.cluster.world;
  pagerduty.apply({ webhooks: [{ url: `${serving.url}/pagerduty/webhooks`, secrets: ['the-secret-of-the-subscription'] }] });
  await serving.alert({ alertname: 'DiskOnFire', severity: 'critical', cluster: 'prod' });
  await until('somebody is called', () => pagerduty.incidents()[0]);
  const incident = async (): Promise<IncidentView> => {
    const { items } = IncidentPage.parse((await serving.get('/api/v1/incidents')).json);
    return IncidentView.parse((await serving.get(`/api/v1/incidents/${encodeURIComponent(items[0]?.id ?? '')}`)).json);
  };
  const lines = async (): Promise<readonly string[]> => (await incident()).timeline.map(({ text: line }) => line ?? '');
  const untilSaid = (line: string) => until(line, async () => (await lines()).includes(line) || undefined);
  return { serving, pagerduty, incident, lines, untilSaid };
}

const everyAnswer = ({ webhooks }: SimulatedPagerDuty): readonly unknown[] => [...new Set(webhooks.sent().map(({ status }) => status))];

test('PagerDuty says by itself whom it calls, and what people do there is a line each, told once however often it comes', { timeout: 60_000 }, async () => {
  const { pagerduty, lines, untilSaid } = await openHeard();
  await untilSaid('PagerDuty calls ana for first: incident #1');
  const ana = pagerduty.person('ana');
  ana.note('the <!channel> vendor is on it');
  ana.prioritize('P1');
  ana.escalate();
  ana.reassign('cleo');
  ana.ask('ben', 'please');
  pagerduty.person('ben').accept();
  ana.publish('we work on it');
  const told = [
    'ana: the <!channel> vendor is on it',
    'ana: set its priority in PagerDuty to P1',
    'ana: escalated it in PagerDuty: ben',
    'ana: reassigned it in PagerDuty: cleo',
    'ana: asked ben for help in PagerDuty: please',
    'PagerDuty user ben: agreed to help in PagerDuty',
    'ana: published in PagerDuty: we work on it',
  ];
  for (const line of told) await untilSaid(line);
  // Every one of them again, after it was read.
  const before = (await lines()).length;
  for (const id of pagerduty.webhooks.sent().map((sent) => sent.id)) await pagerduty.webhooks.again(id);
  ana.note('the last word');
  await untilSaid('ana: the last word');
  expect(await lines()).toHaveLength(before + 1);
  expect(everyAnswer(pagerduty)).toEqual([202]);
});

test('an acknowledgement that runs out calls people again; that it comes once more changes nothing', { timeout: 60_000 }, async () => {
  const { pagerduty, incident, untilSaid } = await openHeard('[{ page: first, after: 0m }, { page: second, after: 1h }]');
  await untilSaid('PagerDuty calls ana for first: incident #1');
  pagerduty.person('ana').acknowledge();
  await untilSaid('Nobody more is called by ladder "default": ana answered');
  const acknowledged = pagerduty.webhooks.sent().find(({ type }) => type === 'incident.acknowledged')?.id ?? '';
  pagerduty.timeOut();
  await untilSaid('People are called again: the acknowledgement in PagerDuty ran out');
  await pagerduty.webhooks.again(acknowledged);
  expect((await incident()).ladders.map(({ walked, stopped }) => [walked, stopped])).toEqual([[1, undefined]]);
  expect(await incident()).toMatchObject({ lead: 'ana' });
});

test('what our own requests cause is no news: a note that begins as ours do', { timeout: 60_000 }, async () => {
  const { pagerduty, lines, untilSaid } = await openHeard();
  await untilSaid('PagerDuty calls ana for first: incident #1');
  pagerduty.person('salvor').note('Salvor: Approved 3f9a01c2 by ana');
  pagerduty.person('ana').note('behind it');
  await untilSaid('ana: behind it');
  expect((await lines()).filter((line) => line.includes('Approved'))).toEqual([]);
  expect(everyAnswer(pagerduty)).toEqual([202]);
});
