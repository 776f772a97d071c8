import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configurationPage, handlersPage, playbooksPage } from '../../../scripts/docs-pages.ts';
import { loadSite, NOTHING_OWN } from '../../../src/config.ts';
import { problemText } from '../../../src/model/problem.ts';

const docs = join(import.meta.dirname, '../../../docs');
const site = await loadSite(NOTHING_OWN);

test('the shipped playbooks and actions have no problem', () => {
  expect(site.problems.map(problemText)).toEqual([]);
  expect(site.playbooks.length).toBeGreaterThan(0);
});

describe('the committed page', () => {
  test.each([
    ['playbooks.md', () => playbooksPage(site)],
    ['handlers.md', () => handlersPage(site)],
    ['configuration.md', () => configurationPage()],
  ])('%s is what node scripts/generate-docs.ts makes', (name, page) => {
    expect(page() === readFileSync(join(docs, name), 'utf8'), `docs/${name} is old: run node scripts/generate-docs.ts`).toBe(true);
  });
});

test('every setting of the configuration says what it is', () => {
  // The two fields of a need are described where it is used.
  const bare = configurationPage()
    .split('\n')
    .filter((line) => line.startsWith('| `') && line.endsWith('|  |') && !line.includes('.need[]'));
  expect(bare).toEqual([]);
  expect(configurationPage()).toContain('| `clusters[].alertmanager.repeatInterval` | text | `"4h"` |');
});
