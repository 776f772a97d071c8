import { describe, expect, test } from 'vitest';
import { SalvorError } from '../../../../src/model/error.ts';
import { plan, proposedRun } from '../../api/site.ts';
import { openStage, typedRun } from './stage.ts';

const OTHER = 'e2e2e2e2'.repeat(8);

describe.each(['socket', 'http'] as const)('a press in %s mode', (mode) => {
  test('approves exactly the plan of its card, acknowledged in time, and tells the one who pressed', async () => {
    const stage = await openStage({ mode });
    const { run, name, digest } = await stage.propose();
    const pressed = await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    expect(pressed).toMatchObject({ acknowledged: true });
    expect(pressed.afterMs).toBeLessThan(3000);
    const said = await stage.slack.until('the answer', () => stage.told('ana').at(-1));
    expect(said).toMatch(new RegExp(`^Your approval is recorded: .*\`${name}\`, proposed`));
    expect((await stage.run(run.id)).approvals).toMatchObject([{ by: 'ana', plan: digest, surface: 'slack' }]);
  });

  test('a reason is asked in a form, and said in the run', async () => {
    const stage = await openStage({ mode });
    const { run } = await stage.propose();
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'reject' });
    const modal = await stage.slack.until('the form', () => ana.modal());
    expect(JSON.stringify(modal.blocks)).toContain('Cordon w1');
    expect(await ana.submit({ typed: 'the storage is being replaced' })).toMatchObject({ acknowledged: true });
    expect(ana.modal()).toBeUndefined();
    expect(await stage.slack.until('the answer', () => stage.told('ana').at(-1))).toMatch(/^Rejected: /);
    const { journal } = await stage.run(run.id);
    expect(journal.find(({ type }) => type === 'approval.rejected')?.data).toMatchObject({
      by: 'ana',
      surface: 'slack',
      reason: 'the storage is being replaced',
    });
  });
});

describe('a plan that cannot be taken back', () => {
  test('asks for its word in a form; another word, also one that looks the same, stays at the field', async () => {
    const stage = await openStage();
    const { run } = await stage.propose(typedRun('w1'));
    const ana = stage.slack.user('ana');
    expect(await ana.press({ text: 'a proposal', action: 'approve' })).toMatchObject({ acknowledged: true });
    const modal = await stage.slack.until('the form', () => ana.modal());
    expect(JSON.stringify(modal.blocks)).toMatch(/cannot be taken back.*Type w1 to go on/);
    // The letter is the Cyrillic one; the digit a wide one.
    for (const wrong of ['w2', 'W1', 'ѡ1', 'w１', 'w1 '.repeat(2)]) {
      const { errors } = await ana.submit({ typed: wrong });
      expect(errors?.['typed'], wrong).toContain('Type w1 to go on');
    }
    expect((await stage.run(run.id)).approvals).toEqual([]);
    expect(await ana.submit({ typed: 'w1' })).toMatchObject({ acknowledged: true });
    expect(await stage.slack.until('the answer', () => stage.told('ana').at(-1))).toMatch(/^Approved: /);
    expect((await stage.run(run.id)).approvals).toMatchObject([{ by: 'ana', surface: 'slack' }]);
  });

  test('is not approved by who asked for it', async () => {
    const stage = await openStage();
    await stage.propose({ ...typedRun(), start: { by: 'person', person: 'ana', surface: 'slack', reason: 'x' } });
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'approve' });
    const said = await stage.slack.until('the refusal', () => stage.told('ana').at(-1));
    expect(said).toMatch(/^Not approved: ana asked for this run; somebody else has to approve it\nThis plan needs .*\. Who can: .*ben/);
    expect(ana.modal()).toBeUndefined();
    expect(stage.logged('slack.refused')).toMatchObject([{ reason: 'approval.not-allowed', user: 'U0ANA' }]);
  });
});

