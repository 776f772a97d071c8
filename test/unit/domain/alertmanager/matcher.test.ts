import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Matcher, matcherText, matches, parseMatcher } from '../../../../src/domain/alertmanager/matcher.ts';
import { makeLabels } from '../../../../src/model/label.ts';
import { processorMs } from '../../../processor-time.ts';

function matcher(text: string): Matcher {
  const read = parseMatcher(text);
  if ('error' in read) throw new Error(read.error);
  return read;
}

function problem(text: string): string {
  const read = parseMatcher(text);
  return 'error' in read ? read.error : `no problem: ${matcherText(read)}`;
}

const parts = (text: string): readonly string[] => {
  const { name, op, value } = matcher(text);
  return [name, op, value];
};

describe('a matcher is read as Alertmanager reads it', () => {
  test.each([
    ['foo=bar', ['foo', '=', 'bar']],
    ['{foo=bar}', ['foo', '=', 'bar']],
    ['{foo=bar,}', ['foo', '=', 'bar']],
    ['foo=bar,', ['foo', '=', 'bar']],
    ['  foo  !=  "bar"  ', ['foo', '!=', 'bar']],
    ['foo=~[a-z]+', ['foo', '=~', '[a-z]+']],
    ['foo!~"[a-z]+"', ['foo', '!~', '[a-z]+']],
    ['alertname =~ "KubeNodeNotReady|NodeNotReady"', ['alertname', '=~', 'KubeNodeNotReady|NodeNotReady']],
    ['foo=""', ['foo', '=', '']],
    ['foo=', ['foo', '=', '']],
    ['foo=🙂bar', ['foo', '=', '🙂bar']],
    ['"app.kubernetes.io/name" = velero', ['app.kubernetes.io/name', '=', 'velero']],
    ['app.kubernetes.io/name=velero', ['app.kubernetes.io/name', '=', 'velero']],
    ['имя-расписания="ежедневно"', ['имя-расписания', '=', 'ежедневно']],
    ['"__proto__"=x', ['__proto__', '=', 'x']],
    ['foo="a\\"b"', ['foo', '=', 'a"b']],
    ['foo="a\\nb"', ['foo', '=', 'a\nb']],
    ['foo="a\\\\b"', ['foo', '=', 'a\\b']],
    ['"foo bar"="\\u0041\\x42\\103"', ['foo bar', '=', 'ABC']],
    ['"foo bar"="\\xf0\\x9f\\x99\\x82"', ['foo bar', '=', '🙂']],
    // The classic grammar: a lone backslash is itself, and a plain value may hold what the newer one reserves.
    ['node=~"worker-\\d+"', ['node', '=~', 'worker-\\d+']],
    ['node=~worker-\\d+', ['node', '=~', 'worker-\\d+']],
    ['node=~worker-[0-9]{2}', ['node', '=~', 'worker-[0-9]{2}']],
    ['foo="a\\tb"', ['foo', '=', 'a\\tb']],
    ['foo=a b', ['foo', '=', 'a b']],
  ])('%s', (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });

  test.each([
    ['', 'column 1: found the end, expected a label name'],
    ['{}', 'column 2: found "}", expected a label name'],
    ['=bar', 'column 1: found "=", expected a label name'],
    ['foo', 'column 4: found the end, expected an operator: =, !=, =~ or !~'],
    ['foo ? bar', 'column 5: found "?", expected an operator: =, !=, =~ or !~'],
    ['foo == bar', 'column 6: found "=", expected a value'],
    ['foo-bar="x', 'column 9: the quote that opens here is never closed'],
    ['foo="x" y', 'column 9: found "y", expected the end of the matcher'],
    ['{foo=bar', 'column 9: found the end, expected a closing brace'],
    ['foo=a,bar=b', 'column 7: found "b", expected only one matcher'],
    ['{foo=a,bar=b}', 'column 8: found "b", expected only one matcher'],
    ['"foo bar"="\\xf0\\x9f"', 'column 11: the quoted text holds an escape that is not known, or no valid UTF-8'],
    ['"foo bar"="\\w"', 'column 11: the quoted text holds an escape that is not known'],
    ['""=x', 'column 1: the label name is empty'],
  ])('%s is refused with the place and what is expected', (text, words) => {
    expect(problem(text)).toContain(words);
  });

  test.each([
    ['node=~"(?=x)a"', 'looks ahead or behind'],
    ['node=~"(?<!x)a"', 'looks ahead or behind'],
    ['node=~"(a)\\\\1"', 'refers back to a group'],
    ['node=~"a{1001}"', 'at most 1000'],
    ['node=~"["', 'missing closing ]'],
    ['node=~"a)(b"', 'unexpected )'],
  ])('the pattern %s is refused in words', (text, words) => {
    expect(problem(text)).toContain(words);
  });
});

describe('a matcher asks a label set', () => {
  const labels = makeLabels([
    ['alertname', 'KubeNodeNotReady'],
    ['node', 'worker-1'],
    ['text', 'a\nb'],
    ['__proto__', 'polluted'],
  ]);

  test.each([
    ['alertname=KubeNodeNotReady', true],
    ['alertname=KubeNode', false],
    ['alertname!=KubeNode', true],
    ['alertname=~"KubeNode"', false],
    ['alertname=~"KubeNode.*"', true],
    ['alertname=~"A|KubeNodeNotReady"', true],
    ['alertname=~"KubeNodeNotReady|"', true],
    ['alertname!~"A|B"', true],
    ['node=~"worker-[0-9]"', true],
    ['node=~"a|worker-1"', true],
    ['missing=""', true],
    ['missing=~".*"', true],
    ['missing=~".+"', false],
    ['missing!="x"', true],
    ['text=~"a.b"', false],
    ['text=~"(?s)a.b"', true],
    ['"__proto__"="polluted"', true],
    ['"constructor"=""', true],
  ])('%s: %s', (text, expected) => {
    expect(matches(matcher(text), labels)).toBe(expected);
  });

  test('in linear time, also for a pattern that others need hours for', () => {
    const nasty = matcher('text=~"^(a+)+$"');
    expect(processorMs(() => expect(nasty.accepts(`${'a'.repeat(5000)}b`)).toBe(false))).toBeLessThan(1000);
  });
});

test('whatever the names and values, a matcher that is written can be read again', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((one) => one.isWellFormed());
  fc.assert(
    fc.property(
      text.filter((name) => name !== ''),
      text,
      fc.constantFrom('=' as const, '!=' as const),
      (name, value, op) => {
        const written = matcherText({ name, op, value });
        const read = parseMatcher(written);
        // Control characters that JSON writes in its own way are the one thing the classic grammar reads otherwise.
        if (/\p{Cc}/u.test(name + value)) return;
        expect(read).toMatchObject({ name, op, value });
      },
    ),
  );
});

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', '=', '!', '~', ',', '"', '\\', 'x', '[', '(', ' ', '\n', '1', 'é', '🙂') }), (text) => {
      expect(typeof parseMatcher(text)).toBe('object');
    }),
  );
});

test('a matcher with a sea of spaces is read in no time', () => {
  expect(processorMs(() => parseMatcher(`a=${' '.repeat(200_000)}x\\y`))).toBeLessThan(1000);
});
