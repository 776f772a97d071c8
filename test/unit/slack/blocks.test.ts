import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import type { ChatMessage } from '../../../src/port/chat.ts';
import { blocksOf } from '../../../src/slack/blocks/message.ts';
import { checkBlocks, MOST_BLOCK_TEXT, MOST_MESSAGE_BLOCKS, textLength } from '../../../src/world/slack/blocks/check.ts';

const SITE = 'https://salvor.example.com';
/** What only we may write: times, links to our own console, and the channel of the incident. */
const OURS = /<!date\^\d+\^\{(?:time|date_short_pretty\} \{time)\}\|[^<>]*>|<https:\/\/salvor\.example\.com\/[^<>|\s]*\|(?:Console|Report)>|<#[CG][A-Z0-9]+>/g;

const HOSTILE = [
  '<!channel> <@U0ANA> <!here|x>',
  '<https://evil.example.test|Approve>',
  '``` end ```',
  '\u202Egnp.exe\u202C \u200Bx\u2066y',
  '\uD83D',
  '*bold* _it_ ~gone~ > quote',
  '&lt;!channel&gt; &amp;',
  '<!date^1^{date}|x>',
  'javascript:alert(1) file:///etc/passwd http://169.254.169.254/',
  '👩‍🚒'.repeat(300),
  '&'.repeat(4000),
  'x'.repeat(1_000_000),
  '',
];
const text = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...HOSTILE) }, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
const texts = fc.array(text, { maxLength: 12 });
const line = fc.record({ key: fc.constant('incident/a/entry/1'), title: text, lines: texts, atMs: fc.oneof(fc.nat(), fc.constant(9e18)) });
const step = fc.record({
  step: text,
  summary: text,
  cluster: text,
  risk: text,
  back: text,
  diff: texts,
  changes: fc.nat(),
  told: texts,
});
const asked = fc.record({
  summary: text,
  risk: fc.constantFrom('read', 'reversible', 'destructive'),
  steps: fc.array(step, { maxLength: 20 }),
  moreSteps: fc.nat(3),
  policy: text,
  expiresMs: fc.nat(),
  typed: fc.boolean(),
  changed: texts,
  held: text,
});
const votes = fc.array(fc.record({ by: text, surface: text, atMs: fc.nat() }), { maxLength: 40 });
const over = fc.option(fc.record({ how: fc.constantFrom('approved', 'rejected', 'expired', 'replaced', 'void', 'ended'), text, atMs: fc.nat() }), {
  nil: undefined,
});
const held = fc.option(fc.record({ by: text, reason: text, atMs: fc.nat() }), { nil: undefined });
const base = { thread: fc.constant('incident/backup-failed~1'), links: fc.constant([]) };

const messages: fc.Arbitrary<ChatMessage> = fc.oneof(
  fc
    .tuple(line, fc.record({ ...base, kind: fc.constant('timeline' as const), more: fc.array(line, { maxLength: 20 }) }))
    .map(([one, rest]) => ({ ...one, ...rest })),
  fc
    .tuple(line, fc.record({ ...base, kind: fc.constant('report' as const), table: fc.array(fc.tuple(text, text), { maxLength: 14 }) }))
    .map(([one, rest]) => ({ ...one, ...rest })),
  fc
    .tuple(
      line,
      fc.record({ ...base, kind: fc.constant('card' as const) }),
      fc.record({
        severity: fc.constantFrom('SEV1' as const, 'SEV2' as const, 'SEV3' as const),
        state: fc.constantFrom('open' as const, 'mitigated' as const, 'closed' as const),
        title: text,
        cluster: text,
        sinceMs: fc.nat(),
        updatedMs: fc.nat(),
        lead: text,
        communications: text,
        channel: fc.oneof(fc.constant('C0INC'), text),
        firing: fc.nat(),
        openRuns: fc.nat(),
        runs: fc.nat(),
        notices: texts,
        latest: texts,
      }),
    )
    .map(([one, rest, card]) => ({ ...one, ...rest, card })),
  fc
    .tuple(
      line,
      fc.record({ ...base, kind: fc.constant('update' as const) }),
      fc.record({
        severity: fc.constantFrom('SEV1' as const, 'SEV3' as const),
        state: fc.constantFrom('open' as const, 'closed' as const),
        title: text,
        cluster: text,
        openedMs: fc.nat(),
        sinceMs: fc.nat(),
        communications: text,
        said: fc.record({ text, by: text, atMs: fc.nat() }),
      }),
    )
    .map(([one, rest, update]) => ({ ...one, ...rest, update })),
  fc.tuple(line, fc.record({ ...base, kind: fc.constant('approval' as const) }), asked, votes, held, over).map(([one, rest, what, by, keeps, done]) => ({
    ...one,
    ...rest,
    approval: {
      run: `run/${'a'.repeat(64)}-1`,
      plan: 'b'.repeat(64),
      asked: what,
      votes: by,
      ...(keeps === undefined ? {} : { held: keeps }),
      ...(done === undefined ? {} : { over: done }),
    },
  })),
  fc.tuple(line, fc.record({ ...base, kind: fc.constantFrom('card' as const, 'approval' as const) })).map(([one, rest]) => ({ ...one, ...rest })),
);

const jsonOf = (message: ChatMessage): { readonly text: string; readonly blocks: readonly JsonObject[] } =>
  JSON.parse(JSON.stringify(blocksOf(message, { site: SITE })));

test('a line that calls people notifies those of them whom Slack knows, and whatever a name or an id is, nobody else', () => {
  const ids: { readonly [name: string]: string } = { ana: 'U0ANA', ben: 'W0BEN', mallory: '!channel', eve: 'U1>everybody' };
  const idOf = (name: string): string | undefined => ids[name];
  const calls = ['ana', 'ben', 'cleo', 'mallory', 'eve', '<!here>'];
  const one = { key: 'a', title: 'Still waiting <!channel>', lines: [], calls };
  const message: ChatMessage = { ...one, thread: 'incident/a', kind: 'timeline', more: [{ ...one, key: 'b', calls: ['ben'] }] };
  const shown = textsOf(JSON.parse(JSON.stringify(blocksOf(message, { site: undefined, idOf }).blocks))).join('\n');
  expect(shown.match(/<[^>]*>/g)).toEqual(['<@U0ANA>', '<@W0BEN>', '<@W0BEN>']);
  expect(JSON.stringify(blocksOf(message, { site: undefined }))).not.toContain('<@');
});

test('whatever a message says, Slack takes it, nobody is pinged, and nothing is a link but to our console', { timeout: 60_000 }, () => {
  let ids = 0;
  fc.assert(
    fc.property(messages, (message) => {
      const { text: said, blocks } = jsonOf(message);
      const checked = checkBlocks(blocks, { most: MOST_MESSAGE_BLOCKS, make: () => `b${(ids += 1)}` });
      expect(checked).toMatchObject({ ok: true });
      expect(textLength(blocks)).toBeLessThanOrEqual(MOST_BLOCK_TEXT);
      expect(said.length).toBeLessThanOrEqual(4000);
      expect(said).not.toBe('');
      for (const shown of [said, ...textsOf(blocks)]) {
        expect(shown.replaceAll(OURS, '')).not.toMatch(/[<>]/);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\u200B-\u200F\u202A-\u202E\u2066-\u2069]/);
        expect(shown.split('```').length % 2).toBe(1);
      }
    }),
    { numRuns: 150 },
  );
});

/** Every text of a message's blocks. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => (name === 'text' && typeof one === 'string' ? [one] : textsOf(one)));
}