describe('not yet', () => {
  test('a proposal is held with a reason, by a form, and released by a press; both are on its journal', async () => {
    const stage = await openStage();
    const { run, name } = await stage.propose();
    const [ana, ben] = [stage.slack.user('ana'), stage.slack.user('ben')];
    await ana.press({ text: 'a proposal', action: 'hold' });
    const modal = await stage.slack.until('the form', () => ana.modal());
    expect(JSON.stringify(modal.blocks)).toMatch(/Cordon w1.*until somebody releases it/);
    expect(await ana.submit({ typed: ' the owner is on the way ' })).toMatchObject({ acknowledged: true });
    expect(await stage.slack.until('the answer', () => stage.told('ana').at(-1))).toMatch(new RegExp(`^Held: .*the owner is on the way.*${name}`));
    expect((await stage.run(run.id)).approval?.held).toMatchObject({ by: 'ana', reason: 'the owner is on the way' });
    // Who comes second hears who was first, and types nothing.
    await ben.press({ text: 'a proposal', action: 'hold' });
    expect(await stage.slack.until('the answer', () => stage.told('ben').at(-1))).toMatch(
      /^Not held: ana holds it already: the owner is on the way\nWhere it stands: `\/dr show/,
    );
    expect(ben.modal()).toBeUndefined();
    await ben.press({ text: 'a proposal', action: 'release' });
    expect(await stage.slack.until('the answer', () => stage.told('ben')[1])).toMatch(/^Released: /);
    const { journal, approval } = await stage.run(run.id);
    expect(approval?.held).toBeUndefined();
    expect(journal.flatMap(({ type, data }) => (type.startsWith('approval.') ? [[type, data['by'], data['surface']]] : []))).toEqual([
      ['approval.held', 'ana', 'slack'],
      ['approval.released', 'ben', 'slack'],
    ]);
  });

  test('who neither decides nor runs anything is told who can, by the form and by the press', async () => {
    const stage = await openStage();
    const { run } = await stage.propose();
    const cleo = stage.slack.user('cleo');
    const who = /cleo is in none of the teams.*Who can: ana, ben\. Whoever has the right `run` can hold and release, too\. Who can: platform\./s;
    await cleo.press({ text: 'a proposal', action: 'release' });
    expect(await stage.slack.until('the refusal', () => stage.told('cleo').at(-1))).toMatch(who);
    await cleo.press({ text: 'a proposal', action: 'hold' });
    await stage.slack.until('the form', () => cleo.modal());
    await cleo.submit({ typed: 'because' });
    await stage.slack.until('the refusal', () => JSON.stringify(cleo.modal()?.blocks ?? []).includes('Not held'));
    expect(JSON.stringify(cleo.modal()?.blocks)).toMatch(/Not held: cleo is in none of the teams/);
    expect((await stage.run(run.id)).approval?.held).toBeUndefined();
  });

  test('a yes is taken back by who gave it, and by nobody else', async () => {
    const stage = await openStage();
    const { run } = await stage.propose();
    const [ana, ben] = [stage.slack.user('ana'), stage.slack.user('ben')];
    await ana.press({ text: 'a proposal', action: 'approve' });
    await stage.slack.until('the answer', () => stage.told('ana')[0]);
    await ben.press({ text: 'a proposal', action: 'withdraw' });
    expect(await stage.slack.until('the answer', () => stage.told('ben').at(-1))).toMatch(/^Nothing changed: ben has not approved this plan/);
    await ana.press({ text: 'a proposal', action: 'withdraw' });
    expect(await stage.slack.until('the answer', () => stage.told('ana')[1])).toMatch(/^Taken back: /);
    expect((await stage.run(run.id)).approvals).toEqual([]);
  });

  test.each([
    ['hold', /^Not held: the run carries out its plan.* To stop it: \/dr cancel [0-9a-f]{8}\n/],
    ['release', /^Not released: it has begun, and the run is verifying\. To stop it: salvor cancel [0-9a-f]{8}\n/],
    ['withdraw', /^Not taken back: it has begun, and the run is verifying\. To stop it: salvor cancel [0-9a-f]{8}\n/],
  ] as const)('after the decision a press of %s says what the run does, and what still helps', async (action, words) => {
    const stage = await openStage();
    await stage.propose({ state: action === 'hold' ? 'executing' : 'verifying' });
    await stage.slack.user('ana').press({ text: 'a proposal', action });
    expect(await stage.slack.until('the answer', () => stage.told('ana').at(-1))).toMatch(words);
    expect(stage.slack.user('ana').modal()).toBeUndefined();
  });
});

describe('what a card no longer is about', () => {
  test('a plan that changed is looked at again, by approve and by reject', async () => {
    const stage = await openStage();
    const { run, incident } = await stage.propose({ plan: plan(OTHER) });
    const ana = stage.slack.user('ana');
    // The newer card of the same run is the one that `propose` made; this one is older.
    await stage.buttons({ run, incident, digest: 'd1d1d1d1'.repeat(8), text: 'an older card' });
    await ana.press({ text: 'an older card', action: 'approve' });
    const said = await stage.slack.until('the answer', () => stage.told('ana').at(-1));
    expect(said).toMatch(/^Not approved: d1d1d1d1 is not the current plan; e2e2e2e2 is\nLook again: `\/dr show/);
    await ana.press({ text: 'an older card', action: 'reject' });
    await stage.slack.until('the answer', () => stage.told('ana').find((text) => text.startsWith('Not rejected: d1d1d1d1 is not the current plan')));
    await ana.press({ text: 'an older card', action: 'release' });
    await stage.slack.until('the answer', () => stage.told('ana').find((text) => text.startsWith('Not released: d1d1d1d1 is not the current plan')));
    expect(ana.modal()).toBeUndefined();
    expect(await stage.run(run.id)).toMatchObject({ state: 'proposed', approvals: [] });
  });

  test('a plan that changes while its form is open is not approved by it', async () => {
    const stage = await openStage();
    const { run } = await stage.propose(typedRun());
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'approve' });
    await stage.slack.until('the form', () => ana.modal());
    await stage.change({ ...run, ...typedRun(), plan: plan(OTHER) });
    await ana.submit({ typed: 'w1' });
    await stage.slack.until('the refusal', () => JSON.stringify(ana.modal()?.blocks ?? []).includes('is not the current plan'));
    expect((await stage.run(run.id)).approvals).toEqual([]);
  });

  test('a digest of another run, a guessed id, a button that is none of ours: nothing happens, and each is said', async () => {
    const stage = await openStage();
    const { run, incident } = await stage.propose();
    const ana = stage.slack.user('ana');
    const foreign = [
      [{ run, incident, digest: OTHER }, 'is not the current plan'],
      [{ run: { ...run, id: 'run/0123456789abcdef-7' }, incident }, 'there is no run'],
      [{ run: { ...run, id: 'run/../../etc' }, incident }, 'this button says nothing that Salvor knows'],
      [{ run: { ...run, id: run.id.slice(0, 12) }, incident }, 'this button says nothing that Salvor knows'],
    ] as const;
    for (const [index, [of, words]] of foreign.entries()) {
      const before = stage.told('ana').length;
      await stage.buttons({ digest: 'd1d1d1d1'.repeat(8), ...of, text: `card ${index}` });
      await ana.press({ text: `card ${index}`, action: 'approve' });
      expect(await stage.slack.until('the answer', () => stage.told('ana')[before])).toContain(words);
    }
    expect((await stage.run(run.id)).approvals).toEqual([]);
  });

  test.each([
    ['a run that ended', { state: 'expired', endedMs: 1 } as const, /^Not approved: the run ended expired/],
    ['a run that was rejected', { state: 'rejected', endedMs: 1 } as const, /^Not approved: the run ended rejected/],
    ['a run that goes on', { state: 'executing' } as const, /^Not approved: /],
  ])('%s is told so', async (_name, change, words) => {
    const stage = await openStage();
    await stage.propose(change);
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    expect(await stage.slack.until('the answer', () => stage.told('ana').at(-1))).toMatch(words);
  });

  test('a proposal whose time is over is not approved by a late press', async () => {
    const stage = await openStage();
    const base = proposedRun().approval;
    if (base === undefined) throw new Error('the sample is not proposed');
    const { run } = await stage.propose({ approval: { ...base, expiresMs: Date.now() - 1000 } });
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    expect(await stage.slack.until('the answer', () => stage.told('ana').at(-1))).toMatch(/^Not approved: the proposal had expired/);
    expect((await stage.run(run.id)).approvals).toEqual([]);
    expect((await stage.run(run.id)).state).not.toBe('executing');
  });
});

