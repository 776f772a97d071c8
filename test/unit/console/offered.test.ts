import { expect, test } from 'vitest';
import type { Form } from '../../../src/console/form.ts';
import type { Looking } from '../../../src/console/looking.ts';
import { offeredFor } from '../../../src/console/offered.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { AskChoices, Commands } from '../../../src/port/commands.ts';
import type { ChoiceList } from '../../../src/port/view/choice.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const clock = virtualClock();
const { policy: rules } = rehearsalConfig();
const PARAMETERS = {
  properties: { into: { type: 'string', format: 'namespace' }, backup: { type: 'string', format: 'backup' }, namespace: { default: 'velero' } },
};

function looking(
  choices: (of: AskChoices) => Promise<ChoiceList>,
  { sent = {}, clusters = ['prod'] }: { readonly sent?: Record<string, string>; readonly clusters?: readonly string[] } = {},
): Looking {
  const caller = { person: 'ana', rights: ['read', 'run'], surface: 'console' } as const;
  const form: Form = { names: Object.keys(sent), field: (name) => sent[name] ?? '' };
  const seat = { session: undefined, caller, rules, nowMs: clock.nowMs(), whyNot: () => undefined, key: 'k', form };
  const nothing = (): never => {
    throw new Error('nothing else is asked');
  };
  const commands = new Proxy({ choices: (_caller: unknown, of: AskChoices) => choices(of) }, { get: (target, name) => Reflect.get(target, name) ?? nothing });
  return { commands: commands as unknown as Commands, caller, clusters, clock, seat, part: () => '', query: () => '' };
}

const offered = (of: Looking) => offeredFor({ id: 'restore-namespace', parameters: PARAMETERS }, of);
const found = (...values: readonly string[]): ChoiceList => ({ items: values.map((value) => ({ value })), exact: false, open: false, asOf: clock.nowMs() });

test('every parameter is asked for with all that is chosen so far: as it was sent, else as the form presets it', async () => {
  const asked: AskChoices[] = [];
  const said = await offered(
    looking(
      async (of) => {
        asked.push(of);
        return found('shop', 'web');
      },
      { sent: { 'param.into': ' shop ', cluster: 'dr' }, clusters: ['prod', 'dr'] },
    ),
  );
  expect(asked.filter(({ param }) => param === 'backup')).toEqual([
    { playbook: 'restore-namespace', param: 'backup', cluster: 'dr', params: { into: 'shop', namespace: 'velero' }, limit: 100 },
  ]);
  expect(said.get('backup')).toEqual({ items: [{ value: 'shop' }, { value: 'web' }], says: '2 to choose from' });
});

test('a wrong name is told with the nearest right ones, before anything is planned; where others may be right it is not wrong', async () => {
  const near = (open: boolean) => async (of: AskChoices) => (of.typed === 'shp' ? { ...found('shop'), open } : found('shop', 'web'));
  const sent = { 'param.into': 'shp' };
  expect((await offered(looking(near(false), { sent }))).get('into')?.says).toBe('nothing is called shp, the nearest is shop; 2 to choose from');
  expect((await offered(looking(near(true), { sent }))).get('into')?.says).toBe('2 to choose from');
});

test('the page does not wait for a cluster that hangs: it says so within 60 ms, and keeps what is known of others', async () => {
  const page = offered(looking((of) => (of.param === 'backup' ? new Promise(() => undefined) : Promise.resolve(found('shop')))));
  let isMade = false;
  void page.then(() => {
    isMade = true;
  });
  await clock.pass(59);
  expect(isMade).toBe(false);
  await clock.pass(1);
  const said = await page;
  expect(said.get('backup')).toEqual({ items: [], says: 'prod has not said yet what there is: type the name, or read the choices again in a moment' });
  expect(said.get('into')?.items).toHaveLength(1);
});

test.each([
  [
    { ...found(), unknown: 'prod: it does not answer in time' },
    'Nobody knows now what there is (prod: it does not answer in time): type the name, it is checked before anything is planned',
  ],
  [{ ...found(), asOf: undefined }, ''],
  [found(), 'there is none to choose'],
  [found(...Array.from({ length: 100 }, (_, at) => `n${at}`)), 'the first 100 to choose from'],
  [{ ...found('a'), asOf: clock.nowMs() - 300_000 }, /^1 to choose from, as of 5m.* ago$/],
])('what it says fits what is known', async (list, words) => {
  const says = (await offered(looking(async () => list))).get('backup')?.says;
  if (typeof words === 'string') expect(says).toBe(words);
  else expect(says).toMatch(words);
});

test('what cannot be asked is said beside the field, and the form is there', async () => {
  const refused = looking(() => Promise.reject(new SalvorError('request.invalid', 'Which cluster? Known: prod, dr')));
  expect((await offered(refused)).get('into')).toEqual({ items: [], says: 'Nobody knows what there is: Which cluster? Known: prod, dr' });
});
