import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/model/policy.ts';
import { policy as sample } from '../../unit/run/samples.ts';
import { stage } from './stage.ts';

const ONE = 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]';
const CLEAN = 'stages: [{ id: do, steps: [{ id: one, action: test.clean }] }]';

const stricter = (change: Partial<Policy['approvals']>): Partial<Policy> => ({ approvals: { ...sample.approvals, ...change } });

const refusals = async (story: Awaited<ReturnType<typeof stage>>, id: string): Promise<readonly string[]> =>
  (await story.journal(id)).flatMap(({ type, data: { by, code } }) => (type === 'approval.refused' ? [[by, code].map(String).join(': ')] : []));

describe('who may say yes', () => {
  test('is refused to strangers, to people of other teams and to votes for another digest, each with its reason; nothing starts', async () => {
    const story = await stage({ playbook: ONE });
    const id = await story.start();
    await story.approve(id, 'mallory');
    await story.approve(id, 'cleo');
    await story.tell(id, { kind: 'approve', by: 'ana', plan: 'f'.repeat(64), surface: 'api' });
    expect(await refusals(story, id)).toEqual(['mallory: approval.not-allowed', 'cleo: approval.not-allowed', 'ana: approval.plan-changed']);
    expect(await story.state(id)).toBe('proposed');
    expect(story.sim().writes()).toEqual([]);
  });

  test('takes one of each of two teams, and a second press of one person counts nothing', async () => {
    const story = await stage({ playbook: CLEAN });
    for (const name of ['a', 'b', 'c']) story.set(name, {}, { labels: { old: 'yes' } });
    const id = await story.start();
    await story.approve(id, 'ana', 'thing');
    await story.approve(id, 'ana', 'thing');
    await story.approve(id, 'ben', 'thing');
    expect(await story.state(id)).toBe('proposed');
    expect(await story.line(id, 'approval.vote')).toMatchObject({ by: 'ben', missing: expect.stringContaining('incident-command') });
    await story.approve(id, 'cleo', 'thing');
    expect(await story.state(id)).toBe('executing');
    expect(await story.line(id, 'approval.granted')).toMatchObject({ by: ['ana', 'ben', 'cleo'] });
  });

  test('asks what cannot be taken back to be typed, word for word', async () => {
    const story = await stage({ playbook: CLEAN });
    for (const name of ['a', 'b', 'c']) story.set(name, {}, { labels: { old: 'yes' } });
    const id = await story.start();
    await story.approve(id, 'ana');
    await story.approve(id, 'ana', 'Thing');
    expect(await refusals(story, id)).toEqual(['ana: approval.confirmation-missing', 'ana: approval.confirmation-missing']);
  });

  test('is never the person who asked, where the policy says so', async () => {
    const story = await stage({ playbook: ONE, policy: stricter({ stricter: [{ action: 'test.write', notRequester: true }] }) });
    const id = await story.start('thing', { by: 'ana' });
    await story.approve(id, 'ana');
    expect(await refusals(story, id)).toEqual(['ana: approval.not-allowed']);
    await story.approve(id, 'ben');
    expect(await story.state(id)).toBe('done');
  });

  test('is anybody in the team for a run that an alert started', async () => {
    const story = await stage({ playbook: ONE, policy: stricter({ stricter: [{ action: 'test.write', notRequester: true }] }) });
    const id = await story.start('thing', { alert: [['alertname', 'Broken']] });
    await story.approve(id, 'ana');
    expect(await story.state(id)).toBe('done');
  });

  test('is made stricter by a playbook, and never laxer', async () => {
    const more = await stage({
      playbook: 'stages: [{ id: do, approval: { need: [{ role: commander, count: 1 }] }, steps: [{ id: one, action: test.write }] }]',
    });
    const id = await more.start();
    await more.approve(id, 'ana');
    expect(await more.state(id)).toBe('proposed');
    await more.approve(id, 'cleo');
    expect(await more.state(id)).toBe('done');

    const less = await stage({
      playbook: 'stages: [{ id: do, approval: { notRequester: false, need: [{ role: approver, count: 1 }] }, steps: [{ id: one, action: test.write }] }]',
      policy: stricter({ reversible: { ...sample.approvals.reversible, need: [{ team: 'platform', count: 2 }], notRequester: true } }),
    });
    const other = await less.start('thing', { by: 'cleo' });
    await less.approve(other, 'ana');
    expect(await less.state(other)).toBe('proposed');
    await less.approve(other, 'ben');
    expect(await less.state(other)).toBe('done');
  });
});

describe('where nobody may say yes', () => {
  test('an unmapped role holds the proposal with the reason; when it is mapped, people get their whole time', async () => {
    const playbook = 'stages: [{ id: do, approval: { need: [{ role: keeper, count: 1 }] }, steps: [{ id: one, action: test.write }] }]';
    const story = await stage({ playbook });
    const id = await story.start();
    expect(await story.hold(id)).toBe('role: the role keeper is not mapped to a team, so nobody may approve');
    await story.approve(id, 'ana');
    expect(await refusals(story, id)).toEqual(['ana: approval.not-allowed']);
    await story.clock.pass(10 * 60_000);

    story.setPolicy({ roles: { ...sample.roles, keeper: ['incident-command'] } });
    await story.tell(id, { kind: 'look', why: 'the configuration was read again' });
    expect(await story.hold(id)).toBeUndefined();
    await story.clock.pass(10 * 60_000);
    expect(await story.state(id)).toBe('proposed');
    await story.approve(id, 'ana');
    await story.approve(id, 'cleo');
    expect(await story.state(id)).toBe('done');
  });

  test('a policy that nobody can fill holds, and any person may still reject', async () => {
    const story = await stage({ playbook: ONE, policy: { people: [{ name: 'cleo', teams: ['incident-command'] }] } });
    const id = await story.start();
    expect(await story.hold(id)).toBe('role: nobody is in platform, so nobody may approve');
    await story.reject(id, 'cleo');
    expect(await story.state(id)).toBe('rejected');
  });
});

