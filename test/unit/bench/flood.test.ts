import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { flood } from '../../../bench/flood.ts';
import { quantile, spread } from '../../../bench/table.ts';

/** Answers each body with the status that it asks for, in two pieces. */
async function openEcho(): Promise<{ readonly url: string; readonly seen: string[]; readonly most: () => number }> {
  const seen: string[] = [];
  let [connections, most] = [0, 0];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push(`${request.url} ${body}`);
      response.writeHead(Number(body.split('-')[0]), { 'content-length': 4 });
      response.write('an');
      setImmediate(() => response.end('sw'));
    });
  });
  server.on('connection', (socket) => {
    connections += 1;
    most = Math.max(most, connections);
    socket.on('close', () => (connections -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${at.port}/place`, seen, most: () => most };
}

test('a flood posts each body once, over no more connections than asked for, and counts what was answered', async () => {
  const echo = await openEcho();
  const { statuses, latenciesMs, refusedMs } = await flood({
    url: echo.url,
    connections: 4,
    count: 50,
    body: (turn) => `${turn % 5 === 0 ? 503 : 200}-ä${turn}`,
  });
  expect([...statuses].toSorted(([a], [b]) => a - b)).toEqual([
    [200, 40],
    [503, 10],
  ]);
  expect(latenciesMs).toHaveLength(50);
  expect(refusedMs).toHaveLength(10);
  expect(latenciesMs).toEqual(expect.arrayContaining([...refusedMs]));
  expect(echo.seen.toSorted()).toEqual(Array.from({ length: 50 }, (_, turn) => `/place ${turn % 5 === 0 ? 503 : 200}-ä${turn}`).toSorted());
  expect(echo.most()).toBe(4);
});

test('a server that hangs up is an error, not a figure', async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const at = server.address();
  const port = at !== null && typeof at === 'object' ? at.port : 0;
  await expect(flood({ url: `http://127.0.0.1:${port}/`, connections: 2, count: 4, body: () => '{}' })).rejects.toThrow('the server hung up');
});

test('a spread is least, median and most of the rounds; a quantile is one that was measured', () => {
  expect(spread([3, 1, 2, 10], 0)).toBe('1..2..10');
  expect(spread([2], 1)).toBe('2.0');
  expect(spread([0, 0, 0], 0)).toBe('0');
  expect([0.5, 0.99, 1].map((part) => quantile([5, 1, 4, 2, 3], part))).toEqual([3, 5, 5]);
});
