import { describe, expect, test } from 'vitest';
import type { Members } from '../../src/approval/group.ts';
import { SITE_TEXT } from '../../src/rehearse/site.ts';
import { DAILY_FAILED, failedNight, openScene, type SceneOptions } from './scene.ts';

const REVERSIBLE = '  reversible: { need: [{ team: platform, count: 1 }], within: 15m, remind: 5m }';

/** The rehearsal site, where what can be taken back is approved by this rule. */
function siteWith(rule: string, more = ''): string {
  if (!SITE_TEXT.includes(REVERSIBLE)) throw new Error('the rehearsal site has another rule now');
  return `${SITE_TEXT.replace(REVERSIBLE, `  reversible: ${rule}${more}`)}`;
}

/** A backup that failed in the night, and the proposal to make it once more: an hour for people, as the shipped playbook says. */
async function proposedRetry(options: Omit<SceneOptions, 'world'> = {}) {
  const scene = openScene({ world: failedNight('server-restarted'), ...options });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  return scene;
}

describe('when nobody decides in time', () => {
  const rule = `{ need: [{ team: platform, count: 1 }], stages: [{ addApprovers: [incident-command], page: platform-secondary, within: 10m }] }`;

  test('more people may vote, somebody is called, and what is needed stays; then the ladder', async () => {
    const { pass, run, proposals, approve, pages, chat, writes } = await proposedRetry({ config: siteWith(rule) });
    expect(proposals()[0]).toContain('needs 1 of platform, within 1h, then also incident-command, calling platform-secondary, for 10m');
    await expect(approve('cleo')).rejects.toMatchObject({ code: 'approval.not-allowed' });
    await pass('61m'); // 13:02
    expect(chat()).toContain('Nobody decided in time. Now incident-command may approve, too; calling platform-secondary');
    expect(pages()).toEqual(['13:00 platform-secondary']);
    expect(proposals()[0]).toContain('by now also incident-command');
    expect((await run()).approval?.may).toEqual(['ana', 'ben', 'cleo', 'dora']);
    await pass('9m'); // 13:11
    expect(pages()).toEqual(['13:00 platform-secondary', '13:10 platform-primary']);
    expect(await approve('cleo')).toMatchObject({ changed: true });
    await pass('20m');
    expect(await run()).toMatchObject({ state: 'done', approvals: [{ by: 'cleo' }] });
    // Whoever was called for the proposal is called no more.
    expect(pages()).toHaveLength(2);
    expect(writes()).toHaveLength(1);
  });

  test('a proposal that the policy keeps waits on for whoever comes; silence is never a yes', async () => {
    const { pass, run, approve, chat, writes, kill } = await proposedRetry({ config: siteWith('{ need: [{ team: platform, count: 1 }], onExpiry: hold }') });
    await pass('2h5m');
    expect(chat()).toContain('Nobody decided in time; it is kept for whoever comes, and silence is no yes');
    kill();
    await pass('10m');
    expect(await run()).toMatchObject({ state: 'proposed' });
    expect(writes()).toEqual([]);
    await approve('ben');
    await pass('5m');
    expect(await run()).toMatchObject({ state: 'done' });
  });
});

test('people of different teams: two of the same team are not enough', async () => {
  const config = siteWith('{ need: [{ role: both, count: 2 }], distinctTeams: true }').replace('roles: {', 'roles: { both: [platform, incident-command], ');
  const { approve, pass, run, writes } = await proposedRetry({ config });
  await approve('ana');
  await approve('ben');
  expect(await run()).toMatchObject({ state: 'proposed', approval: { missing: expect.stringContaining('still needs 1 of both') } });
  expect(writes()).toEqual([]);
  await approve('cleo');
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done' });
});

