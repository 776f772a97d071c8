import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Sample } from '../port/kube.ts';
import type { Metrics } from '../port/metrics.ts';

export type PrometheusOptions = {
  /** The base URL, with a path where a proxy adds one. */
  readonly url: string;
  /** A function is asked before each query, so a token may rotate. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  readonly clock: Clock;
  readonly deadlineMs?: number;
};

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const PLACEHOLDER = '$labels';
const DEADLINE_MS = 10_000;
const LARGEST_ANSWER_BYTES = 16 * 1024 * 1024;

const Point = z.tuple([z.number(), z.string()]);
const Answer = z.looseObject({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.looseObject({ resultType: z.literal('vector'), result: z.array(z.looseObject({ metric: z.record(z.string(), z.string()), value: Point })) }),
    z.looseObject({ resultType: z.literal('scalar'), result: Point }),
  ]),
});

/** A cluster's Prometheus (or Thanos, Mimir, VictoriaMetrics): instant queries over its HTTP API. Every failure is `metrics.unavailable`. */
export function prometheusMetrics({ url, token, clock, deadlineMs = DEADLINE_MS }: PrometheusOptions): Metrics {
  return {
    async query(text, labels = {}) {
      const promql = putLabels(text, labels);
      const startedMs = clock.monotonicMs();
      try {
        const bearer = typeof token === 'function' ? await token() : token;
        const target = new URL(`${url.replace(/\/+$/, '')}/api/v1/query`);
        target.searchParams.set('query', promql);
        // Thanos would answer with what it has; an absent series must not read as a no.
        target.searchParams.set('partial_response', 'false');
        const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer.trim()}` };
        const response = await fetch(target, { headers, redirect: 'error', signal: AbortSignal.timeout(deadlineMs) });
        const body = await boundedText(response);
        if (!response.ok) throw new Error(`it answered ${response.status}`);
        return samples(body);
      } catch (error) {
        const why = error instanceof Error && error.name === 'TimeoutError' ? 'it did not answer in time' : reasonOf(error);
        throw new SalvorError('metrics.unavailable', `Prometheus cannot be asked: ${why}`, {
          retry: 'later',
          details: { durationMs: Math.round(clock.monotonicMs() - startedMs) },
        });
      }
    },
  };
}

/**
 * The query with `name="value"` matchers in the place of `$labels`, which stands between braces beside other matchers or alone.
 * Values are data: they are quoted, never read as PromQL. Labels without a place would widen the query without a word, so they are refused.
 */
export function putLabels(text: string, labels: { readonly [name: string]: string }): string {
  const matchers = Object.entries(labels).map(([name, value]) => {
    if (!LABEL_NAME.test(name) || name.startsWith('__'))
      throw new SalvorError('metrics.unavailable', `"${name.slice(0, 100)}" is not a label that a query may match`);
    return `${name}=${quote(value)}`;
  });
  const parts = text.split(PLACEHOLDER);
  if (parts.length === 1) {
    if (matchers.length > 0) throw new SalvorError('metrics.unavailable', `the query has no ${PLACEHOLDER} for its labels`);
    return text;
  }
  if (matchers.length > 0) return parts.join(matchers.join(','));
  // Without labels a comma after the placeholder would stand alone; one before it may stay.
  return parts.map((part, at) => (at === 0 ? part : part.replace(/^\s*,/, ''))).join('');
}

/** A PromQL string: Go's escapes, which JSON's are a part of once the text is well formed. */
function quote(value: string): string {
  return JSON.stringify(value.toWellFormed());
}

function samples(body: string): readonly Sample[] {
  const answer = Answer.safeParse(JSON.parse(body));
  if (!answer.success) throw new Error('its answer is neither a vector nor a scalar');
  const { data } = answer.data;
  if (data.resultType === 'scalar') return [sample({}, data.result)];
  return data.result.map(({ metric, value }) => sample(metric, value));
}

function sample(labels: { readonly [name: string]: string }, [seconds, text]: readonly [number, string]): Sample {
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : text === 'NaN' ? Number.NaN : numberOf(text);
  return { labels, value, atMs: Math.round(seconds * 1000) };
}

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new Error('a sample is not a number');
  return value;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > LARGEST_ANSWER_BYTES) throw new Error('its answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Our own words, or the system's code of a broken connection; never a foreign text with the query in it. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'its answer is not JSON';
  if (!(error instanceof Error)) return 'it failed';
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : 'the connection broke';
  return error.message;
}
