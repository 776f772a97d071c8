import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { MetricLabels, Sample, Series } from '../port/kube.ts';
import type { Metrics } from '../port/metrics.ts';
import type { ReadScenario } from './scenario.ts';
import type { VeleroMetrics } from './velero/metrics.ts';

/** One series that a scenario tells: what it is, and since when it was something else, the oldest first. */
export type ToldSeries = { readonly labels: MetricLabels; readonly value: number; readonly was: readonly { readonly atMs: number; readonly value: number }[] };

/** What it can see of its cluster. */
type Seen = {
  readonly name: string;
  readonly settings: { readonly hasPrometheus: boolean; readonly series: ReadonlyMap<string, readonly ToldSeries[]> };
  readonly veleroMetrics: Pick<VeleroMetrics, 'samples'>;
};

type Told = Extract<NonNullable<ReadScenario['metrics']>, readonly unknown[]>[number]['samples'];

export function toldSeries(samples: Told, nowMs: number): readonly ToldSeries[] {
  return samples.map(({ labels = {}, value, was = [] }) => ({
    labels,
    value,
    was: was.map((one) => ({ atMs: nowMs - one.ago, value: one.value })).sort((a, b) => a.atMs - b.atMs),
  }));
}

/**
 * The Prometheus of a simulated cluster. Of PromQL it knows the queries of the scenario by their whole text, and the name of one of Velero's metrics,
 * with the place for labels behind it or without. Any other query finds nothing, as one about an unknown metric does.
 */
export function worldPrometheus(sim: Seen, clock: Pick<Clock, 'nowMs'>): Metrics {
  const seriesOf = (query: string, labels: MetricLabels = {}): readonly ToldSeries[] => {
    if (!sim.settings.hasPrometheus) throw new SalvorError('metrics.unavailable', `no Prometheus is configured for ${sim.name}`);
    const own = sim.veleroMetrics.samples().filter((sample) => sample.name === query.replace('{$labels}', ''));
    const all = [...own.map((sample) => ({ ...sample, was: [] })), ...(sim.settings.series.get(query) ?? [])];
    return all.filter((one) => Object.entries(labels).every(([name, value]) => new Map(Object.entries(one.labels)).get(name) === value));
  };

  return {
    query: async (query, labels) => seriesOf(query, labels).map(({ labels: of, value }): Sample => ({ labels: of, value, atMs: clock.nowMs() })),
    async range(query, { fromMs, untilMs, stepMs }, labels) {
      const times = Array.from({ length: Math.floor((untilMs - fromMs) / stepMs) + 1 }, (_, step) => fromMs + step * stepMs);
      return seriesOf(query, labels).map((one): Series => ({ labels: one.labels, points: times.flatMap((atMs) => pointAt(one, atMs, clock.nowMs())) }));
    },
  };
}

function pointAt({ value, was }: ToldSeries, atMs: number, nowMs: number): Series['points'] {
  const before = was.findLast((one) => one.atMs <= atMs);
  if (atMs >= nowMs || was.length === 0) return [{ atMs, value }];
  return before === undefined ? [] : [{ atMs, value: before.value }];
}
