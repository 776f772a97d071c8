import { readFile } from 'node:fs/promises';
import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { MetricLabels } from '../port/kube.ts';
import { type Log, silentLog } from '../port/log.ts';
import type { Metrics } from '../port/metrics.ts';
import { readAnswer, readSamples, readSeries } from './prometheus/answer.ts';
import { brokenText, refusalText } from './prometheus/fault.ts';
import { fetchText } from './prometheus/fetch.ts';
import { putLabels } from './prometheus/promql.ts';

export type PrometheusOptions = {
  /** The base URL, with a path where a proxy adds one. */
  readonly url: string;
  /** A function is asked before each query, so a token may rotate. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Path of a PEM file, read before each query; absent: the authorities that Node trusts. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly log?: Log;
  readonly deadlineMs?: number;
};

const DEADLINE_MS = 10_000;
const MOST_POINTS = 1000;

/** A cluster's Prometheus (or Thanos, Mimir, VictoriaMetrics) over its HTTP API. Every failure is `metrics.unavailable` and says what to do about it. */
export function prometheusMetrics(options: PrometheusOptions): Metrics {
  return {
    query: (text, labels) => ask(options, { path: 'query', search: {}, text, labels }, readSamples),
    async range(text, { fromMs, untilMs, stepMs }, labels) {
      if (!(stepMs > 0) || (untilMs - fromMs) / stepMs > MOST_POINTS)
        throw new SalvorError('metrics.unavailable', `a range has at most ${MOST_POINTS} points: ask for larger steps`);
      const search = { start: String(fromMs / 1000), end: String(untilMs / 1000), step: String(stepMs / 1000) };
      return ask(options, { path: 'query_range', search, text, labels }, readSeries);
    },
  };
}

type Question = {
  readonly path: string;
  readonly search: { readonly [name: string]: string };
  readonly text: string;
  readonly labels: MetricLabels | undefined;
};

async function ask<T>({ url, token, ca, clock, log = silentLog, deadlineMs = DEADLINE_MS }: PrometheusOptions, asked: Question, read: (data: unknown) => T) {
  const query = putLabels(asked.text, asked.labels ?? {});
  const startedMs = clock.monotonicMs();
  try {
    const target = new URL(`${url.replace(/\/+$/, '')}/api/v1/${asked.path}`);
    // Thanos would answer with what it has; an absent series must not read as a no.
    for (const [name, value] of Object.entries({ query, ...asked.search, partial_response: 'false' })) target.searchParams.set(name, value);
    const bearer = typeof token === 'function' ? await token() : token;
    const answer = await fetchText({ url: target, bearer, ca: ca === undefined ? undefined : await authorities(ca), deadlineMs });
    if (answer.status !== 200) throw new Error(refusalText(answer.status, answer.text));
    const { data, warnings } = readAnswer(answer.text);
    if (warnings.length > 0) log.warn('metrics.warned', { query: asked.text, warnings: warnings.length, first: warnings[0] ?? '' });
    return read(data);
  } catch (error) {
    throw new SalvorError('metrics.unavailable', `Prometheus cannot be asked: ${brokenText(error)}`, {
      retry: 'later',
      details: { durationMs: Math.round(clock.monotonicMs() - startedMs) },
    });
  }
}

async function authorities(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`the file of its authority, ${path}, cannot be read (clusters[].prometheus.ca)`, { cause: error });
  }
}
