import { describe, expect, test } from 'vitest';
import { configuredProbes } from '../../../src/kube/probes.ts';
import { prometheusMetrics } from '../../../src/kube/prometheus.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import { type Answer, deadUrl, type Seen, serve } from './stub-server.ts';

async function server(respond: (seen: Seen) => Answer | undefined): Promise<{ readonly url: string; readonly seen: Seen[] } & AsyncDisposable> {
  const seen: Seen[] = [];
  const { server: listening, url } = await serve((request, response) => {
    seen.push(request);
    const answer = respond(request);
    if (answer === undefined) return;
    response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? ''));
  });
  return {
    url,
    seen,
    async [Symbol.asyncDispose]() {
      listening.closeAllConnections();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
}

describe('Prometheus', () => {
  const vector = (...result: readonly object[]): Answer => ({ body: { status: 'success', data: { resultType: 'vector', result } } });

  test('answers an instant query with samples', async () => {
    await using prometheus = await server(() =>
      vector({ metric: { __name__: 'up', node: 'w1' }, value: [1763712000.5, '1'] }, { metric: {}, value: [1763712000, '+Inf'] }),
    );
    const metrics = prometheusMetrics({ url: `${prometheus.url}/prom/`, token: 'abc\n', clock: systemClock });
    expect(await metrics.query('up{$labels}', { node: 'w"1' })).toEqual([
      { labels: { __name__: 'up', node: 'w1' }, value: 1, atMs: 1_763_712_000_500 },
      { labels: {}, value: Number.POSITIVE_INFINITY, atMs: 1_763_712_000_000 },
    ]);
    expect(prometheus.seen[0]).toMatchObject({ method: 'GET', path: '/prom/api/v1/query' });
    expect(prometheus.seen[0]?.query.get('query')).toBe(String.raw`up{node="w\"1"}`);
    expect(prometheus.seen[0]?.headers.authorization).toBe('Bearer abc');
  });

  test('an empty vector is no sample, and a scalar is one without labels', async () => {
    let answer = vector();
    await using prometheus = await server(() => answer);
    const metrics = prometheusMetrics({ url: prometheus.url, clock: systemClock });
    expect(await metrics.query('up')).toEqual([]);
    answer = { body: { status: 'success', data: { resultType: 'scalar', result: [1, '2.5'] } } };
    expect(await metrics.query('scalar(up)')).toEqual([{ labels: {}, value: 2.5, atMs: 1000 }]);
  });

  test('a token that is a function is asked before each query', async () => {
    await using prometheus = await server(() => vector());
    let n = 0;
    const metrics = prometheusMetrics({ url: prometheus.url, token: async () => `t${(n += 1)}`, clock: systemClock });
    await metrics.query('up');
    await metrics.query('up');
    expect(prometheus.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test.each<{ readonly what: string; readonly answer: Answer | undefined }>([
    { what: 'a refused query', answer: { status: 400, body: { status: 'error', errorType: 'bad_data', error: 'parse error' } } },
    { what: 'a broken backend', answer: { status: 503, body: 'no' } },
    { what: 'an error in a 200', answer: { body: { status: 'error', error: 'x' } } },
    { what: "a proxy's page", answer: { body: '<html>' } },
    { what: 'a redirect', answer: { status: 302, headers: { location: '/elsewhere' } } },
    { what: 'a matrix', answer: { body: { status: 'success', data: { resultType: 'matrix', result: [] } } } },
    { what: 'a sample that is no number', answer: vector({ metric: {}, value: [1, 'abc'] }) },
    {
      what: 'an answer that lacks a part',
      answer: { body: { status: 'success', warnings: ['remote read: refused'], data: { resultType: 'vector', result: [] } } },
    },
    { what: 'silence', answer: undefined },
  ])('$what is unavailable, never an empty answer', async ({ answer }) => {
    await using prometheus = await server(() => answer);
    const metrics = prometheusMetrics({ url: prometheus.url, clock: systemClock, deadlineMs: 100 });
    await expect(metrics.query('up')).rejects.toMatchObject({ code: 'metrics.unavailable', retry: 'later' });
  });

  test.each([
    [401, 'it does not know our token: look at clusters[].prometheus.token'],
    [404, 'does clusters[].prometheus.url need a path'],
    [307, 'a redirect is not followed'],
    [422, 'it answered 422 (execution)'],
  ])('%i says what to do, and nothing of the query', async (status, said) => {
    await using prometheus = await server(() => ({ status, body: { status: 'error', errorType: 'execution', error: 'in query up{x="secret"}' } }));
    const asked = prometheusMetrics({ url: prometheus.url, clock: systemClock }).query('up{$labels}', { x: 'secret' });
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining(said) });
    await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  test('a warning about the query is logged by its fixed text, and the answer counts', async () => {
    await using prometheus = await server(() => ({
      body: { status: 'success', warnings: ['PromQL warning: metric might not be a counter'], data: { resultType: 'vector', result: [] } },
    }));
    const warned: object[] = [];
    const log = { ...silentLog, warn: (name: string, facts = {}) => void warned.push({ name, ...facts }) };
    expect(await prometheusMetrics({ url: prometheus.url, clock: systemClock, log }).query('up{$labels}', { x: 'y' })).toEqual([]);
    expect(warned).toMatchObject([{ name: 'metrics.warned', query: 'up{$labels}', warnings: 1 }]);
  });

  test('a range that is too fine is refused before it is sent', async () => {
    await using prometheus = await server(() => vector());
    const metrics = prometheusMetrics({ url: prometheus.url, clock: systemClock });
    await expect(metrics.range('up', { fromMs: 0, untilMs: 86_400_000, stepMs: 1000 })).rejects.toMatchObject({ retry: 'never' });
    await expect(metrics.range('up', { fromMs: 0, untilMs: 1000, stepMs: 0 })).rejects.toMatchObject({ retry: 'never' });
    expect(prometheus.seen).toEqual([]);
  });

  test('a Prometheus that is not there says so', async () => {
    const metrics = prometheusMetrics({ url: await deadUrl(), clock: systemClock });
    await expect(metrics.query('up')).rejects.toMatchObject({ code: 'metrics.unavailable', message: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('probes', () => {
  const look = (http: string): ReturnType<ReturnType<typeof configuredProbes>['look']> =>
    configuredProbes([{ name: 'shop', http, withinMs: 100 }], { clock: systemClock }).look('shop');

  test.each([
    { status: 200, ok: true },
    { status: 204, ok: true },
    { status: 302, ok: true },
    { status: 404, ok: false },
    { status: 503, ok: false },
  ])('$status is ok: $ok', async ({ status, ok }) => {
    await using shop = await server(() => ({ status, ...(status === 302 ? { headers: { location: '/login' } } : {}) }));
    const result = await look(`${shop.url}/health?key=secret`);
    expect(result).toMatchObject({ ok, [ok ? 'evidence' : 'reason']: expect.stringContaining(`${shop.url}/health answered ${status}`) });
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(shop.seen).toHaveLength(1);
  });

  test('silence and refusal are a no with the reason', async () => {
    await using shop = await server(() => undefined);
    expect(await look(`${shop.url}/`)).toEqual({ ok: false, reason: `${shop.url}/ does not answer in time` });
    const gone = await deadUrl();
    expect(await look(`${gone}/`)).toEqual({ ok: false, reason: `${gone}/ refuses connections` });
  });

  test('a name resolves, or does not', async () => {
    const probes = configuredProbes(
      [
        { name: 'here', dns: 'localhost' },
        { name: 'nowhere', dns: 'nothing.invalid' },
      ],
      { clock: systemClock },
    );
    expect(await probes.look('here')).toMatchObject({ ok: true, evidence: expect.stringMatching(/^localhost is (127\.0\.0\.1|::1)/) });
    expect(await probes.look('nowhere')).toMatchObject({ ok: false, reason: expect.stringContaining('nothing.invalid ') });
  });

  test('what is not listed is unavailable, also a name of every object', async () => {
    const probes = configuredProbes([], { clock: systemClock });
    await expect(probes.look('shop')).rejects.toMatchObject({ code: 'probe.unavailable', retry: 'never' });
    await expect(probes.look('constructor')).rejects.toMatchObject({ code: 'probe.unavailable' });
  });
});
