import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { VERBS } from '../../../src/port/verb.ts';
import { fill } from '../../../src/slack/line/fill.ts';
import { find } from '../../../src/slack/line/find.ts';
import { wordsOf } from '../../../src/slack/line/words.ts';
import { APP_SCOPE, neededScopes } from '../../../src/slack/rights.ts';

const paper = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'slack.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...paper.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text ?? '');

describe('docs/slack.md', () => {
  test('names every right that is asked for, and no other', () => {
    const named = [...paper.matchAll(/`([a-z_]+(?::[a-z]+)|commands)`/g)].map(([, scope = '']) => scope).filter((scope) => scope !== APP_SCOPE);
    expect(new Set(named)).toEqual(new Set(neededScopes()));
    expect(paper).toContain(APP_SCOPE);
  });

  test('shows configurations that are right', () => {
    const all = blocks('yaml');
    expect(all).toHaveLength(3);
    for (const text of all) expect(parseConfig(`clusters: [{ name: prod }]\n${text}`, { file: 'salvor.yaml' })).toMatchObject({ ok: true });
  });

  test('shows lines that are understood', () => {
    const lines = (blocks('text')[0] ?? '').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      const found = find(
        wordsOf(line.replace(/^\/dr ?/, ''), () => undefined),
        [
          { id: 'backup-run', command: 'backup run', aliases: [] },
          { id: 'restore-namespace', command: 'restore namespace', aliases: ['restore'] },
        ],
      );
      expect(found.kind, line).not.toBe('nothing');
      if (found.kind === 'verb' && found.verb.name in VERBS) expect(fill(found.verb, found.rest), line).toMatchObject({ ok: true });
    }
  });
});
