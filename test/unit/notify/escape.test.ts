import { expect, test } from 'vitest';
import { escapeHtml, escapeMarkdown } from '../../../src/notify/escape.ts';

test('nothing in text opens an element, an attribute or an entity', () => {
  expect(escapeHtml(`<img src="x" onerror='a&b'>`)).toBe('&lt;img src=&quot;x&quot; onerror=&#39;a&amp;b&#39;&gt;');
});

test('nothing in text becomes Markdown or HTML', () => {
  expect(escapeMarkdown('[x](javascript:1) **b** `c` <b> | a_b\n# h')).toBe('\\[x\\]\\(javascript:1\\) \\*\\*b\\*\\* \\`c\\` &lt;b&gt; \\| a\\_b \\# h');
  expect(escapeMarkdown('- not a list')).toBe('\\- not a list');
  expect(escapeMarkdown('1. not a list')).toBe('\\1. not a list');
});
