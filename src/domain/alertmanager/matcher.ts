import { RE2JS } from 're2js';
import { errorText } from '../../model/error.ts';
import { type Labels, label } from '../../model/label.ts';
import { type MatcherText, readMatcher } from './matcher-syntax.ts';

/** One condition on a label set, ready to be asked. */
export type Matcher = MatcherText & {
  /** Whether a value of the label fits; a label that is missing counts as the empty text. */
  readonly accepts: (value: string) => boolean;
};

/** Reads a matcher as Alertmanager does: fully anchored, and in linear time whatever the pattern. */
export function parseMatcher(text: string): Matcher | { readonly error: string } {
  const read = readMatcher(text);
  if ('error' in read) return { error: read.error };
  const { op, value } = read;
  if (op === '=') return { ...read, accepts: (found) => found === value };
  if (op === '!=') return { ...read, accepts: (found) => found !== value };
  const pattern = fullMatch(value);
  if ('error' in pattern) return pattern;
  return { ...read, accepts: op === '=~' ? pattern.matches : (found) => !pattern.matches(found) };
}

export function matches(matcher: Matcher, labels: Labels): boolean {
  return matcher.accepts(label(labels, matcher.name) ?? '');
}

/** `alertname=~"A|B"`, as Alertmanager writes it. */
export function matcherText(matcher: MatcherText): string {
  const name = /^[A-Za-z_][\w]*$/.test(matcher.name) ? matcher.name : JSON.stringify(matcher.name);
  return `${name}${matcher.op}${JSON.stringify(matcher.value)}`;
}

type Pattern = { readonly matches: (text: string) => boolean };

/** Names joined by `|` are by far the most patterns; a set answers them in no time, which a storm of alerts notices. */
function fullMatch(source: string): Pattern | { readonly error: string } {
  if (/^[\w :/@-]+(\|[\w :/@-]+)*$/.test(source)) {
    const names = new Set(source.split('|'));
    return { matches: (text) => names.has(text) };
  }
  try {
    const pattern = RE2JS.compile(source);
    return { matches: (text) => pattern.matches(text) };
  } catch (error) {
    return { error: `the pattern ${JSON.stringify(source)} cannot be used: ${why(source, error)}` };
  }
}

function why(source: string, error: unknown): string {
  if (/\(\?<?[=!]/.test(source)) return 'it looks ahead or behind, which patterns of Alertmanager cannot. Use a second matcher with !~ instead';
  if (/\\[1-9]/.test(source)) return 'it refers back to a group, which patterns of Alertmanager cannot';
  const words = errorText(error).replace(/^error parsing regexp: /, '');
  return words.startsWith('invalid repeat count') ? `${words}: at most 1000, the smaller number first` : words;
}
