import { z } from 'zod';
import type { MetricLabels, Sample, Series } from '../../port/kube.ts';

/** Seconds since 1970, and a number as text, since JSON has no infinity. */
const Point = z.tuple([z.number(), z.string()]);
const Labels = z.record(z.string(), z.string());
const Envelope = z.looseObject({ status: z.literal('success'), data: z.looseObject({ resultType: z.string() }), warnings: z.array(z.string()).nullish() });
const Instant = z.discriminatedUnion('resultType', [
  z.looseObject({ resultType: z.literal('vector'), result: z.array(z.looseObject({ metric: Labels, value: Point })) }),
  z.looseObject({ resultType: z.literal('scalar'), result: Point }),
]);
const Matrix = z.looseObject({ resultType: z.literal('matrix'), result: z.array(z.looseObject({ metric: Labels, values: z.array(Point).default([]) })) });

/** What a query itself is warned of, such as a sum over counters; any other warning says that a part of the data could not be read. */
const OF_THE_QUERY = /^PromQL (warning|info):/;

/** The data of an answer, and what was said about the query. Throws where it is not whole; the reasons are for people and hold no foreign text. */
export function readAnswer(body: string): { readonly data: unknown; readonly warnings: readonly string[] } {
  const answer = Envelope.safeParse(JSON.parse(body));
  if (!answer.success) throw new Error('its answer is none of the Prometheus API');
  const warnings = answer.data.warnings ?? [];
  if (warnings.some((warning) => !OF_THE_QUERY.test(warning))) throw new Error('its answer is not whole: a storage behind it could not be read');
  return { data: answer.data.data, warnings };
}

export function readSamples(data: unknown): readonly Sample[] {
  const read = Instant.safeParse(data);
  if (!read.success) throw new Error('its answer is neither a vector nor a scalar');
  if (read.data.resultType === 'scalar') return [{ labels: {}, ...pointOf(read.data.result) }];
  return read.data.result.map(({ metric, value }) => ({ labels: metric, ...pointOf(value) }));
}

export function readSeries(data: unknown): readonly Series[] {
  const read = Matrix.safeParse(data);
  if (!read.success) throw new Error('its answer is no matrix');
  return read.data.result.map(({ metric, values }): { labels: MetricLabels; points: Series['points'] } => ({ labels: metric, points: values.map(pointOf) }));
}

function pointOf([seconds, text]: readonly [number, string]): { readonly value: number; readonly atMs: number } {
  return { value: numberOf(text), atMs: Math.round(seconds * 1000) };
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text === 'NaN') return Number.NaN;
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new Error('a sample is not a number');
  return value;
}
