import { describe, expect, test } from 'vitest';
import { openStage } from './stage.ts';

const EVERYBODY = {
  users: [
    { name: 'gus', guest: 'multi' },
    { name: 'sue', guest: 'single' },
    { name: 'rob', bot: true },
    { name: 'eve', deleted: true },
    { name: 'ext', stranger: true },
  ],
} as const;
const people = (names: readonly string[]) => names.map((name) => ({ name, slack: `U0${name.toUpperCase()}`, teams: ['platform'] }));

describe('who may not press', () => {
  test.each([
    ['gus', 'guests of the workspace', 'guest'],
    ['sue', 'guests of the workspace', 'guest'],
    ['rob', 'bots decide nothing here', 'bot'],
    ['eve', 'this Slack account is deactivated', 'deactivated'],
    ['ext', 'you come from another workspace', 'stranger'],
  ])('%s is refused, whatever the configuration says: who can is said, and it is on the timeline', async (who, words, reason) => {
    const stage = await openStage({ slack: { users: EVERYBODY.users.map((user) => ({ ...user })) }, policy: { people: people([who]) } });
    const { incident, run } = await stage.propose();
    await stage.slack.user(who).press({ text: 'a proposal', action: 'approve' });
    const said = await stage.slack.until('the refusal', () => stage.told(who).at(-1));
    expect(said).toContain(`Not approved: ${words}`);
    expect(said).toContain('needs 2 of platform');
    expect((await stage.run(run.id)).approvals).toEqual([]);
    expect(stage.logged('slack.refused')).toMatchObject([{ user: `U0${who.toUpperCase()}`, reason }]);
    const [letter] = await stage.store.mail('prod', incident.id);
    expect(letter?.value).toMatchObject({
      kind: 'note',
      by: `Slack user U0${who.toUpperCase()}`,
      text: expect.stringContaining('was refused in Slack (not approved)'),
    });
  });

  test('somebody outside the teams is told which they are', async () => {
    const stage = await openStage();
    const { incident } = await stage.propose();
    await stage.slack.user('cleo').press({ text: 'a proposal', action: 'approve' });
    expect(await stage.slack.until('the refusal', () => stage.told('cleo').at(-1))).toContain('cleo is in none of the teams that decide: 2 of platform');
    expect((await stage.store.mail('prod', incident.id))[0]?.value).toMatchObject({ kind: 'note', by: 'cleo' });
  });

  test('a member whom the configuration does not know is told their id, and how to be one of them', async () => {
    const stage = await openStage();
    await stage.propose();
    await stage.slack.user('dan').press({ text: 'a proposal', action: 'approve' });
    const said = await stage.slack.until('the refusal', () => stage.told('dan').at(-1));
    expect(said).toContain('Not approved: the configuration knows nobody with your Slack id `U0DAN`');
    expect(said).toContain('needs 2 of platform');
  });

  test('somebody who presses again and again fills the log, not the timeline', async () => {
    const stage = await openStage();
    const { incident } = await stage.propose();
    for (let time = 1; time <= 3; time += 1) {
      await stage.slack.user('dan').press({ text: 'a proposal', action: 'approve' });
      await stage.slack.until('the refusal', () => stage.told('dan').length === time);
    }
    expect(stage.logged('slack.refused')).toHaveLength(3);
    expect(await stage.store.mail('prod', incident.id)).toHaveLength(1);
  });

  test.each([
    ['Slack is slow to say', { give: 'rate-limited', method: 'users.info' } as const],
    ['Slack breaks off', { give: 'reset', method: 'users.info' } as const],
    ['Slack misses a scope', { give: 'refuse', method: 'users.info', error: 'missing_scope' } as const],
    ['Slack does not know us', { give: 'reset', method: 'auth.test' } as const],
  ])('nobody decides while it cannot be asked who they are: %s', async (_name, fault) => {
    const stage = await openStage();
    const { run, name } = await stage.propose();
    const mend = stage.slack.fault(fault);
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    const said = await stage.slack.until('the refusal', () => stage.told('ana').at(-1));
    expect(said).toMatch(/^Not approved: Slack does not say who you are/);
    expect(said).toContain(`salvor approve ${name} --plan d1d1d1d1`);
    expect((await stage.run(run.id)).approvals).toEqual([]);
    mend();
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    await stage.slack.until('the yes', () => stage.told('ana').at(-1)?.startsWith('Your approval is recorded'));
  });

  test('who they are is asked again at the form: a guest since then is refused', async () => {
    const stage = await openStage({ policy: { people: people(['ana']) } });
    const { run } = await stage.propose();
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'reject' });
    await stage.slack.until('the form', () => ana.modal());
    stage.policyIs({ people: [] });
    await ana.submit({ typed: 'no' });
    await stage.slack.until('the refusal', () => JSON.stringify(ana.modal()?.blocks ?? []).includes('knows nobody with your Slack id'));
    expect((await stage.run(run.id)).state).toBe('proposed');
  });
});

describe('where', () => {
  test('a press elsewhere than in the configured channel decides nothing', async () => {
    const stage = await openStage({ channel: '#other' });
    const { run } = await stage.propose();
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    expect(await stage.slack.until('the refusal', () => stage.told('ana').at(-1))).toContain('this is done in #other');
    expect((await stage.run(run.id)).approvals).toEqual([]);
  });

  test.each(['C0DR', 'dr', '#dr'])('the channel may be configured as %s', async (channel) => {
    const stage = await openStage({ channel });
    await stage.propose();
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    expect(await stage.slack.until('the yes', () => stage.told('ana').at(-1)?.startsWith('Your approval is recorded'))).toBe(true);
  });

  test('a private channel is known by its name, which Slack does not send with a command', async () => {
    const stage = await openStage({
      channel: '#secret',
      slack: {
        channels: ['secret', 'hidden'].map((name) => ({ name, private: true, members: ['ana'] })),
      },
    });
    expect((await stage.slack.user('ana').type('/dr pause storage move', { channel: 'hidden' })).said).toContain('Not paused: this is done in #secret');
    expect((await stage.slack.user('ana').type('/dr pause storage move', { channel: 'secret' })).said).toMatch(/^\*Paused\*/);
  });
});
