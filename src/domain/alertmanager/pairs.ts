import { sha256 } from '../../model/digest.ts';
import { type Labels, makeLabels } from '../../model/label.ts';
import { isRecord, ownValue } from './body.ts';
import { LIMITS } from './limits.ts';

export type Bounded = {
  readonly labels: Labels;
  /** How many names or values were cut, or left out. */
  readonly cut: number;
};

/** Never left out of a label set that is too large: routing and scope rest on them. */
const KEPT_FIRST: ReadonlySet<string> = new Set(['alertname', 'cluster', 'severity', 'namespace', 'node']);

/** Every label as it was sent: what the alert's identity is made of. Values that are no text are left out. */
export function allPairs(source: unknown): Labels {
  if (!isRecord(source)) return [];
  return makeLabels(
    Object.keys(source).flatMap((name) => {
      const value = ownValue(source, name);
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
}

/** The pairs as they are kept: not too many, none too long. What is cut ends in a piece of its hash, so that two long values stay two. */
export function boundPairs(pairs: Labels, valueLimit: number): Bounded {
  let cut = 0;
  const bound = (text: string, limit: number): string => {
    if (text.length <= limit) return text;
    cut += 1;
    return cutText(text, limit);
  };
  let kept = pairs;
  if (pairs.length > LIMITS.pairs) {
    const first = pairs.filter(([name]) => KEPT_FIRST.has(name));
    kept = [...first, ...pairs.filter(([name]) => !KEPT_FIRST.has(name)).slice(0, LIMITS.pairs - first.length)];
    cut += pairs.length - kept.length;
  }
  const labels = makeLabels(kept.map(([name, value]) => [bound(name, LIMITS.name), bound(value, valueLimit)]));
  return { labels, cut };
}

/** A text of at most `limit` units; where it was longer, its end is a piece of the hash of the whole. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const suffix = `…#${sha256(text).slice(0, 12)}`;
  const end = limit - suffix.length;
  // A surrogate pair is not cut in two.
  const splits = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return text.slice(0, splits ? end - 1 : end) + suffix;
}
