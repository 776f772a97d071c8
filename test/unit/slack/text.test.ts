import fc from 'fast-check';
import { expect, test } from 'vitest';
import { code, codeBlock, date, escapedLine, escapeText, mrkdwn, plainBlock, plainText } from '../../../src/slack/text.ts';

/** What Slack reads as a mention or a link, whatever stands around it. */
const CONTROL = /<[^>]*>/;
/** Every sign of Slack's own is an escape. */
const BARE = /[<>]|&(?!amp;|lt;|gt;)/;

const HOSTILE = [
  '<!channel> <@U1>',
  '<https://evil.example.test|Approve>',
  '``` *bold* ```',
  'a\u202Eb\u200Bc',
  '\uD83D alone',
  '&lt;!here&gt;',
  '👩‍🚒'.repeat(40),
  'x'.repeat(5000),
];

const hostile = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }), fc.string()), { maxLength: 6 }).map((parts) => parts.join(' '));

test('mentions and links in text from outside are shown as they are written', () => {
  expect(escapeText('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
  expect(escapedLine('<https://evil.example.test|Approve>', 100)).toBe('&lt;https://evil.example.test|Approve&gt;');
  expect(plainText('R&D <!channel>', 100)).toBe('R&D ‹!channel›');
  expect(mrkdwn('*loud* ~gone~ _soft_ a_b `code`', 100)).toBe('∗loud∗ ∼gone∼ ˍsoftˍ a_b ˋcodeˋ');
});

test('nothing leaves the code that it is in', () => {
  expect(code('a`b', 20)).toBe('`aˋb`');
  expect(codeBlock(['```', 'rm ``` <!here>'], 100)).toBe('```\nˋˋˋ\nrm ˋˋˋ &lt;!here&gt;\n```');
  expect(code('\u200B', 20)).toBe('');
});

test('whatever is written, the text fits, pings nobody, links nowhere, and is cut between characters', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 12, max: 300 }), (text, limit) => {
      for (const made of [escapedLine(text, limit), mrkdwn(text, limit), code(text, limit), codeBlock([text, text], limit), plainBlock([text, text], limit)]) {
        expect(made.length).toBeLessThanOrEqual(limit);
        expect(made).not.toMatch(CONTROL);
        expect(made).not.toMatch(BARE);
        expect(made.isWellFormed()).toBe(true);
        expect(made).not.toMatch(/[\u200B-\u200F\u202A-\u202E\u2066-\u2069]/);
      }
      expect(plainText(text, limit)).not.toMatch(/[<>]/);
      expect(plainText(text, limit).length).toBeLessThanOrEqual(limit);
      expect(code(text, limit).slice(1, -1)).not.toContain('`');
      expect(codeBlock([text], limit).slice(3, -3)).not.toContain('```');
    }),
    { numRuns: 300 },
  );
});

test('a time is shown by each reader’s own clock; a clock that is broken is a number', () => {
  expect(date(Date.UTC(2026, 10, 21, 3, 4, 5))).toBe('<!date^1795230245^{time}|03:04 UTC>');
  expect(date(Date.UTC(2026, 10, 21, 3, 4, 5), 'date and time')).toBe('<!date^1795230245^{date_short_pretty} {time}|2026-11-21 03:04 UTC>');
  expect(date(9e18)).toBe('9000000000000000000 ms');
});
