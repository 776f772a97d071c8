import { SalvorError } from '../../model/error.ts';
import type { MetricLabels } from '../../port/kube.ts';

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const PLACEHOLDER = '$labels';

/**
 * The query with `name="value"` matchers in the place of `$labels`, which stands between braces beside other matchers or alone.
 * Values are data: they are quoted, never read as PromQL. Labels without a place would widen the query without a word, so they are refused.
 */
export function putLabels(text: string, labels: MetricLabels): string {
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
