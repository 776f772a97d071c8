import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '../../../src/console/html.ts';

test('whatever a value says, it makes no markup, in elements and in attributes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', ';', '!--', 'script', 'onload=', ' ', 'é', '🙂', '\u202E', '\u200B', '\u0000') }),
      (value) => {
        const markup = html`<p title="${value}">${value}</p>`.toString();
        expect(markup).toMatch(/^<p title="[^"<>]*">[^<>]*<\/p>$/u);
        expect(markup).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B]/);
      },
    ),
  );
});

test('lists are put together, nothing is nothing, and only markup of ours stays markup', () => {
  const items = ['a', '<b>'].map((one) => html`<li>${one}</li>`);
  expect(html`<ul>${items}</ul>${undefined}${false}${0}`.toString()).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>0');
});
