import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import { IncidentPage, IncidentView } from '../../../src/port/view/incident.ts';
import { until } from '../../e2e/stage/until.ts';
import { openSite, type Serving, serveHere } from './site.ts';

const SECRET = 'the-secret-of-the-subscription';
const NEXT = 'the-secret-after-it';
const ANA = { id: 'P0AB', type: 'user_reference' };

async function openPaged(): Promise<{ readonly serving: Serving; readonly key: string; readonly incident: () => Promise<IncidentView> }> {
  const site = await openSite();
  site.write('pd.key', 'e93facc04764012d7bfb002500d5d1a6\n');
  site.write('pd.secret', `${SECRET}\n`);
  site.write('pd.next', `${NEXT}\n`);
  const pagerduty = `{ routingKey: { file: ./pd.key }, webhookSecrets: [{ file: ./pd.secret }, { file: ./pd.next }], eventsUrl: ${site.cluster.pagerduty} }`;
  const text = site.text
    .replace('{ name: ana,', '{ name: ana, pagerduty: P0AB,')
    .replace(/^ladders:.*$/m, 'ladders: { default: [{ page: first, after: 0m }, { page: second, after: 5s }] }');
  site.write('salvor.yaml', `${text}pagerduty: ${pagerduty}\n`);
  const serving = await serveHere(site);
  await serving.alert({ alertname: 'DiskOnFire', severity: 'critical', cluster: 'prod' });
  const paged = await until('somebody is called', () => site.cluster.world.pagerduty.incidents()[0]);
  const { items } = IncidentPage.parse((await serving.get('/api/v1/incidents')).json);
  return {
    serving,
    key: paged.key,
    incident: async () => IncidentView.parse((await serving.get(`/api/v1/incidents/${encodeURIComponent(items[0]?.id ?? '')}`)).json),
  };
}

const event = (of: {
  readonly key: string;
  readonly type?: string;
  readonly agent?: JsonObject | null;
  readonly id?: string;
  readonly data?: JsonObject;
}): JsonObject => ({
  event: {
    id: of.id ?? 'E1',
    event_type: of.type ?? 'incident.acknowledged',
    resource_type: 'incident',
    agent: of.agent === undefined ? ANA : of.agent,
    data: { incident_key: of.key, ...of.data },
  },
});

async function post({ url }: Serving, body: JsonObject, signature?: string): Promise<number> {
  const bytes = JSON.stringify(body);
  const own = `v1=${createHmac('sha256', SECRET).update(bytes).digest('hex')}`;
  const answer = await fetch(`${url}/pagerduty/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-pagerduty-signature': signature ?? own },
    body: bytes,
  });
  return answer.status;
}

const lines = (view: IncidentView): readonly string[] => view.timeline.map(({ text }) => text ?? '');

test('who acknowledges in PagerDuty has it here: they lead, and the next rung is not called', { timeout: 60_000 }, async () => {
  const { serving, key, incident } = await openPaged();
  expect(await post(serving, event({ key }))).toBe(202);
  const acknowledged = await until('the ladder stopped', async () => {
    const view = await incident();
    return view.ladders[0]?.stopped === undefined ? undefined : view;
  });
  expect(acknowledged).toMatchObject({ lead: 'ana', ladders: [{ walked: 1 }] });
  expect(lines(acknowledged)).toContain('Nobody more is called by ladder "default": ana answered');
  // Again, and out of order: it is known already.
  expect(await post(serving, event({ key }))).toBe(202);
  expect(await post(serving, event({ key, id: 'E2', type: 'incident.annotated', data: { content: 'vendor <b>called</b>' } }))).toBe(202);
  expect(await post(serving, event({ key, id: 'E2', type: 'incident.annotated', data: { content: 'vendor <b>called</b>' } }))).toBe(202);
  const noted = await until('the note is told', async () => (lines(await incident()).includes('ana: vendor <b>called</b>') ? incident() : undefined));
  expect(lines(noted).filter((line) => line.startsWith('ana: vendor') || line.endsWith('ana answered'))).toHaveLength(2);
});

test('resolving there ends nothing here, and somebody unknown stops the calls without leading', { timeout: 60_000 }, async () => {
  const { serving, key, incident } = await openPaged();
  expect(await post(serving, event({ key, type: 'incident.resolved', agent: { id: 'P0ZZ', type: 'user_reference' } }))).toBe(202);
  const resolved = await until('it is told', async () =>
    lines(await incident()).some((line) => line.includes('resolved it in PagerDuty')) ? incident() : undefined,
  );
  expect(resolved.state).toBe('open');
  expect(await post(serving, event({ key, id: 'E3', agent: { id: 'P0ZZ', type: 'user_reference' } }))).toBe(202);
  const stopped = await until('the ladder stopped', async () => ((await incident()).ladders[0]?.stopped === undefined ? undefined : incident()));
  expect(stopped.lead).toBeUndefined();
  expect(lines(stopped)).toContain('Nobody more is called by ladder "default": PagerDuty user P0ZZ answered');
});

test('only what is signed counts, by any of the secrets; what is not for us is taken without a word', { timeout: 60_000 }, async () => {
  const { serving, key, incident } = await openPaged();
  const sign = (body: JsonObject, secret: string): string => `v1=${createHmac('sha256', secret).update(JSON.stringify(body)).digest('hex')}`;
  const acknowledged = event({ key });
  for (const wrong of [
    '',
    'v1=',
    'v1=zz',
    sign(acknowledged, 'another'),
    sign(acknowledged, ''),
    sign({ ...acknowledged, x: 1 }, SECRET),
    sign(acknowledged, SECRET).replace('v1=', 'v0='),
  ])
    expect(await post(serving, acknowledged, wrong), wrong).toBe(401);
  const harmless = [
    event({ key, id: 'E7', type: 'incident.priority_updated' }),
    event({ key, id: 'E8', type: 'incident.workflow.started' }),
    event({ key, agent: { id: 'PS1', type: 'service_reference' } }),
    event({ key, agent: null }),
    event({ key: 'somebody-elses' }),
    event({ key: 'salvor/prod/incident/0000000000000000-1' }),
    { event: 'not an event' },
  ];
  for (const body of harmless) expect(await post(serving, body), JSON.stringify(body)).toBe(202);
  expect((await incident()).ladders[0]?.stopped).toBeUndefined();
  expect(await post(serving, acknowledged, `v1=${'0'.repeat(64)}, ${sign(acknowledged, NEXT)}`)).toBe(202);
  await until('the ladder stopped', async () => (await incident()).ladders[0]?.stopped !== undefined);
  expect(serving.log().join('')).not.toContain(SECRET);
});
