import { expect, test } from 'vitest';
import type { Json } from '../../../../src/model/json.ts';
import { KEY, OTHER, openPagerDuty } from './open.ts';

test('an incident is found by its dedup key and by its id, with who is called', async () => {
  const { event, ask } = await openPagerDuty();
  await event('trigger', 'a');
  await event('trigger', 'b');
  const { body } = await ask('GET', '/incidents?incident_key=a');
  expect(body).toMatchObject({
    incidents: [{ incident_number: 1, incident_key: 'a', status: 'triggered', assignments: [{ assignee: { summary: 'ana' } }] }],
    more: false,
  });
  const { id } = (body['incidents'] as { id: string }[])[0] ?? { id: '' };
  expect((await ask('GET', `/incidents/${id}`)).body).toMatchObject({ incident: { incident_key: 'a', escalation_level: 1 } });
  expect((await ask('GET', '/incidents/Q404')).status).toBe(404);
});

test('one key at two integrations is two incidents; what is about none is dropped; a trigger behind a resolve opens another', async () => {
  const { event, pagerduty } = await openPagerDuty();
  await event('resolve', 'a');
  await event('acknowledge', 'a');
  await event('trigger', 'a');
  await event('trigger', 'a', OTHER);
  await event('trigger', 'a');
  expect(pagerduty.incidents().map(({ integration, alerts }) => [integration, alerts])).toEqual([
    [OTHER, 1],
    [KEY, 2],
  ]);
  await event('resolve', 'a');
  await event('trigger', 'a');
  expect(pagerduty.incidents().map(({ status }) => status)).toEqual(['triggered', 'triggered', 'resolved']);
});

test('an event rule takes an event, says 202, and makes no incident', async () => {
  const { event, pagerduty } = await openPagerDuty({ services: [{ name: 'quiet', key: KEY, events: 'suppressed' }] });
  expect((await event('trigger', 'a')).status).toBe(202);
  expect(pagerduty.incidents()).toEqual([]);
});

test('pages of a list go on where the one before ended', async () => {
  const { event, ask } = await openPagerDuty();
  for (let index = 0; index < 30; index += 1) await event('trigger', `k${index}`);
  const first = (await ask('GET', '/incidents')).body;
  expect(first).toMatchObject({ limit: 25, offset: 0, more: true });
  const second = (await ask('GET', '/incidents?offset=25&limit=25')).body;
  expect(second).toMatchObject({ more: false });
  expect([...(first['incidents'] as unknown[]), ...(second['incidents'] as unknown[])]).toHaveLength(30);
});

test('a note, an escalation and a new incident need From, and From has to be a user', async () => {
  const { event, ask, pagerduty } = await openPagerDuty();
  await event('trigger', 'a');
  const { id = '' } = pagerduty.incidents()[0] ?? {};
  const note = { body: { note: { content: 'seen' } } };
  const nobody = await fetch(`${(await openPagerDuty()).url}/incidents/${id}/notes`, {
    method: 'POST',
    headers: { authorization: 'Token token=x' },
    body: JSON.stringify(note.body),
  });
  expect(nobody.status).toBe(400);
  expect((await ask('POST', `/incidents/${id}/notes`, { ...note, headers: { from: 'nobody@example.com' } })).body).toMatchObject({ error: { code: 1008 } });
  expect((await ask('POST', `/incidents/${id}/notes`, note)).status).toBe(201);
  expect((await ask('GET', `/incidents/${id}/notes`)).body).toMatchObject({ notes: [{ content: 'seen', user: { summary: 'salvor' } }] });
  expect((await ask('PUT', `/incidents/${id}`, { body: { incident: { type: 'incident_reference', escalation_level: 2 } } })).body).toMatchObject({
    incident: { escalation_level: 2, assignments: [{ assignee: { summary: 'ben' } }] },
  });
  expect((await ask('PUT', `/incidents/${id}`, { body: { incident: { escalation_level: 9 } } })).status).toBe(400);
});

test('a responder request needs From, a requester and people that there are; who was asked is shown on the incident', async () => {
  const { event, ask, pagerduty } = await openPagerDuty({ users: [{ name: 'cleo', id: 'P0CLEO' }] });
  await event('trigger', 'a');
  const { id = '' } = pagerduty.incidents()[0] ?? {};
  const target = (of: string) => ({ responder_request_target: { id: of, type: 'user_reference' } });
  const request = (more: { readonly [name: string]: Json }) =>
    ask('POST', `/incidents/${id}/responder_requests`, {
      body: { requester_id: 'P0BOT', message: 'help', responder_request_targets: [target('P0CLEO')], ...more },
    });
  expect((await request({ requester_id: 'P0NOBODY' })).body).toMatchObject({ error: { code: 1008 } });
  expect((await request({ responder_request_targets: [target('P0NOBODY')] })).status).toBe(400);
  expect((await request({ responder_request_targets: [] })).status).toBe(400);
  expect((await request({})).status).toBe(200);
  expect((await ask('GET', `/incidents/${id}`)).body).toMatchObject({ incident: { incidents_responders: [{ state: 'pending', user: { id: 'P0CLEO' } }] } });
  await event('resolve', 'a');
  expect((await request({})).status).toBe(400);
});

test('a repeated incident key gives 400 while its incident is open', async () => {
  const { ask, event, pagerduty } = await openPagerDuty();
  await event('trigger', 'a');
  const service = pagerduty.incidents()[0]?.service.id ?? '';
  const create = (key: string) =>
    ask('POST', '/incidents', { body: { incident: { type: 'incident', title: 't', service: { id: service }, incident_key: key } } });
  expect((await create('a')).status).toBe(400);
  expect((await create('b')).status).toBe(201);
});

