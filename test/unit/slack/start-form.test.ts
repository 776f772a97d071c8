import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonObject, textIn } from '../../../src/model/json.ts';
import { PARAM_TYPES } from '../../../src/model/playbook.ts';
import type { PlaybookView } from '../../../src/port/view/playbook.ts';
import { optionOf } from '../../../src/slack/form/option.ts';
import { startForm, startingIn } from '../../../src/slack/form/start-form.ts';
import { lineParams, playbookExample } from '../../../src/slack/line/params.ts';
import { checkView } from '../../../src/world/slack/blocks/check.ts';
import { Option } from '../../../src/world/slack/blocks/texts.ts';

const HOSTILE = ['<!channel> <@U0ANA>', '``` end', '\u202Egnp\u200B', '\uD83D', '👩‍🚒'.repeat(300), '&'.repeat(4000), 'x'.repeat(100_000), ' ', ''];
const text = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...HOSTILE) }, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
const names = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,12}$/);
const property = fc.record({
  name: names,
  format: fc.constantFrom(...PARAM_TYPES),
  about: fc.option(text, { nil: undefined }),
  choose: fc.option(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 120 }), { nil: undefined }),
  needed: fc.boolean(),
});
type Property = typeof property extends fc.Arbitrary<infer T> ? T : never;

function viewOf(properties: readonly Property[], summary: string, command: string): PlaybookView {
  const schema = properties.map(({ name, format, about, choose }): [string, JsonObject] => [
    name,
    {
      type: 'string',
      format,
      ...(about === undefined ? {} : { description: about }),
      ...(format === 'choice' || choose === undefined ? { enum: choose ?? ['a', 'b'] } : {}),
    },
  ]);
  return {
    id: 'any',
    digest: '',
    summary,
    command,
    aliases: [],
    risk: 'destructive',
    startedBy: ['command'],
    params: properties.map(({ name }) => name),
    match: [],
    parameters: { properties: Object.fromEntries(schema) },
    needs: properties.flatMap(({ name, needed }) => (needed ? [name] : [])),
    actions: [],
    stages: [],
    text: '',
  };
}

test('whatever a playbook asks for and whatever was typed before, Slack takes its form, and it says again what it is about', { timeout: 60_000 }, () => {
  let ids = 0;
  const given = fc.uniqueArray(fc.tuple(names, text), { selector: ([name]) => name, maxLength: 12 });
  const properties = fc.uniqueArray(property, { selector: ({ name }) => name, maxLength: 70 });
  fc.assert(
    fc.property(
      properties,
      text,
      text,
      given,
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 200 }), { maxLength: 120 }),
      (all, summary, command, typed, clusters) => {
        const starting = { playbook: 'any', channel: 'C0DR', round: 3, chosen: { into: 'x'.repeat(253), from: 'y'.repeat(253), _cluster: 'z'.repeat(253) } };
        const view: JsonObject = JSON.parse(JSON.stringify(startForm({ playbook: viewOf(all, summary, command), starting, given: new Map(typed), clusters })));
        expect(checkView(view, () => `b${(ids += 1)}`)).toMatchObject({ ok: true });
        expect(startingIn(textIn(view['private_metadata']))).toEqual(starting);
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever a choice is called, Slack takes it or it is left out', () => {
  fc.assert(
    fc.property(text, fc.option(text, { nil: undefined }), (value, note) => {
      const option = optionOf(note === undefined ? { value } : { value, note });
      if (option !== undefined) expect(Option.safeParse(option).success).toBe(true);
      else expect(value.length === 0 || value.length > 150 || value.trim() === '' || !/[\p{L}\p{N}\p{P}\p{S}]/u.test(value)).toBe(true);
    }),
  );
});

test('an example line says what its words are for', () => {
  const all = ['into', 'backup', 'from'].map((name) => ({
    name,
    format: name === 'backup' ? ('backup' as const) : ('namespace' as const),
    about: undefined,
    choose: undefined,
    needed: name === 'into',
  }));
  const parameters = { properties: Object.fromEntries(all.map(({ name, format }) => [name, { type: 'string', format }])) };
  const view = { ...viewOf([], '', ''), params: all.map(({ name }) => name), parameters, needs: ['into'] };
  expect(playbookExample('restore', view)).toBe('/dr restore INTO [from BACKUP] [to NAMESPACE]');
  expect(lineParams(view)).toMatchObject({ required: ['into'], spare: { of: 'into', name: 'from' } });
});
