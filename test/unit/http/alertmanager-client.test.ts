import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { fetchAlerts } from '../../../src/http/alertmanager-client.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const servers: Server[] = [];
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

test('every alert of one receiver is asked for, silenced and inhibited ones too', async () => {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('[{"labels":{}}]');
  });
  expect(await fetchAlerts({ url: `${url}/am/`, receiver: 'team\\.dr\\+bot \\(eu\\)', clock: systemClock })).toEqual([{ labels: {} }]);
  expect(asked).toEqual(['GET /am/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true&receiver=team%5C.dr%5C%2Bbot+%5C%28eu%5C%29']);
});

test.each([
  ['an answer that is no list of its own', 'it answers 500', (_request, response) => response.writeHead(500).end()],
  ['a redirect, which is never followed', 'redirect', (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
  ['an answer that is no JSON', 'not valid JSON', (_request, response) => response.end('<html>')],
  ['an answer without end', 'larger than 1000 bytes', (_request, response) => response.end('x'.repeat(5000))],
] satisfies [string, string, RequestListener][])('%s is a fault that may pass', async (_name, words, listener) => {
  const fault = fetchAlerts({ url: await serve(listener), receiver: '', clock: systemClock, limitBytes: 1000 });
  await expect(fault).rejects.toMatchObject({ code: 'server.unreachable', retry: 'later', message: expect.stringContaining(words) });
});

test('silence is a fault behind the time that it may take', async () => {
  const clock = virtualClock();
  const url = await serve(() => {});
  const fault = fetchAlerts({ url, receiver: '', clock, timeoutMs: 10_000 }).catch((error: unknown) => error);
  await clock.pass(10_000);
  expect(await fault).toMatchObject({ message: expect.stringContaining('no answer within 10000 ms') });
});
