import { z } from 'zod';
import { cut } from '../model/cut.ts';
import { parseJson } from '../model/json.ts';
import { type FieldPath, type PositionOf, type Problem, problemAt, suggestion } from '../model/problem.ts';

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

/** What one kind of file calls its fields: `unknown setting` in a configuration, `unknown field` in a playbook. */
type Words = {
  readonly positionOf: PositionOf;
  readonly noun: string;
  /** Put before every path: the field that `value` is. */
  readonly base?: FieldPath;
};

type Issue = z.core.$ZodIssue;

/** Parses a value by a schema; what does not fit becomes one problem each, in words, at its place in the file. */
export function againstSchema<S extends z.ZodType>(schema: S, value: unknown, words: Words): Checked<z.output<S>> {
  const result = schema.safeParse(value, { error: carryNames });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => problemsOf({ issue, value, base: [], words }));
  return { ok: false, problems };
}

/** The message of an unknown key carries the names that are known beside it, as JSON, until the problem is worded. */
function carryNames(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys' || !(issue.inst instanceof z.ZodObject)) return undefined;
  return JSON.stringify(Object.keys(issue.inst.shape));
}

const nameList = z.array(z.string());

type Context = {
  readonly issue: Issue;
  readonly value: unknown;
  /** The path of the union that this issue was found inside. */
  readonly base: FieldPath;
  readonly words: Words;
};

function problemsOf({ issue, value, base, words }: Context): readonly Problem[] {
  const path: FieldPath = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  const put = (at: FieldPath, message: string, what: 'key' | 'value' = 'value'): Problem =>
    problemAt(words.positionOf, { path: [...(words.base ?? []), ...at], message, what });
  const found = valueAt(value, path);

  if (issue.code === 'unrecognized_keys') {
    const known = nameList.safeParse(parseJson(issue.message)).data ?? [];
    return issue.keys.map((key) => put([...path, key], `unknown ${words.noun}.${suggestion(key, unused(known, found))}`, 'key'));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return unionProblems({ issue, value, base: path, words });
  if (issue.code === 'invalid_key') return [put(path, `not a name that fits here: ${expectation(firstOf(issue.issues)) ?? 'expected another'}`, 'key')];
  const expected = expectation(issue) ?? issue.message;
  if (found === undefined) return [put(path, `missing, ${expected}`)];
  if (!expected.startsWith('expected') || expected.includes(', found ')) return [put(path, expected)];
  // What somebody wrote where a secret belongs is not repeated: problems go to logs.
  if (path.some((part) => /token|secret|password|key/i.test(String(part)))) return [put(path, expected)];
  return [put(path, `found ${describe(found)}, ${expected}${near(issue, found)}`)];
}

/** The alternative that was probably meant: the one whose own names fit best. */
function unionProblems({ issue, value, base, words }: Omit<Context, 'issue'> & { readonly issue: z.core.$ZodIssueInvalidUnion }): readonly Problem[] {
  const scored = issue.errors.map((issues) => ({ issues, score: issues.reduce((sum, one) => sum + misfit(one), 0) })).sort((a, b) => a.score - b.score);
  const [best, second] = scored;
  if (best === undefined) return [];
  if (best.score >= WRONG_KIND && issue.message.startsWith('expected')) {
    const absent = valueAt(value, base) === undefined ? 'missing, ' : '';
    return [problemAt(words.positionOf, { path: [...(words.base ?? []), ...base], message: `${absent}${issue.message}` })];
  }
  const missing = (issues: readonly Issue[]): readonly string[] =>
    issues.flatMap((one) => (one.path.length === 1 && valueAt(value, [...base, ...one.path.map(String)]) === undefined ? [String(one.path[0])] : []));
  const tied = scored.filter(({ score }) => Math.floor(score) === Math.floor(best.score));
  const put = (message: string): readonly Problem[] => [problemAt(words.positionOf, { path: [...(words.base ?? []), ...base], message })];
  if (second !== undefined && tied.length > 1) {
    const names = [...new Set(tied.flatMap(({ issues }) => missing(issues)))];
    if (names.length > 1) return put(`expected one of ${names.join(', ')}`);
    const extra = [
      ...new Set(tied.flatMap(({ issues }) => issues.flatMap((one) => (one.code === 'unrecognized_keys' && one.path.length === 0 ? one.keys : [])))),
    ];
    if (extra.length > 1) return put(`found ${extra.sort().join(' and ')} together, expected only one of them`);
    const expected = [...new Set(tied.flatMap(({ issues }) => issues.map(expectation)))].filter((text) => text !== undefined);
    if (expected.length > 0 && best.score >= WRONG_KIND)
      return put(`found ${describe(valueAt(value, base))}, ${expected.join(' or ').replaceAll(' or expected ', ' or ')}`);
  }
  return best.issues.flatMap((one) => problemsOf({ issue: one, value, base, words }));
}

/** The first plain issue: of a union, the first alternative's. */
function firstOf(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues;
  return first?.code === 'invalid_union' && first.errors.length > 0 ? firstOf(first.errors.flat()) : first;
}

const WRONG_KIND = 100;

function misfit(issue: Issue): number {
  if (issue.path.length > 1) return 0.01;
  if (issue.code === 'unrecognized_keys') return issue.path.length === 0 ? issue.keys.length : 0.01;
  return issue.path.length === 0 ? WRONG_KIND : 1;
}

const KINDS: { readonly [kind: string]: string } = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function expectation(issue: Issue | undefined): string | undefined {
  if (issue === undefined) return undefined;
  if (issue.message.startsWith('expected')) return issue.message;
  if (issue.code === 'invalid_type') return `expected ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `expected ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union') {
    const options: unknown = 'options' in issue ? issue.options : undefined;
    return Array.isArray(options) ? `expected one of ${options.map(String).join(', ')}` : 'expected something else here';
  }
  if (issue.code === 'too_small') return `expected at least ${issue.minimum}${countWord(issue.origin)}`;
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}${countWord(issue.origin)}`;
  if (issue.code === 'invalid_format' && issue.message.startsWith('Invalid')) return `expected ${FORMATS[issue.format] ?? `text of the form ${issue.format}`}`;
  return issue.message;
}

const FORMATS: { readonly [format: string]: string } = { url: 'an address such as https://salvor.example.com', email: 'an e-mail address' };

function countWord(origin: string): string {
  if (origin === 'array') return ' in the list';
  return origin === 'string' ? ' characters' : '';
}

function near(issue: Issue, found: unknown): string {
  const values =
    issue.code === 'invalid_value' ? issue.values : issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  const hint = typeof found === 'string' ? suggestion(found, values.map(String)) : '';
  return hint.startsWith(' Did') ? `.${hint}` : '';
}

function unused(known: readonly string[], beside: unknown): readonly string[] {
  return known.filter((name) => typeof beside !== 'object' || beside === null || !Object.hasOwn(beside, name));
}

function valueAt(value: unknown, path: FieldPath): unknown {
  let at = value;
  for (const part of path) at = typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined;
  return at;
}

/** A value as people name it, short. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'number' ? `${value}` : (JSON.stringify(value) ?? 'a function');
  return cut(text, 60);
}
