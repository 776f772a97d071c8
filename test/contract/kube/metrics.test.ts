import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { prometheusMetrics } from '../../../src/kube/prometheus.ts';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import type { Metrics } from '../../../src/port/metrics.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { worldPrometheus } from '../../../src/world/prometheus.ts';
import { simulatedWorld } from '../../../src/world/world.ts';
import { describeWithPrograms } from '../../e2e/stage/debian.ts';
import { startOnFreePorts } from '../../e2e/stage/free-port.ts';
import { startProgram } from '../../e2e/stage/program.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';

/** A bucket that was named by somebody who meant harm. */
const HOSTILE = '"} or vector(1) or x{y="\\';
const USED = 'minio_bucket_usage_total_bytes';

type Driver = { readonly metrics: Metrics; readonly clock: Clock };

/** What a series is now, chosen by labels whose values stay values; no series is no sample. */
async function expectNow({ metrics, clock }: Driver): Promise<void> {
  const [velero, ...more] = await metrics.query(`${USED}{$labels}`, { bucket: 'velero' });
  expect(more).toEqual([]);
  expect(velero).toMatchObject({ labels: { bucket: 'velero' }, value: 1.5e9 });
  expect(Math.abs((velero?.atMs ?? 0) - clock.nowMs())).toBeLessThan(60_000);
  expect(await metrics.query(`${USED}{$labels}`, { bucket: HOSTILE })).toMatchObject([{ labels: { bucket: HOSTILE }, value: 7 }]);
  expect(await metrics.query(`${USED}{$labels}`)).toHaveLength(2);
  expect(await metrics.query(`${USED}{$labels}`, { bucket: 'nobody' })).toEqual([]);
  expect(await metrics.query('minio_nothing_of_the_kind')).toEqual([]);
}

/** What it was over a time, one point each step, the oldest first. */
async function expectRange({ metrics, clock }: Driver): Promise<void> {
  const untilMs = Math.floor(clock.nowMs() / 1000) * 1000;
  const span = { fromMs: untilMs - 60_000, untilMs, stepMs: 1000 };
  const [velero, ...more] = await metrics.range(`${USED}{$labels}`, span, { bucket: 'velero' });
  expect(more).toEqual([]);
  expect(velero?.labels['bucket']).toBe('velero');
  const points = velero?.points ?? [];
  expect(points.at(-1)).toEqual({ atMs: untilMs, value: 1.5e9 });
  expect(points.length).toBeGreaterThan(1);
  expect(points.map(({ atMs }) => atMs)).toEqual(points.map((_, at) => untilMs - (points.length - 1 - at) * 1000));
  expect(await metrics.range(`${USED}{$labels}`, span, { bucket: 'nobody' })).toEqual([]);
}

describe('the Prometheus of the simulated cluster', () => {
  test('answers what a series is now, and what it was', async () => {
    const clock = virtualClock();
    const samples = [
      { labels: { bucket: 'velero' }, value: 1.5e9 },
      { labels: { bucket: HOSTILE }, value: 7 },
    ];
    const world = simulatedWorld({ clock, ids: seededIds(1), clusters: [{ name: 'prod', scenario: { metrics: [{ query: `${USED}{$labels}`, samples }] } }] });
    const driver = { metrics: worldPrometheus(world.cluster(), clock), clock };
    await expectNow(driver);
    await expectRange(driver);
  });

  test('tells what a series was before, as the scenario says', async () => {
    const clock = virtualClock();
    const samples = [
      {
        value: 30,
        was: [
          { ago: '2h', value: 10 },
          { ago: '1h', value: 20 },
        ],
      },
    ];
    const world = simulatedWorld({ clock, ids: seededIds(1), clusters: [{ name: 'prod', scenario: { metrics: [{ query: 'used', samples }] } }] });
    const nowMs = clock.nowMs();
    const [series] = await worldPrometheus(world.cluster(), clock).range('used', { fromMs: nowMs - 3 * 3_600_000, untilMs: nowMs, stepMs: 3_600_000 });
    expect(series?.points.map(({ value }) => value)).toEqual([10, 20, 30]);
  });
});

describeWithPrograms('a real Prometheus', () => {
  test('answers alike, and says of what it refuses the kind and not the text', { timeout: 60_000 }, async () => {
    const metrics = await realPrometheus();
    await expectNow({ metrics, clock: systemClock });
    await expectRange({ metrics, clock: systemClock });
    await expect(metrics.query('up{')).rejects.toMatchObject({
      code: 'metrics.unavailable',
      message: 'Prometheus cannot be asked: it answered 400 (bad_data)',
    });
    await expect(metrics.query('up[5m]')).rejects.toMatchObject({ code: 'metrics.unavailable', message: expect.stringContaining('neither a vector nor') });
    expect(await metrics.query('vector(1) / 0')).toMatchObject([{ labels: {}, value: Number.POSITIVE_INFINITY }]);
    expect(await metrics.query('scalar(vector(2.5))')).toMatchObject([{ labels: {}, value: 2.5 }]);
  });
});

/** One that has seen a storage for some seconds. */
async function realPrometheus(): Promise<Metrics> {
  const stage = openStage();
  const quoted = HOSTILE.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  const storage = createServer((_request, response) =>
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(`${USED}{bucket="velero"} 1.5e9\n${USED}{bucket="${quoted}"} 7\n`),
  );
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    storage.closeAllConnections();
    storage.close();
  });
  const at = storage.address();
  const target = at === null || typeof at === 'string' ? '' : `127.0.0.1:${at.port}`;
  const scrapes = `{ job_name: minio, static_configs: [{ targets: ['${target}'] }] }`;
  const file = stage.write('prometheus.yml', `global: { scrape_interval: 1s }\nscrape_configs: [${scrapes}]\n`);
  const { program, ports } = await startOnFreePorts(([port = 0]) => {
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${stage.makeFolder(`data-${port}`)}`, `--web.listen-address=127.0.0.1:${port}`];
    return { program: startProgram('prometheus', 'prometheus', args), readyUrl: `http://127.0.0.1:${port}/-/ready` };
  });
  stage.watch(program);
  const metrics = prometheusMetrics({ url: `http://127.0.0.1:${ports[0]}`, clock: systemClock });
  await until('it has seen the storage twice', async () =>
    (await metrics.query(`count_over_time(${USED}{bucket="velero"}[1m])`)).some(({ value }) => value > 2),
  );
  return metrics;
}
