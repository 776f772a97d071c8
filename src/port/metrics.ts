import type { MetricLabels, Sample, Series, Span } from './kube.ts';

/**
 * A cluster's Prometheus, read only. The text of a query is ours and fixed; `labels` take the place of `$labels` in it as quoted matchers.
 * Throws `metrics.unavailable` where there is no whole answer: what could not be asked is never an absent series.
 */
export interface Metrics {
  /** An instant query, for now. */
  query(text: string, labels?: MetricLabels): Promise<readonly Sample[]>;
  /** A range query. Where a series has no value, it has no point. */
  range(text: string, span: Span, labels?: MetricLabels): Promise<readonly Series[]>;
}