test('who is on call is asked by policy; users by text; services show their integration keys on demand', async () => {
  const { ask } = await openPagerDuty({
    policies: [{ name: 'leads', levels: [['cleo'], []] }],
    services: [{ name: 'dr', id: 'PSDR', key: KEY, policy: 'leads' }],
  });
  const { body } = await ask('GET', '/escalation_policies');
  const leads = (body['escalation_policies'] as { id: string; name: string }[]).find(({ name }) => name === 'leads')?.id ?? '';
  expect((await ask('GET', `/oncalls?escalation_policy_ids[]=${leads}&earliest=true`)).body).toMatchObject({
    oncalls: [{ user: { summary: 'cleo' }, escalation_level: 1 }],
  });
  expect((await ask('GET', '/users?query=ana')).body).toMatchObject({ users: [{ name: 'ana', email: 'ana@example.com' }] });
  expect((await ask('GET', '/services?include[]=integrations')).body).toMatchObject({ services: [{ integrations: [{ integration_key: KEY }] }] });
  expect(JSON.stringify((await ask('GET', '/services')).body)).not.toContain(KEY);
});

test('a wrong key is 401, and the 961st request of a minute 429 with what is left', async () => {
  const { ask, clock } = await openPagerDuty({ token: 'right' });
  expect((await ask('GET', '/abilities', { headers: { authorization: 'Token token=wrong' } })).status).toBe(401);
  const right = { headers: { authorization: 'Token token=right' } };
  expect((await ask('GET', '/abilities', right)).headers.get('ratelimit-remaining')).toBe('959');
  for (let index = 1; index < 960; index += 1) await ask('GET', '/abilities', right);
  const refused = await ask('GET', '/abilities', right);
  expect([refused.status, refused.headers.get('ratelimit-remaining'), refused.headers.get('ratelimit-reset')]).toEqual([429, '0', '60']);
  await clock.pass(60_000);
  expect((await ask('GET', '/abilities', right)).status).toBe(200);
});

test('a change event is kept, wakes nobody, and is held to the same key', async () => {
  const { ask, pagerduty } = await openPagerDuty();
  const change = (key: string) =>
    ask('POST', '/v2/change/enqueue', {
      body: { routing_key: key, payload: { summary: 'cordoned w1', timestamp: '2026-11-21T12:00:00.000Z' }, links: [{ href: 'https://salvor.example.com' }] },
    });
  expect((await change(KEY)).status).toBe(202);
  expect((await change('short')).status).toBe(400);
  expect(pagerduty.incidents()).toEqual([]);
  expect((await ask('GET', '/change_events')).body).toMatchObject({ change_events: [{ summary: 'cordoned w1' }] });
});

test('faults are by endpoint, count, and end', async () => {
  const { ask, event, pagerduty, url } = await openPagerDuty();
  pagerduty.fault({ give: 'unavailable', on: 'events', times: 1 });
  pagerduty.fault({ give: 'too-many-requests', on: 'rest', path: '/incidents', retryAfter: 7, times: 1 });
  pagerduty.fault({ give: 'too-many-requests', on: 'rest', path: '/incidents', times: 1 });
  expect((await event('trigger', 'a')).status).toBe(503);
  expect((await event('trigger', 'a')).status).toBe(202);
  expect((await ask('GET', '/users')).status).toBe(200);
  const asked = await ask('GET', '/incidents');
  expect([asked.status, asked.headers.get('retry-after')]).toEqual([429, '7']);
  const silent = await ask('GET', '/incidents');
  expect([silent.status, silent.headers.get('retry-after'), silent.headers.get('ratelimit-reset')]).toEqual([429, null, null]);
  pagerduty.fault({ give: 'lost-reply', on: 'events', times: 1 });
  await expect(event('trigger', 'b')).rejects.toThrow(/fetch failed/);
  expect(pagerduty.incidents().map(({ key }) => key)).toEqual(['b', 'a']);
  pagerduty.fault({ give: 'hang' });
  await expect(fetch(`${url}/users`, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/);
  pagerduty.faults.clear();
  expect((await ask('GET', '/users')).status).toBe(200);
});

test('tests in other languages press and switch by its control', async () => {
  const { ask, event, pagerduty } = await openPagerDuty();
  await event('trigger', 'a');
  expect((await ask('POST', '/control/person', { body: { person: 'ana', does: 'note', text: 'on it' } })).status).toBe(200);
  expect((await ask('POST', '/control/person', { body: { person: 'ana', does: 'acknowledge' } })).status).toBe(200);
  expect(pagerduty.incidents()).toMatchObject([{ status: 'acknowledged', notes: [{ content: 'on it' }] }]);
  await ask('POST', '/control/timeout', { body: {} });
  expect(pagerduty.incidents()).toMatchObject([{ status: 'triggered' }]);
  expect((await ask('POST', '/control/person', { body: { person: 'zoe', does: 'resolve' } })).body).toEqual({
    error: 'the simulated PagerDuty has no user zoe',
  });
  expect((await ask('POST', '/control/fault', { body: { give: 'nonsense' } })).status).toBe(400);
  await ask('POST', '/control/fault', { body: { give: 'internal', times: 1 } });
  expect((await ask('GET', '/users')).status).toBe(500);
});
