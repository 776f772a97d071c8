import { expect, test } from 'vitest';
import { EMPTY_FORM, type Form } from '../../../src/console/form.ts';
import type { Seat } from '../../../src/console/layout.ts';
import type { Offered } from '../../../src/console/offered.ts';
import { startForm } from '../../../src/console/page/start-form.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { PlaybookView } from '../../../src/port/view/playbook.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';

const { policy: rules } = rehearsalConfig();
const caller = { person: 'ana', rights: ['read', 'run'], surface: 'console' } as const;

function formFor(
  name: string,
  schema: JsonObject,
  of: { readonly required?: boolean; readonly sent?: Form; readonly clusters?: readonly string[]; readonly offered?: Offered } = {},
): string {
  const { required = false, sent = EMPTY_FORM, clusters = ['prod'], offered } = of;
  const session = { person: 'ana', csrf: 'c' };
  const seat: Seat & { readonly session: typeof session } = { session, caller, rules, nowMs: 0, whyNot: () => undefined, key: 'k', form: sent };
  const playbook: PlaybookView = {
    id: 'any',
    digest: '',
    summary: '',
    aliases: [],
    risk: 'read',
    startedBy: [],
    params: [name],
    match: [],
    parameters: { properties: { [name]: schema }, required: required ? [name] : [] },
    needs: required ? [name] : [],
    actions: [],
    stages: [],
    text: '',
  };
  return startForm(playbook, seat, { clusters, offered: new Map(offered === undefined ? [] : [[name, offered]]) }).toString();
}

/** What a browser takes for this field. */
function takes(format: string, value: string): boolean {
  const pattern = /pattern="([^"]+)"/.exec(formFor('x', { type: 'string', format }))?.[1];
  return pattern === undefined || new RegExp(`^(?:${pattern})$`, 'v').test(value);
}

test.each([
  ['duration', ['30s', '1h30m', '1.5h', '7d'], ['soon', '30', '5 m']],
  ['namespace', ['shop', 'a-1'], ['Shop', 'a.b', '-a', '../kube-system']],
  ['node', ['worker-1', 'ip-10-0-0-1.eu.internal'], ['worker 1', 'w; rm -rf /', '$(id)']],
  ['pod', ['shop/api-0'], ['api-0', 'a/b/c']],
  ['volume', ['shop/data-0'], ['data-0']],
  ['schedule', ['daily', 'velero/daily'], ['da ily', 'a/b/c']],
  ['backup', ['daily-20261120', 'velero/daily-20261120'], ['Daily']],
  ['restore', ['one'], ['o ne']],
  ['storage-location', ['default', 'velero/default'], ['De fault']],
  ['text', ['anything <b>', ''], []],
])('a %s is taken by the browser where the server would take it', (format, right, wrong) => {
  for (const value of right) expect(takes(format, value), value).toBe(true);
  for (const value of wrong) expect(takes(format, value), value).toBe(false);
});

test('a number, a yes or no, a choice and a cluster each have the field of their kind, with the preset chosen', () => {
  expect(formFor('keep', { type: 'number', format: 'number', default: 3 })).toMatch(/<input type="number" step="any" name="param.keep" value="3">/);
  expect(formFor('force', { type: 'boolean', format: 'yes-no', default: false })).toMatch(/<option value="false" selected>no<\/option>/);
  expect(formFor('force', { type: 'boolean', format: 'yes-no' }, { required: true })).toMatch(
    /<select name="param.force" required><option value="" selected>not said<\/option>/,
  );
  expect(formFor('how', { type: 'string', format: 'choice', enum: ['a', 'b'], default: 'b' })).toMatch(/<option value="b" selected>b<\/option>/);
  const clusters = ['prod', 'staging'];
  expect(formFor('cluster', { type: 'string', format: 'cluster' }, { clusters }).match(/<option value="staging"/g)).toHaveLength(1);
  expect(formFor('node', { type: 'string', format: 'node' }, { clusters })).toMatch(/<select name="cluster"><option value="prod"/);
  expect(formFor('node', { type: 'string', format: 'node' }, { required: true })).toMatch(/name="param.node" value=""[^>]* required>/);
});

test('its first button only looks, and what was sent and refused is in it again', () => {
  const sent: Form = { names: ['param.node', 'reason', 'key'], field: (name) => ({ 'param.node': 'W 1', reason: '"x"', key: 'first' })[name] ?? '' };
  const page = formFor('node', { type: 'string', format: 'node' }, { sent });
  expect([...page.matchAll(/<button[^>]*>([^<]*)/g)].map(([, words]) => words)).toEqual(['Show what it would do', 'Start without looking']);
  expect(page).toMatch(/name="param.node" value="W 1"/);
  expect(page).toMatch(/name="reason" value="&quot;x&quot;"/);
  // The key stays, so that a start whose answer was lost is not a second one.
  expect(page).toMatch(/name="key" value="first"/);
});

test('what the cluster has is offered as it is typed, with what helps to choose; names are text, whatever they are', () => {
  const items = [{ value: 'daily-1', note: '3h old' }, { value: '"><script>' }];
  const page = formFor('backup', { type: 'string', format: 'backup' }, { offered: { items, says: '2 to choose from' } });
  expect(page).toMatch(/<span class="soft">[^<]*; may be left empty; 2 to choose from<\/span>/);
  expect(page).toContain('list="choices-backup"');
  expect(page).toContain(
    '<datalist id="choices-backup"><option value="daily-1">daily-1: 3h old</option><option value="&quot;&gt;&lt;script&gt;"></option></datalist>',
  );
  // Pressed or not, what is missing does not keep the choices from being read.
  expect(page).toMatch(/<button class="quiet" name="choices" value="read" formnovalidate>Read the choices again<\/button>/);
});

test('where nobody knows what there is, a field says so and takes what is typed; where nothing is asked there is no button for it', () => {
  const page = formFor('node', { type: 'string', format: 'node' }, { offered: { items: [], says: 'prod has not said yet what there is: type the name' } });
  expect(page).toContain('prod has not said yet what there is: type the name');
  expect(page).not.toMatch(/datalist|list=/);
  expect(page).toContain('Read the choices again');
  expect(formFor('grace', { type: 'number' }, { offered: { items: [], says: '' } })).not.toContain('Read the choices again');
});
