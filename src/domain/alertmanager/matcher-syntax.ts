/**
 * The text of one Alertmanager matcher, taken apart: `label operator value`.
 *
 * Alertmanager reads a matcher by two grammars, and so does this: the newer one (any UTF-8 name, quoted as in Go) and the classic
 * one (a plain name, a value in which a lone backslash is itself). Where both can read a text and differ, the classic one counts.
 * Source  Alertmanager documentation, "Matchers" and "UTF-8 matchers parser".
 */
export type Operator = '=' | '!=' | '=~' | '!~';
export type MatcherText = { readonly name: string; readonly op: Operator; readonly value: string };
/** `column` counts from 1, in characters. */
export type SyntaxError = { readonly error: string; readonly column: number };

const OPERATORS = ['=~', '!~', '!=', '='] as const;
const RESERVED = /[\s{}!=~,\\"'`]/u;
const EXPECTED_OPERATOR = 'an operator: =, !=, =~ or !~';

export function readMatcher(text: string): MatcherText | SyntaxError {
  const modern = readModern(text);
  const classic = readClassic(text);
  // Only a backslash means another thing to the two.
  if (classic === undefined || (!('error' in modern) && !text.includes('\\'))) return modern;
  if ('error' in modern && modern.error.includes('one matcher')) return modern;
  return classic;
}

/** `name op value`, each part plain or in double quotes, in braces or not. */
function readModern(text: string): MatcherText | SyntaxError {
  const scanner = scan(text);
  const inBraces = scanner.take('{');
  const name = scanner.word('a label name');
  if ('error' in name) return name;
  const op = OPERATORS.find((operator) => scanner.take(operator));
  if (op === undefined) return scanner.expected(EXPECTED_OPERATOR);
  const value = scanner.word('a value');
  if ('error' in value) return value;
  const comma = scanner.take(',');
  if (inBraces && !scanner.take('}'))
    return comma ? scanner.expected('only one matcher; write each as an entry of its own') : scanner.expected('a closing brace');
  if (!scanner.atEnd()) return scanner.expected(comma || scanner.sees(',') ? 'only one matcher; write each as an entry of its own' : 'the end of the matcher');
  if (name.word === '') return { error: 'column 1: the label name is empty', column: 1 };
  return { name: name.word, op, value: value.word };
}

/** A plain name; the rest is the value, with or without quotes. Undefined where the text is not of this form. */
function readClassic(text: string): MatcherText | undefined {
  const parts = /^\s*([A-Za-z_:][\w:]*)\s*(=~|!~|!=|=)([^]*)$/.exec(text);
  const [, name, sign, rest] = parts ?? [];
  const op = OPERATORS.find((operator) => operator === sign);
  if (name === undefined || op === undefined || rest === undefined) return undefined;
  const raw = rest.trim();
  const isQuoted = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"');
  // Alertmanager would take `a == b` as the value `= b`; nobody means that.
  if (!isQuoted && /^[=~!]/.test(raw)) return undefined;
  const value = unescapeClassic(isQuoted ? raw.slice(1, -1) : raw);
  return value === undefined ? undefined : { name, op, value };
}

function unescapeClassic(raw: string): string | undefined {
  let value = '';
  for (let at = 0; at < raw.length; at += 1) {
    const char = raw.charAt(at);
    if (char === '"') return undefined;
    const next = raw.charAt(at + 1);
    const escaped = char === '\\' ? CLASSIC_ESCAPES.get(next) : undefined;
    value += escaped ?? char;
    if (escaped !== undefined) at += 1;
  }
  return value;
}

const CLASSIC_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['"', '"'],
  ['\\', '\\'],
]);

type Scanner = {
  /** Steps over `what` where it comes next. */
  readonly take: (what: string) => boolean;
  readonly sees: (what: string) => boolean;
  readonly atEnd: () => boolean;
  /** A name or a value. */
  readonly word: (what: string) => { readonly word: string } | SyntaxError;
  /** What is wrong here: what was found, and what would be right. */
  readonly expected: (what: string) => SyntaxError;
};

/** Walks one text from left to right, by whole characters. */
function scan(text: string): Scanner {
  const chars = Array.from(text);
  let at = 0;
  const skipSpace = (): void => {
    while (/\s/u.test(chars[at] ?? '')) at += 1;
  };
  const sees = (what: string): boolean => {
    skipSpace();
    return chars.slice(at, at + what.length).join('') === what;
  };
  const atEnd = (): boolean => {
    skipSpace();
    return at >= chars.length;
  };
  const expected = (what: string): SyntaxError => {
    const found = atEnd() ? 'the end' : JSON.stringify(chars[at]);
    return { error: `column ${at + 1}: found ${found}, expected ${what}`, column: at + 1 };
  };
  const quoted = (): { readonly word: string } | SyntaxError => {
    const from = at;
    at += 1;
    while (at < chars.length && chars[at] !== '"') at += chars[at] === '\\' ? 2 : 1;
    if (at >= chars.length) return { error: `column ${from + 1}: the quote that opens here is never closed`, column: from + 1 };
    at += 1;
    const word = unescapeModern(chars.slice(from + 1, at - 1).join(''));
    return word === undefined
      ? { error: `column ${from + 1}: the quoted text holds an escape that is not known, or no valid UTF-8`, column: from + 1 }
      : { word };
  };
  return {
    sees,
    atEnd,
    expected,
    take(what) {
      const found = sees(what);
      if (found) at += what.length;
      return found;
    },
    word(what) {
      if (sees('"')) return quoted();
      const from = at;
      while (at < chars.length && !RESERVED.test(chars[at] ?? '')) at += 1;
      return at === from ? expected(what) : { word: chars.slice(from, at).join('') };
    },
  };
}

const SIMPLE_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
]);

/** Escapes as in a Go string; `\x` and octal ones are bytes, which together must be UTF-8. */
function unescapeModern(raw: string): string | undefined {
  const bytes: Buffer[] = [];
  let good = !raw.includes('\n');
  const rest = raw.replaceAll(
    /\\(?:x([\da-fA-F]{2})|([0-3][0-7]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]?))|[^\\]+/g,
    (all: string, ...groups: readonly unknown[]) => {
      const [hex, octal, short, long, simple] = groups.map((group) => (typeof group === 'string' ? group : undefined));
      if (hex !== undefined) bytes.push(Buffer.from(hex, 'hex'));
      else if (octal !== undefined) bytes.push(Buffer.from([Number.parseInt(octal, 8)]));
      else if (short !== undefined || long !== undefined) {
        const point = Number.parseInt(short ?? long ?? '', 16);
        if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) good = false;
        else bytes.push(Buffer.from(String.fromCodePoint(point)));
      } else if (all.startsWith('\\')) {
        const plain = SIMPLE_ESCAPES.get(simple ?? '');
        if (plain === undefined) good = false;
        else bytes.push(Buffer.from(plain));
      } else bytes.push(Buffer.from(all));
      return '';
    },
  );
  if (!good || rest !== '') return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes));
  } catch {
    return undefined;
  }
}