describe('a press', () => {
  test('before there is a proposal is answered, and decides nothing', async () => {
    const story = await stage({ playbook: `diagnose: [{ id: look, action: test.look }]\n${ONE}` });
    story.set('finding', { kind: 'wait' });
    const id = await story.start();
    await story.tell(id, { kind: 'approve', by: 'ana', plan: '0'.repeat(64), surface: 'chat' });
    expect(await story.line(id, 'approval.refused')).toMatchObject({ code: 'approval.not-waiting', reason: 'The run is waiting: there is nothing to decide' });
    story.unset('finding');
    await story.clock.pass(30_000);
    expect(await story.state(id)).toBe('proposed');
  });

  test('while the run looks again counts: the look does not leave the proposal', async () => {
    const story = await stage({ playbook: `diagnose: [{ id: look, action: test.look }]\n${ONE}` });
    const id = await story.start();
    story.sim().faults.add({ give: 'slow', delay: '3s', kind: 'ConfigMap', verb: 'get', times: 1 });
    await story.resolve(id);
    expect(await story.state(id)).toBe('proposed');
    await story.approve(id);
    expect(await story.state(id)).toBe('proposed');
    await story.clock.pass(4000);
    expect(await story.state(id)).toBe('done');
  });

  test('that was committed in time counts, also where it is read late', async () => {
    const story = await stage({ playbook: ONE });
    const id = await story.start();
    await story.clock.pass(15 * 60_000 - 1);
    await story.stop();
    await story.approve(id);
    await story.clock.pass(60_000);
    story.restart();
    await story.clock.pass(1000);
    expect(await story.state(id)).toBe('done');
  });

  test('to reject needs neither the typed word nor another person than the requester', async () => {
    const story = await stage({ playbook: CLEAN });
    for (const name of ['a', 'b', 'c']) story.set(name, {}, { labels: { old: 'yes' } });
    const id = await story.start('thing', { by: 'ana' });
    await story.reject(id, 'ana');
    expect(await story.state(id)).toBe('rejected');
  });

  test('to reject by a stranger is refused', async () => {
    const story = await stage({ playbook: ONE });
    const id = await story.start();
    await story.reject(id, 'mallory');
    expect(await story.state(id)).toBe('proposed');
    expect(await refusals(story, id)).toEqual(['mallory: approval.not-allowed']);
  });
});

describe('an alert that ends while its run is proposed', () => {
  const playbook = `diagnose: [{ id: look, action: test.look }]\n${ONE}`;

  test('leaves the proposal where the cause is still there, and withdraws it only where it recovered', async () => {
    const story = await stage({ playbook });
    const id = await story.start();
    const before = (await story.run(id)).plan;
    await story.resolve(id);
    expect(await story.state(id)).toBe('proposed');
    expect((await story.run(id)).plan).toEqual(before);
    expect(await story.line(id, 'proposal.stays')).toEqual({ reason: 'The alert resolved, and still: it can be done' });
    story.set('finding', { kind: 'recovered' });
    await story.resolve(id);
    expect(await story.state(id)).toBe('recovered');
  });

  test('is looked at again when the first look was refused', async () => {
    const story = await stage({ playbook });
    const id = await story.start();
    story.set('finding', { kind: 'recovered' });
    story.sim().faults.add({ give: 'unavailable', kind: 'ConfigMap', times: 2 });
    await story.resolve(id);
    expect(await story.state(id)).toBe('proposed');
    await story.clock.pass(10_000);
    expect(await story.state(id)).toBe('recovered');
  });
});

describe('a proposal that is looked at again', () => {
  test('starts by itself where the policy asks nobody any more', async () => {
    const story = await stage({ playbook: ONE });
    const id = await story.start();
    story.setPolicy(stricter({ auto: [{ action: 'test.write', limit: { count: 3, perMs: 3_600_000 } }] }));
    await story.tell(id, { kind: 'look', why: 'the configuration was read again' });
    expect(await story.state(id)).toBe('done');
  });

  test('starts where the votes it has are now enough', async () => {
    const story = await stage({ playbook: ONE, policy: stricter({ reversible: { ...sample.approvals.reversible, need: [{ team: 'platform', count: 2 }] } }) });
    const id = await story.start();
    await story.approve(id, 'ana');
    story.setPolicy({ approvals: sample.approvals });
    await story.tell(id, { kind: 'look', why: 'the configuration was read again' });
    expect(await story.state(id)).toBe('done');
  });

  test('is another proposal where the plan is another one', async () => {
    const story = await stage({ playbook: ONE });
    const id = await story.start();
    story.set('base', {});
    await story.tell(id, { kind: 'look', why: 'the configuration was read again' });
    expect([await story.state(id), (await story.run(id)).generation]).toEqual(['proposed', 2]);
  });
});