describe('presses at once', () => {
  test('a double press and a replay count once, and are said to be repeats', async () => {
    const stage = await openStage();
    const { run } = await stage.propose();
    const ana = stage.slack.user('ana');
    await Promise.all([ana.press({ text: 'a proposal', action: 'approve' }), ana.press({ text: 'a proposal', action: 'approve' })]);
    await ana.redeliver();
    const all = await stage.slack.until('three answers', () => (stage.told('ana').length === 3 ? stage.told('ana') : undefined));
    expect(all.at(-1)).toMatch(/^Nothing changed: ana has approved this plan already/);
    expect((await stage.run(run.id)).approvals).toHaveLength(1);
  });

  test('yes and no in the same moment: the first that is stored wins, and the other hears it', async () => {
    const stage = await openStage();
    const { run } = await stage.propose();
    const [ana, ben] = [stage.slack.user('ana'), stage.slack.user('ben')];
    await ben.press({ text: 'a proposal', action: 'reject' });
    await stage.slack.until('the form', () => ben.modal());
    await Promise.all([ana.press({ text: 'a proposal', action: 'approve' }), ben.submit({ typed: 'no' })]);
    await stage.slack.until('both are told', () => stage.told('ana').length > 0 && stage.told('ben').length > 0);
    const { state, approvals } = await stage.run(run.id);
    expect(state).toBe('rejected');
    expect(stage.told('ben').at(-1)).toMatch(/^Rejected/);
    expect(approvals.length).toBeLessThanOrEqual(1);
  });

  test('two approvers in the same moment are both heard', async () => {
    const stage = await openStage();
    const { run } = await stage.propose();
    await Promise.all(['ana', 'ben'].map((who) => stage.slack.user(who).press({ text: 'a proposal', action: 'approve' })));
    await stage.slack.until('both are told', () => stage.told('ana').length > 0 && stage.told('ben').length > 0);
    expect((await stage.run(run.id)).approvals.map(({ by }) => by).toSorted()).toEqual(['ana', 'ben']);
  });
});

