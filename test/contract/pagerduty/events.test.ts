import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import { pagerdutyEvents } from '../../../src/pagerduty/events.ts';
import type { Page, Pager } from '../../../src/port/pager.ts';
import { openCluster } from '../../e2e/stage/cluster.ts';
import { openStage } from '../../e2e/stage/stage.ts';

const KEY = 'e93facc04764012d7bfb002500d5d1a6';
const PAGE: Page = {
  action: 'trigger',
  dedupKey: 'salvor/prod/backup-failed~1',
  target: 'platform-primary',
  severity: 'critical',
  summary: 'SEV1 daily: nobody answered',
  details: { cluster: 'prod', incident: 'backup-failed~1' },
};

async function answering(listener: RequestListener, deadlineMs?: number): Promise<Pager> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return pagerdutyEvents({ url: `http://127.0.0.1:${port}`, routingKey: () => KEY, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
}

async function faultOf(send: Promise<void>): Promise<SalvorError> {
  const fault: unknown = await send.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof SalvorError)) throw new Error(`expected a fault, found ${String(fault)}`);
  return fault;
}

test('a trigger opens one incident however often it comes; acknowledged, resolved, and then another one', async () => {
  const { pagerduty, world } = await openCluster(openStage(), {});
  const pager = pagerdutyEvents({ url: pagerduty, routingKey: () => KEY, clientUrl: 'https://salvor.example.com' });
  const statuses = (): readonly string[] => world.pagerduty.incidents().map(({ status }) => status);
  await pager.send(PAGE);
  await pager.send(PAGE);
  expect(world.pagerduty.incidents()).toMatchObject([{ key: PAGE.dedupKey, title: PAGE.summary, severity: 'critical', status: 'triggered', alerts: 2 }]);
  await pager.send({ ...PAGE, action: 'acknowledge' });
  expect(statuses()).toEqual(['acknowledged']);
  await pager.send({ ...PAGE, action: 'resolve' });
  await pager.send({ ...PAGE, action: 'resolve' });
  expect(statuses()).toEqual(['resolved']);
  await pager.send(PAGE);
  expect(statuses()).toEqual(['triggered', 'resolved']);
});

test('an event that is refused says what PagerDuty says, and never the key', async () => {
  const { pagerduty } = await openCluster(openStage(), {});
  const fault = await faultOf(pagerdutyEvents({ url: pagerduty, routingKey: () => 'short-key' }).send(PAGE));
  expect(fault).toMatchObject({ code: 'pager.unavailable', retry: 'later' });
  expect(fault.message).toBe("PagerDuty did not take the page for platform-primary: it answered 400, 'routing_key' is invalid (must be 32 characters long)");
  const echoing = await answering((_request, response) => void response.writeHead(400).end(JSON.stringify({ message: `no service for ${KEY}` })));
  expect((await faultOf(echoing.send(PAGE))).message).toContain('no service for ***');
});

test('the hundred-and-twenty-first event of a minute is refused, and is to be sent again', async () => {
  const { pagerduty, world } = await openCluster(openStage(), {});
  const pager = pagerdutyEvents({ url: pagerduty, routingKey: () => KEY });
  for (let index = 0; index < 120; index += 1) await pager.send({ ...PAGE, dedupKey: `k${index}` });
  expect(await faultOf(pager.send(PAGE))).toMatchObject({ retry: 'later', message: expect.stringContaining('it answered 429') });
  expect(world.pagerduty.incidents()).toHaveLength(120);
});

test.each([
  ['a pause that is asked for', { status: 429, headers: { 'retry-after': '7' }, body: '{}' }, { message: /it answered 429$/, retryAfterMs: 7000 }],
  ['a page of a proxy', { status: 502, headers: {}, body: '<html>Bad Gateway</html>' }, { message: /it answered 502$/, retryAfterMs: undefined }],
  ['a yes of another kind', { status: 200, headers: {}, body: '{"status":"success"}' }, { message: /it answered 200$/, retryAfterMs: undefined }],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' }, { message: /cannot be reached/, retryAfterMs: undefined }],
])('%s is no delivery', async (_name, { status, headers, body }, expected) => {
  const pager = await answering((_request, response) => void response.writeHead(status, headers).end(body));
  const fault = await faultOf(pager.send(PAGE));
  expect(fault).toMatchObject({ code: 'pager.unavailable', retry: 'later', retryAfterMs: expected.retryAfterMs });
  expect(fault.message).toMatch(expected.message);
});

test('silence ends at the deadline, and a broken connection is said in its own words', async () => {
  const silent = await answering(() => undefined, 50);
  expect((await faultOf(silent.send(PAGE))).message).toBe('PagerDuty cannot be reached: it did not answer in time');
  const broken = await answering((request) => void request.socket.resetAndDestroy());
  expect((await faultOf(broken.send(PAGE))).message).toBe('PagerDuty cannot be reached: ECONNRESET');
});
