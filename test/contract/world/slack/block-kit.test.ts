import { expect, test } from 'vitest';
import { checkBlocks, checkView } from '../../../../src/world/slack/blocks/check.ts';

const p = (length: number): object => ({ type: 'plain_text', text: 'x'.repeat(length) });
const m = (length: number): object => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const button = (more: object = {}): object => ({ type: 'button', action_id: 'a', text: p(5), ...more });
const actions = (...elements: readonly object[]): object => ({ type: 'actions', elements });
const option = (label: number, value = 'v'): object => ({ text: p(label), value });
const confirm = (more: object = {}): object => ({ title: p(100), text: m(300), confirm: p(30), deny: p(30), ...more });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const select = (count: number): object => ({ type: 'static_select', action_id: 's', options: many(count, (index) => option(5, `v${index}`)) });

const ids = (() => {
  let made = 0;
  return (): string => `b${(made += 1)}`;
})();
const isFine = (...blocks: readonly object[]): boolean => checkBlocks(blocks, { most: 50, make: ids }).ok;

test.each<[string, object[], object[]]>([
  ['a header of 150 characters', [{ type: 'header', text: p(150) }], [{ type: 'header', text: p(151) }]],
  ['a header without marks', [{ type: 'header', text: p(1) }], [{ type: 'header', text: m(1) }]],
  ['a section of 3,000 characters', [{ type: 'section', text: m(3000) }], [{ type: 'section', text: m(3001) }]],
  ['a section with something in it', [{ type: 'section', text: m(1) }], [{ type: 'section' }]],
  ['no empty text', [{ type: 'section', text: m(1) }], [{ type: 'section', text: m(0) }]],
  ['ten fields', [{ type: 'section', fields: many(10, () => m(2000)) }], [{ type: 'section', fields: many(11, () => m(1)) }]],
  ['fields of 2,000 characters', [{ type: 'section', fields: [m(2000)] }], [{ type: 'section', fields: [m(2001)] }]],
  ['ten things in a context', [{ type: 'context', elements: many(10, () => m(1)) }], [{ type: 'context', elements: many(11, () => m(1)) }]],
  ['25 actions', [actions(...many(25, (index) => button({ action_id: `a${index}` })))], [actions(...many(26, (index) => button({ action_id: `a${index}` })))]],
  ['at least one action', [actions(button())], [actions()]],
  ['labels of 75 characters', [actions(button({ text: p(75) }))], [actions(button({ text: p(76) }))]],
  ['values of 2,000 characters', [actions(button({ value: 'v'.repeat(2000) }))], [actions(button({ value: 'v'.repeat(2001) }))]],
  ['ids of 255 characters', [actions(button({ action_id: 'i'.repeat(255) }))], [actions(button({ action_id: 'i'.repeat(256) }))]],
  ['two styles', [actions(button({ style: 'danger' }))], [actions(button({ style: 'warning' }))]],
  ['different actions in one block', [actions(button(), button({ action_id: 'b' }))], [actions(button(), button())]],
  [
    'different block ids',
    [{ type: 'divider', block_id: 'x' }],
    [
      { type: 'divider', block_id: 'x' },
      { type: 'divider', block_id: 'x' },
    ],
  ],
  ['questions of 100, 300 and 30 characters', [actions(button({ confirm: confirm() }))], [actions(button({ confirm: confirm({ text: m(301) }) }))]],
  [
    'an overflow of five',
    [actions({ type: 'overflow', action_id: 'o', options: many(5, (index) => option(5, `${index}`)) })],
    [actions({ type: 'overflow', action_id: 'o', options: many(6, (index) => option(5, `${index}`)) })],
  ],
  ['a select of 100', [actions(select(100))], [actions(select(101))]],
  [
    'option labels of 75 characters',
    [actions({ type: 'static_select', action_id: 's', options: [option(75)] })],
    [actions({ type: 'static_select', action_id: 's', options: [option(76)] })],
  ],
  [
    'ten checkboxes',
    [actions({ type: 'checkboxes', action_id: 'c', options: many(10, (index) => option(5, `${index}`)) })],
    [actions({ type: 'checkboxes', action_id: 'c', options: many(11, (index) => option(5, `${index}`)) })],
  ],
  ['markdown of 12,000 characters', [{ type: 'markdown', text: 'x'.repeat(12_000) }], [{ type: 'markdown', text: 'x'.repeat(12_001) }]],
  [
    'a table of 100 rows',
    [{ type: 'table', rows: many(100, () => [{ type: 'raw_text', text: 'x' }]) }],
    [{ type: 'table', rows: many(101, () => [{ type: 'raw_text', text: 'x' }]) }],
  ],
  ['50 blocks', many(50, () => ({ type: 'divider' })), many(51, () => ({ type: 'divider' }))],
  ['blocks that exist', [{ type: 'divider' }], [{ type: 'ruler' }]],
])('%s, and no more', (_, fine, wrong) => {
  expect(isFine(...fine)).toBe(true);
  expect(isFine(...wrong)).toBe(false);
});

const modal = (more: object = {}): object => ({ type: 'modal', title: p(24), blocks: [], ...more });

test.each<[string, object, object]>([
  ['a title of 24 characters', modal(), modal({ title: p(25) })],
  ['a submit of 24 characters', modal({ submit: p(24) }), modal({ submit: p(25) })],
  ['private_metadata of 3,000 characters', modal({ private_metadata: 'x'.repeat(3000) }), modal({ private_metadata: 'x'.repeat(3001) })],
  ['a callback_id of 255 characters', modal({ callback_id: 'x'.repeat(255) }), modal({ callback_id: 'x'.repeat(256) })],
  ['100 blocks', modal({ blocks: many(100, () => ({ type: 'divider' })) }), modal({ blocks: many(101, () => ({ type: 'divider' })) })],
  ['a home has no title', { type: 'home', blocks: [] }, { type: 'home', title: p(1), blocks: [] }],
  ['250 KB', modal({ blocks: many(80, () => ({ type: 'section', text: m(3000) })) }), modal({ blocks: many(90, () => ({ type: 'section', text: m(3000) })) })],
])('a view: %s, and no more', (_, fine, wrong) => {
  expect(checkView(fine, ids).ok).toBe(true);
  expect(checkView(wrong, ids).ok).toBe(false);
});

test('what is wrong is named with its place', () => {
  const checked = checkBlocks([{ type: 'divider' }, { type: 'header', text: p(151) }], { most: 50, make: ids });
  expect(checked).toMatchObject({ ok: false, error: 'invalid_blocks', messages: [expect.stringContaining('[json-pointer:/blocks/1/text/text]')] });
});