describe('looking and saying', () => {
  test('the whole plan opens in a form, also for somebody who decides nothing', async () => {
    const stage = await openStage();
    await stage.propose();
    const dan = stage.slack.user('dan');
    await dan.press({ text: 'a proposal', action: 'show' });
    const modal = await stage.slack.until('the plan', () => dan.modal());
    expect(JSON.stringify(modal.blocks)).toMatch(/patch Node\/w1 spec.unschedulable: false -&gt; true/);
  });

  test('a question goes on the timeline of the incident', async () => {
    const stage = await openStage();
    const { incident } = await stage.propose();
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'ask' });
    await stage.slack.until('the form', () => ana.modal());
    await ana.submit({ typed: 'is the load gone?' });
    await stage.slack.until('the answer', () => stage.told('ana').at(-1));
    const [letter] = await stage.store.mail('prod', incident.id);
    expect(letter?.value).toMatchObject({
      kind: 'note',
      by: 'ana',
      surface: 'slack',
      text: expect.stringMatching(/^asks about run \w{8}, plan d1d1d1d1: is the load gone\?$/),
    });
  });

  test('acknowledging and taking the lead reach the incident', async () => {
    const stage = await openStage();
    const { incident } = await stage.propose();
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'acknowledge' });
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'lead' });
    const letters = await stage.store.mail('prod', incident.id);
    expect(letters.map(({ value }) => value)).toMatchObject([
      { kind: 'acknowledge', by: 'ana', surface: 'slack', person: true },
      { kind: 'lead', by: 'ana', surface: 'slack', lead: 'ana' },
    ]);
  });
});

