import { describe, expect, test } from 'vitest';
import { putIncident } from '../../api/site.ts';
import { type HearingStage, openStage, type Proposal } from './stage.ts';

const WORKSPACE = {
  channels: [
    { name: 'inc-mine', id: 'C0MINE' },
    { name: 'inc-other', id: 'C0OTHER' },
  ],
};

/** A proposal of an incident that has `#inc-mine` for itself; `#inc-other` is another incident's. */
async function stageWithChannels(): Promise<{ readonly stage: HearingStage; readonly proposal: Proposal }> {
  const stage = await openStage({ slack: WORKSPACE });
  const proposal = await stage.propose();
  const { incident } = proposal;
  const open = (id: string, name: string) => ({ wanted: name, state: 'open' as const, id, name });
  await putIncident(stage.store, { ...incident, channel: open('C0MINE', 'inc-mine') });
  await putIncident(stage.store, { ...incident, id: 'incident/ffffffffffffffff-1', key: 'other', channel: open('C0OTHER', 'inc-other') });
  return { stage, proposal };
}

describe("in an incident's own channel", () => {
  test('what is about this incident is decided', async () => {
    const { stage, proposal } = await stageWithChannels();
    await stage.buttons({ ...proposal, text: 'mine', channel: 'C0MINE' });
    await stage.slack.user('ana').press({ text: 'mine', action: 'approve', channel: 'inc-mine' });
    expect(await stage.tellsNext('ana', 'inc-mine')).toContain('Your approval is recorded');
    expect((await stage.run(proposal.run.id)).approvals).toMatchObject([{ by: 'ana' }]);
  });

  test('so is what is typed there about it, by the first characters of its names', async () => {
    const { stage, proposal } = await stageWithChannels();
    const { said } = await stage.slack.user('ana').type(`/dr reject ${proposal.name} not tonight`, { channel: 'inc-mine' });
    expect(said).toMatch(/^Rejected/);
  });

  test.each([
    ['a press about another incident', 'inc-other', 'C0OTHER'],
    ['a press in a channel that is no incident’s', 'general', 'C0GENERAL'],
  ])('%s decides nothing', async (_what, name, channel) => {
    const { stage, proposal } = await stageWithChannels();
    stage.slack.apply({ channels: [{ name, id: channel }] });
    await stage.buttons({ ...proposal, text: 'elsewhere', channel });
    await stage.slack.user('ana').press({ text: 'elsewhere', action: 'approve', channel: name });
    expect(await stage.tellsNext('ana', name)).toContain('Not approved: this is done in #dr');
    expect((await stage.run(proposal.run.id)).approvals).toEqual([]);
  });

  test('what is about no incident is not done', async () => {
    const { stage } = await stageWithChannels();
    expect((await stage.slack.user('ana').type('/dr pause storage move', { channel: 'inc-mine' })).said).toContain('Not paused: this is done in #dr');
  });

  test('nothing is decided once another organization is in it', async () => {
    const { stage, proposal } = await stageWithChannels();
    await stage.buttons({ ...proposal, text: 'mine', channel: 'C0MINE' });
    stage.slack.apply({ channels: [{ name: 'inc-mine', id: 'C0MINE', shared: true }] });
    await stage.slack.user('ana').press({ text: 'mine', action: 'approve', channel: 'inc-mine' });
    expect(await stage.tellsNext('ana', 'inc-mine')).toContain('Not approved: this is done in #dr');
    expect((await stage.run(proposal.run.id)).approvals).toEqual([]);
  });

  test('nothing is decided while Slack does not say who is in it', async () => {
    const { stage, proposal } = await stageWithChannels();
    await stage.buttons({ ...proposal, text: 'mine', channel: 'C0MINE' });
    stage.slack.fault({ give: 'refuse', method: 'conversations.info', error: 'internal_error' });
    await stage.slack.user('ana').press({ text: 'mine', action: 'approve', channel: 'inc-mine' });
    expect(await stage.tellsNext('ana', 'inc-mine')).toMatch(/^Not approved: /);
    expect((await stage.run(proposal.run.id)).approvals).toEqual([]);
  });
});
