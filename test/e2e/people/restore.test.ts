import { expect, test } from 'vitest';
import { textIn } from '../../../src/model/json.ts';
import { untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { openOffice, spoken } from './office.ts';
import { SHOP, SHOP_BACKUP, TWO_PEOPLE } from './shop.ts';

test('somebody types /dr restore and nothing else: form, choices, plan, two people and a typed word, progress, report', async () => {
  const { serve, slack } = await openOffice({ world: SHOP, settings: { approvals: TWO_PEOPLE } });
  const serving = await serve();
  const ana = slack.user('ana');
  await until('the command is known', async () => (await ana.type('/dr status')).acknowledged);

  expect(await ana.type('/dr restore')).toMatchObject({ acknowledged: true });
  await until('the form', () => ana.modal());
  await ana.suggest({ action: 'choose:into' });
  await ana.press({ in: 'modal', action: 'choose:into', value: 'shop' });
  await until('the form knows the namespace', () => ana.modal()?.blocks.some(({ block_id: block }) => block === 'backup~1'));
  const { options } = await ana.suggest({ action: 'choose:backup' });
  expect(options?.map(({ value }) => value)).toEqual([SHOP_BACKUP]);
  expect(await ana.submit({ 'choose:backup': SHOP_BACKUP, _reason: 'the night went wrong' })).toMatchObject({ acknowledged: true });

  const asked = await slack.until('the plan', () => slack.messages().find(({ blocks }) => JSON.stringify(blocks).includes('"action_id":"approve"')), 60_000);
  expect(spoken(asked)).toMatch(/shop[\s\S]*destructive/);
  for (const who of ['ben', 'cleo']) {
    const person = slack.user(who);
    await person.press({ ts: asked.ts, action: 'approve' });
    const field = await until('the word is asked for', () => person.modal()?.blocks.find(({ type }) => type === 'input'));
    const word = /Type (\S+) to go on/.exec(JSON.stringify(field))?.[1] ?? '';
    expect(word).toBe('shop');
    await person.submit({ [textIn(field['block_id'])]: word });
  }
  await untilRun(serving, 'done');
  const told = await until(
    'the thread tells how it went',
    () => {
      const words = slack
        .messages()
        .filter(({ isOurs }) => isOurs)
        .map(spoken)
        .join('\n');
      return /Verified/.test(words) && /Report/.test(words) ? words : undefined;
    },
    { withinMs: 60_000 },
  );
  expect(told).toMatch(/ben[\s\S]*cleo/);
}, 180_000);