describe('not yet', () => {
  const two = siteWith('{ need: [{ team: platform, count: 2 }] }');

  test('a held proposal does not start, whoever votes, and its time stands still until somebody releases it', async () => {
    const { as, approve, pass, run, writes, pages, proposals, timeline } = await proposedRetry({ config: two });
    const { id } = await run();
    const held = await as('ana', (commands, ana) => commands.hold(ana, id, { reason: 'the owner of the data looks first' }));
    expect(held).toMatchObject({ changed: true, text: 'ana holds it: the owner of the data looks first' });
    expect(await as('ana', (commands, ana) => commands.hold(ana, id, { reason: 'again' }))).toMatchObject({ changed: false });
    await pass('5s');
    expect(proposals()[0]).toContain('Held by ana: the owner of the data looks first');
    await approve('ana');
    await approve('ben');
    await pass('5h');
    expect(await run()).toMatchObject({ state: 'proposed', hold: { gate: 'person' }, approval: { held: { by: 'ana' } } });
    expect([pages(), writes()]).toEqual([[], []]);

    expect(await as('ben', (commands, ben) => commands.release(ben, id))).toMatchObject({ changed: true });
    await pass('5m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toHaveLength(1);
    expect(await timeline()).toContain('ben releases it: it goes on where it stood');
  });

  test('the time that was left is left after it, and a hold survives a kill', async () => {
    const { as, kill, pass, run, pages } = await proposedRetry({ config: two });
    const { id } = await run();
    await pass('50m');
    await as('ana', (commands, ana) => commands.hold(ana, id, { reason: 'a meeting' }));
    kill();
    await pass('3h');
    await as('ana', (commands, ana) => commands.release(ana, id));
    await pass('8m');
    expect([await run(), pages()]).toMatchObject([{ state: 'proposed' }, []]);
    await pass('3m');
    expect(pages()).toHaveLength(1);
  });

  test('who may not decide may not hold, and hears why', async () => {
    const { as, run } = await proposedRetry({ config: two });
    const { id } = await run();
    const asked = as('cleo', (commands, cleo) => commands.hold(cleo, id, { reason: 'no' }));
    await expect(asked).rejects.toMatchObject({ code: 'approval.not-allowed', message: 'cleo is in none of the teams that decide: 2 of platform' });
    expect(await as('ana', (commands, ana) => commands.release(ana, id))).toMatchObject({ changed: false, text: 'Nobody holds it' });
  });
});

describe('a yes that is taken back', () => {
  test('counts no more, and can be given again', async () => {
    const { as, approve, pass, run, writes, proposals } = await proposedRetry({ config: siteWith('{ need: [{ team: platform, count: 2 }] }') });
    const { id } = await run();
    await approve('ana');
    expect(await as('ana', (commands, ana) => commands.withdraw(ana, id))).toMatchObject({
      changed: true,
      text: expect.stringContaining('ana takes the approval back'),
    });
    expect(proposals()[0]).not.toContain('Approved so far');
    await approve('ben');
    expect(await run()).toMatchObject({ state: 'proposed', approvals: [{ by: 'ben' }] });
    expect(await as('ana', (commands, ana) => commands.withdraw(ana, id))).toMatchObject({ changed: false, text: 'ana has not approved this plan' });
    await approve('ana');
    await pass('5m');
    expect([await run(), writes().length]).toMatchObject([{ state: 'done' }, 1]);
  });

  test('opens a plan again that was approved and waits for a pause to end; once it has begun it is too late', async () => {
    const { as, approve, pass, run, writes, proposals } = await proposedRetry();
    const { id } = await run();
    await as('ana', (commands, ana) => commands.pause(ana, { reason: 'network work' }));
    await approve('ana');
    await pass('2m');
    expect(await run()).toMatchObject({ state: 'executing', hold: { gate: 'pause' } });
    await as('ana', (commands, ana) => commands.withdraw(ana, id));
    expect(await run()).toMatchObject({ state: 'proposed', approvals: [] });
    expect(proposals()[0]).toMatch(/^Approve /);
    await as('ana', (commands, ana) => commands.resume(ana, {}));
    await pass('5m');
    expect([await run(), writes()]).toMatchObject([{ state: 'proposed' }, []]);
    await approve('ben');
    await pass('10s');
    await expect(as('ben', (commands, ben) => commands.withdraw(ben, id))).rejects.toMatchObject({ code: 'approval.not-waiting' });
  });
});

test('who left the team between the vote and the start approves nothing any more', async () => {
  const { as, approve, configure, pass, run, writes, timeline } = await proposedRetry();
  await as('ben', (commands, ben) => commands.pause(ben, { reason: 'network work' }));
  await approve('ana');
  await configure(SITE_TEXT.replace('{ name: ana, teams: [platform] }', '{ name: ana, teams: [] }'));
  await as('ben', (commands, ben) => commands.resume(ben, {}));
  await pass('5m');
  expect([await run(), writes()]).toMatchObject([{ state: 'proposed', approvals: [] }, []]);
  expect(await timeline()).toContainEqual(expect.stringContaining('the approval does not count any more'));
});

describe('the emergency rule', () => {
  const glass = siteWith('{ need: [{ team: platform, count: 2 }] }', '\n  breakGlass: { need: [{ team: platform-leads, count: 1 }], page: security }');

  test('one of its people starts the plan alone, with a reason; it is audited, and somebody is called to look at it', async () => {
    const { approve, pass, run, writes, pages, timeline } = await proposedRetry({ config: glass });
    await approve('ana');
    expect(await approve('dora', { breakGlass: 'the datacentre floods' })).toMatchObject({ changed: true });
    await pass('5m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toHaveLength(1);
    expect(pages()).toEqual([expect.stringContaining(' security')]);
    expect(await timeline()).toContain('Glass broken by dora: dora: the datacentre floods');
  });

  test('it is for its people alone, and where the policy has none for nobody', async () => {
    const { approve, run, writes } = await proposedRetry({ config: glass });
    await expect(approve('ana', { breakGlass: 'in a hurry' })).rejects.toMatchObject({
      message: 'ana may not break the glass: that is for 1 of platform-leads',
    });
    const without = await proposedRetry();
    await expect(without.approve('dora', { breakGlass: 'in a hurry' })).rejects.toMatchObject({ message: expect.stringContaining('no emergency rule') });
    expect([await run(), writes()]).toMatchObject([{ state: 'proposed', approvals: [] }, []]);
  });
});

describe('teams that Slack and PagerDuty keep', () => {
  const config = siteWith('{ need: [{ team: "usergroup:dr-approvers", count: 1 }] }')
    .replace('{ name: ana, teams', '{ name: ana, slack: U0ANA, teams')
    .replace('{ name: cleo, teams', '{ name: cleo, slack: U0CLEO, teams')
    .concat("slack: { mode: socket, botToken: { env: BOT }, appToken: { env: APP }, channel: '#dr' }\n");

  test('who is in the group may approve, as long as Slack said so within the hour', async () => {
    let said: ReadonlyMap<string, Members> = new Map();
    const scene = await proposedRetry({ config, groups: () => said });
    const { approve, pass, run, app, clock, proposals, writes } = scene;
    expect(await run()).toMatchObject({
      state: 'proposed',
      approval: { may: [], asks: expect.stringContaining('who is in usergroup:dr-approvers is not known') },
    });
    await expect(approve('ana')).rejects.toMatchObject({ code: 'approval.not-allowed', message: expect.stringContaining('Nobody may approve') });

    said = new Map([['usergroup:dr-approvers', { ids: ['U0CLEO', 'U0GUEST'], atMs: clock.nowMs() }]]);
    await app().look('who is in a group changed');
    await pass('10s');
    expect((await run()).approval).toMatchObject({
      may: ['cleo'],
      people: expect.arrayContaining([{ name: 'ana', may: false, why: expect.stringContaining('none of the teams') }]),
    });
    await expect(approve('ana')).rejects.toMatchObject({ code: 'approval.not-allowed' });

    await pass('61m');
    expect((await run()).approval?.may).toEqual([]);
    await expect(approve('cleo')).rejects.toMatchObject({ code: 'approval.not-allowed' });
    expect([writes(), proposals().length]).toEqual([[], 1]);

    said = new Map([['usergroup:dr-approvers', { ids: ['U0CLEO'], atMs: clock.nowMs() - 1_800_000 }]]);
    await approve('cleo');
    await pass('5m');
    expect(await run()).toMatchObject({ state: 'done' });
  });
});
