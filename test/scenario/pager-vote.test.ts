import { expect, test } from 'vitest';
import { callerOf } from '../../src/command/access.ts';
import { hearPager } from '../../src/command/pager.ts';
import { pagerVotes } from '../../src/command/pager-vote.ts';
import type { PagerNews } from '../../src/port/pager.ts';
import type { Store } from '../../src/port/store.ts';
import { SITE_TEXT } from '../../src/rehearse/site.ts';
import { seededIds } from '../../src/world/ids.ts';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

/** People of PagerDuty who write notes on the incident that Salvor opened there. */
async function openCalled({ typed = false } = {}) {
  const rule = '  reversible: { need: [{ team: platform, count: 1 }], within: 15m, remind: 5m }';
  const config = SITE_TEXT.replace('{ name: ana, teams', '{ name: ana, pagerduty: P0ANA, teams')
    .replace('{ name: cleo, teams', '{ name: cleo, pagerduty: P0CLEO, teams')
    .replace(rule, typed ? rule.replace('within', 'typedConfirmation: true, within') : rule)
    .concat('pagerduty: { routingKey: { env: KEY }, webhookSecrets: [{ env: SECRET }] }\n');
  const stores: Store[] = [];
  const around = (own: Store): Store => {
    stores.push(own);
    return own;
  };
  const scene = openScene({ world: failedNight('server-restarted'), config, around });
  await scene.alert(DAILY_FAILED);
  await scene.pass('61m');
  const [store] = stores;
  if (store === undefined) throw new Error('Salvor has no store');
  const { policy, commands } = scene.app();
  const vote = pagerVotes({ store, decide: commands, callerOf: (person) => callerOf(policy(), person, 'pagerduty') });
  const hear = hearPager({ store, ids: seededIds('notes'), policy, own: () => 'P0BOT', vote });
  const incident = await scene.incident();
  let n = 0;
  const write = (id: string, name: string, text: string, news = `E${(n += 1)}`): Promise<string> => {
    const heard: PagerNews = { id: news, what: 'annotated', key: `salvor/prod/incident/${incident.id}`, user: { id, name }, text };
    return scene.as('ana', () => hear(heard));
  };
  const code = (await scene.run()).approval?.code ?? '';
  return { ...scene, write, code };
}

test('nobody answers, people are called, and one of them approves by a note: the code is on the page', async () => {
  const { write, pass, run, writes, world, code, timeline } = await openCalled();
  const [page] = world.pager.pages().filter(({ action }) => action === 'trigger');
  expect(page?.summary).toContain(`To approve: a note "approve ${code}" here`);
  expect(await write('P0ANA', 'Ana', `Approve ${code.toLowerCase()}`)).toBe('heard');
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done', approvals: [{ by: 'ana', surface: 'pagerduty' }] });
  expect(writes()).toHaveLength(1);
  expect(await timeline()).toContain('ana approves by pagerduty');
});

test('whose word does not count hears why, and nothing happens: strangers, other teams, our own user, wrong codes, the same note again', async () => {
  const { write, run, writes, code, timeline } = await openCalled();
  await write('P0MALLORY', 'Mallory', `approve ${code}`);
  await write('P0CLEO', 'Cleo', `approve ${code}`);
  await write('P0ANA', 'Ana', 'approve 2222');
  expect(await write('P0BOT', 'Salvor', `Salvor: approve ${code}`)).toBe('ours');
  expect(await run()).toMatchObject({ state: 'proposed', approvals: [] });
  expect(writes()).toEqual([]);
  expect(await timeline()).toContain(`PagerDuty user Mallory: approve ${code}`);
  // A note that was answered is not judged again, whatever became of its writer since.
  expect(await write('P0ANA', 'Ana', 'I look', 'E9')).toBe('heard');
  expect(await write('P0ANA', 'Ana', `approve ${code}`, 'E9')).toBe('again');
  expect(await run()).toMatchObject({ state: 'proposed', approvals: [] });
});

test('the same person by a note and in Slack is one vote, and a code is over with its plan', async () => {
  const { write, approve, pass, run, writes, code } = await openCalled();
  await approve('ana');
  await write('P0ANA', 'Ana', `approve ${code}`);
  await pass('5m');
  await write('P0ANA', 'Ana', `approve ${code}`);
  expect(await run()).toMatchObject({ state: 'done' });
  expect((await run()).journal.filter(({ type }) => type === 'approval.vote')).toHaveLength(1);
  expect(writes()).toHaveLength(1);
});

test('where a word has to be typed, it is typed into the note; a no says why', async () => {
  const { write, pass, run, code } = await openCalled({ typed: true });
  await write('P0ANA', 'Ana', `approve ${code}`);
  expect(await run()).toMatchObject({ state: 'proposed', approvals: [] });
  await write('P0ANA', 'Ana', `approve ${code} daily`);
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done' });

  const other = await openCalled();
  await other.write('P0ANA', 'Ana', `reject ${other.code} the storage is being replaced`);
  expect(await other.run()).toMatchObject({ state: 'rejected', end: 'Rejected by ana: the storage is being replaced' });
});
