import { expect, test } from 'vitest';
import { textIn } from '../../../src/model/json.ts';
import { untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { openOffice, spoken } from './office.ts';

test('somebody types /dr restore and nothing else: form, choices, plan, two people and a typed word, progress, report', async () => {
  const { serve, slack } = await openOffice({
    world: {
      nodes: [{ name: 'w1' }],
      namespaces: ['shop'],
      pods: [{ name: 'shop/api-0', node: 'w1' }],
      objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' }, data: { apple: '3' } }],
      schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
      backups: [{ name: 'daily-20261121020000', schedule: 'daily', ago: '10h', namespaces: ['shop'] }],
    },
    settings: {
      approvals:
        '{ destructive: { need: [{ team: platform, count: 1 }, { team: incident-command, count: 1 }], notRequester: true, typedConfirmation: true, within: 15m } }',
    },
  });
  const serving = await serve();
  const ana = slack.user('ana');
  await until('the command is known', async () => (await ana.type('/dr status')).acknowledged);

  expect(await ana.type('/dr restore')).toMatchObject({ acknowledged: true });
  await until('the form', () => ana.modal());
  await ana.suggest({ action: 'choose:into' });
  await ana.press({ in: 'modal', action: 'choose:into', value: 'shop' });
  await until('the form knows the namespace', () => ana.modal()?.blocks.some(({ block_id: block }) => block === 'backup~1'));
  const { options } = await ana.suggest({ action: 'choose:backup' });
  expect(options?.map(({ value }) => value)).toEqual(['daily-20261121020000']);
  expect(await ana.submit({ 'choose:backup': 'daily-20261121020000', _reason: 'the night went wrong' })).toMatchObject({ acknowledged: true });

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