describe('when what answers is away', () => {
  test('a store that hangs: acknowledged in time, told when it is there', async () => {
    const gate = Promise.withResolvers<void>();
    const stage = await openStage({ commands: (real) => ({ approve: async (...given) => gate.promise.then(() => real.approve(...given)) }) });
    const { run } = await stage.propose();
    const pressed = await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    expect(pressed).toMatchObject({ acknowledged: true });
    expect(pressed.afterMs).toBeLessThan(3000);
    expect(stage.told('ana')).toEqual([]);
    gate.resolve();
    await stage.slack.until('the answer', () => stage.told('ana').at(-1)?.startsWith('Your approval is recorded'));
    expect((await stage.run(run.id)).approvals).toHaveLength(1);
  });

  test('a run that cannot be read in time: an empty form opens while its trigger is good, and is filled later', async () => {
    const gate = Promise.withResolvers<void>();
    const stage = await openStage({ commands: (real) => ({ run: async (...given) => gate.promise.then(() => real.run(...given)) }) });
    await stage.propose(typedRun());
    const ana = stage.slack.user('ana');
    const pressed = await ana.press({ text: 'a proposal', action: 'approve' });
    expect(pressed.afterMs).toBeLessThan(3000);
    expect(JSON.stringify(ana.modal()?.blocks)).toContain('this takes longer than usual');
    gate.resolve();
    await stage.slack.until('the form is filled', () => JSON.stringify(ana.modal()?.blocks).includes('Type w1 to go on'));
    await ana.submit({ typed: 'w1' });
    await stage.slack.until('the answer', () => stage.told('ana').at(-1)?.startsWith('Approved'));
  });

  test('a form whose work takes long is acknowledged in time, and shows what came of it', async () => {
    const gate = Promise.withResolvers<void>();
    const stage = await openStage({ commands: (real) => ({ reject: async (...given) => gate.promise.then(() => real.reject(...given)) }) });
    await stage.propose();
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'reject' });
    await stage.slack.until('the form', () => ana.modal());
    const sent = await ana.submit({ typed: 'no' });
    expect(sent).toMatchObject({ acknowledged: true });
    expect(sent.afterMs).toBeLessThan(3000);
    expect(JSON.stringify(ana.modal()?.blocks)).toContain('It is at work');
    gate.resolve();
    await stage.slack.until('what came of it', () => JSON.stringify(ana.modal()?.blocks).includes('Rejected'));
  });

  test('an address for answers that is used up: a message that only they see, instead', async () => {
    const stage = await openStage();
    await stage.propose();
    const ana = stage.slack.user('ana');
    await ana.press({ text: 'a proposal', action: 'approve' });
    await stage.slack.until('the answer', () => stage.told('ana').length === 1);
    for (let time = 2; time <= 6; time += 1) {
      await ana.redeliver();
      await stage.slack.until(`answer ${time}`, () => stage.told('ana').length === time);
    }
    expect(stage.slack.calls('chat.postEphemeral').length).toBeGreaterThan(0);
  });

  test('a store that refuses is said with the command line beside it, and nothing is called approved', async () => {
    const stage = await openStage({
      commands: () => ({ approve: () => Promise.reject(new SalvorError('store.unavailable', 'the store does not answer', { retry: 'later' })) }),
    });
    const { name } = await stage.propose();
    await stage.slack.user('ana').press({ text: 'a proposal', action: 'approve' });
    const said = await stage.slack.until('the answer', () => stage.told('ana').at(-1));
    expect(said).toMatch(/^Not approved: /);
    expect(said).toContain(`salvor approve ${name} --plan d1d1d1d1`);
  });
});
