import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordsOf } from '../../../../src/slack/line/words.ts';

const nameOf = (id: string): string | undefined => (id === 'U0ANA' ? 'ana' : undefined);
const texts = (line: string): readonly string[] => wordsOf(line, nameOf).map(({ text }) => text);

describe('the words of a line', () => {
  test('are split at white space of any kind', () => {
    expect(texts('  backup\u00a0run \t daily\n')).toEqual(['backup', 'run', 'daily']);
    expect(texts('')).toEqual([]);
  });

  test('stay together in quotation marks, straight or as telephones make them', () => {
    expect(texts('reject 3f9a01c2 "no room"')).toEqual(['reject', '3f9a01c2', 'no room']);
    expect(texts('reject 3f9a01c2 “no room” now')).toEqual(['reject', '3f9a01c2', 'no room', 'now']);
    expect(texts("pause reason='storage move' --for 2h")).toEqual(['pause', 'reason=storage move', '--for', '2h']);
  });

  test('keep an apostrophe that is no quotation mark, and one that nothing closes', () => {
    expect(texts("note 70ee629d the vendor's gone")).toEqual(['note', '70ee629d', 'the', "vendor's", 'gone']);
    expect(texts('note 70ee629d "open')).toEqual(['note', '70ee629d', '"open']);
  });

  test('a quoted word is never an option', () => {
    expect(wordsOf('note 70ee629d "--for"', nameOf)[2]).toEqual({ text: '--for', quoted: true });
  });

  test('people become their names here; whom nobody knows stays what was typed', () => {
    expect(texts('lead 70ee629d <@U0ANA|ana.b>')).toEqual(['lead', '70ee629d', 'ana']);
    expect(texts('lead 70ee629d <@U0BEN|ben>')).toEqual(['lead', '70ee629d', '@ben']);
  });

  test('channels, groups and links become the words that were typed, and ping nobody', () => {
    expect(texts('note 70ee629d see <#C01|ops> <!subteam^S01|@sre> <!channel> <https://example.com/a|example.com/a>')).toEqual([
      'note',
      '70ee629d',
      'see',
      'ops',
      '@sre',
      '@channel',
      'example.com/a',
    ]);
  });

  test('what Slack escapes is undone once', () => {
    expect(texts('note 70ee629d a&lt;b &amp;amp; &amp;lt;')).toEqual(['note', '70ee629d', 'a<b', '&amp;', '&lt;']);
  });

  test('any text at all is read, and no word is empty unless somebody quoted nothing', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (line) => {
        for (const { text, quoted } of wordsOf(line, nameOf)) expect(quoted || text.length > 0).toBe(true);
      }),
    );
  });
});
