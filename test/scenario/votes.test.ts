import { describe, expect, test } from 'vitest';
import { SITE_TEXT } from '../../src/rehearse/site.ts';
import { DAILY_FAILED, failedNight, openScene, type SceneOptions } from './scene.ts';

async function proposedRetry() {
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  return scene;
}

describe('one approval is enough', () => {
  test('two people at the same moment are one approval and one effect', async () => {
    const { approveAtOnce, pass, run, writes, timeline } = await proposedRetry();
    const answers = await approveAtOnce(['ana', 'ben']);
    expect(answers).toMatchObject([
      { status: 'fulfilled', value: { changed: true, text: expect.stringMatching(/^Approved [0-9a-f]{8} by ana$/) } },
      { status: 'rejected', reason: { code: 'approval.not-waiting', message: 'It is approved already, by ana; the run is executing' } },
    ]);
    await pass('5m');

    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toHaveLength(1);
    expect((await timeline()).filter((line) => line.startsWith('Approved '))).toEqual([expect.stringMatching(/ by ana$/)]);
  });

  test('the same press three times at once, and once more when it is over, changes nothing more', async () => {
    const { approve, approveAtOnce, pass, run, writes, timeline } = await proposedRetry();
    await approveAtOnce(['ana', 'ana', 'ana']);
    expect(await approve('ana')).toMatchObject({ changed: false, text: 'ana has approved this plan already' });
    await pass('5m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(await approve('ana')).toMatchObject({ changed: false, text: 'ana has approved this plan already' });

    expect(writes()).toHaveLength(1);
    expect((await timeline()).filter((line) => line.startsWith('ana approves'))).toHaveLength(1);
    await expect(approve('ben')).rejects.toMatchObject({ code: 'approval.not-waiting', message: expect.stringContaining('ended done') });
  });

  test('a yes and a no at the same moment: what was said first counts, once', async () => {
    const { as, approve, pass, run, writes } = await proposedRetry();
    const { id, digest = '' } = await run();
    const answers = await as('ben', (commands, ben) =>
      Promise.allSettled([
        commands.reject(ben, id, { reason: 'not tonight' }),
        commands.approve({ person: 'ana', rights: ['read'], surface: 'slack' }, id, { plan: digest }),
      ]),
    );
    await pass('5m');
    expect(await run()).toMatchObject({ state: 'rejected', end: 'Rejected by ben: not tonight' });
    expect(writes()).toEqual([]);
    expect(answers[0]).toMatchObject({ status: 'fulfilled', value: { text: 'Rejected by ben: not tonight' } });
    await expect(approve('ana')).rejects.toMatchObject({ code: 'approval.not-waiting' });
  });
});

describe('who may say yes', () => {
  test.each([
    ['somebody whom the configuration does not know', 'mallory', 'approval.not-allowed', 'mallory is not among the people of the configuration'],
    ['a look-alike of a name', 'аna', 'approval.not-allowed', 'is not among the people'],
    ['somebody of another team', 'cleo', 'approval.not-allowed', 'cleo is in none of the teams that decide: 1 of platform'],
  ])('%s is refused, with the reason', async (_, person, code, message) => {
    const { approve, pass, run, writes } = await proposedRetry();
    await expect(approve(person)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    await pass('1m');
    expect(await run()).toMatchObject({ state: 'proposed', approvals: [] });
    expect(writes()).toEqual([]);
  });

  test('nobody at all is asked to say who they are', async () => {
    const { as, run } = await proposedRetry();
    const { id, digest = '' } = await run();
    const pressed = as('ana', (commands) => commands.approve({ person: undefined, rights: ['read'], surface: 'api' }, id, { plan: digest }));
    await expect(pressed).rejects.toMatchObject({ code: 'request.unauthorized' });
  });

  test('who left the team a moment ago has no vote any more', async () => {
    const { configure, approve, run, writes } = await proposedRetry();
    await configure(SITE_TEXT.replace('{ name: ana, teams: [platform] }', '{ name: ana, teams: [] }'));
    await expect(approve('ana')).rejects.toMatchObject({ code: 'approval.not-allowed' });
    expect(await approve('ben')).toMatchObject({ changed: true });
    expect((await run()).approvals.map(({ by }) => by)).toEqual(['ben']);
    expect(writes()).toHaveLength(1);
  });
});

const CLEAN = `
summary: Delete what is old, but for two.
match: ['alertname = "ThingsAreOld"']
params: { thing: { type: text, from: alert.labels.thing } }
target: { from: params.thing }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: clean
    steps: [{ id: clean, action: test.clean }]
`;

const oldThings: SceneOptions = {
  world: {
    namespaces: ['app'],
    objects: ['a', 'b', 'c', 'd'].map((name) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'app', name: `old-${name}`, labels: { old: 'yes' } },
    })),
  },
  playbooks: { 'things-clean': CLEAN },
};

describe('what cannot be taken back', () => {
  test('needs two people of two teams, neither of whom asked for it, and the typed name', async () => {
    const { start, approve, pass, run, proposals, writes, pages } = openScene(oldThings);
    await start('ana', 'things-clean', { thing: 'shelf-7' });
    await pass('10s');
    expect(await run()).toMatchObject({ state: 'proposed', requestedBy: 'ana', approval: { confirmation: 'shelf-7', notRequester: true } });
    expect(proposals()[0]).toContain('Risk: destructive; needs 1 of platform and 1 of incident-command, not the requester, typed confirmation, within 15m');

    await expect(approve('ana', { confirmation: 'shelf-7' })).rejects.toMatchObject({
      code: 'approval.not-allowed',
      message: 'ana asked for this run; somebody else has to approve it',
    });
    await expect(approve('ben')).rejects.toMatchObject({ code: 'approval.confirmation-missing', message: 'This cannot be taken back. Type shelf-7 to go on' });
    await expect(approve('ben', { confirmation: 'shelf-8' })).rejects.toMatchObject({ code: 'approval.confirmation-missing' });
    expect(await approve('ben', { confirmation: 'shelf-7' })).toMatchObject({
      changed: true,
      state: 'proposed',
      text: expect.stringContaining('1 of 2: ben; still needs 1 of incident-command'),
    });
    expect(await approve('ben', { confirmation: 'shelf-7' })).toMatchObject({ changed: false });
    await pass('1m');
    expect(writes()).toEqual([]);

    expect(await approve('cleo', { confirmation: 'shelf-7' })).toMatchObject({ changed: true, state: 'executing' });
    await pass('1m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toEqual(['delete ConfigMap/app/old-a', 'delete ConfigMap/app/old-b']);
    expect(pages()).toEqual([]);
  });

  test('one person in both teams is one person', async () => {
    const { start, approve, pass, run, writes } = openScene({
      ...oldThings,
      config: SITE_TEXT.replace('{ name: ben, teams: [platform] }', '{ name: ben, teams: [platform, incident-command] }'),
    });
    await start('ana', 'things-clean', { thing: 'shelf-7' });
    await pass('10s');
    expect(await approve('ben', { confirmation: 'shelf-7' })).toMatchObject({ state: 'proposed' });
    expect(await run()).toMatchObject({ state: 'proposed' });
    await approve('dora', { confirmation: 'shelf-7' });
    await pass('1m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toHaveLength(2);
  });

  test('a vote of somebody who left the team meanwhile does not count when the second comes', async () => {
    const { start, configure, approve, pass, run, writes } = openScene(oldThings);
    await start('ana', 'things-clean', { thing: 'shelf-7' });
    await pass('10s');
    await approve('ben', { confirmation: 'shelf-7' });
    await configure(SITE_TEXT.replace('{ name: ben, teams: [platform] }', '{ name: ben, teams: [] }\n  - { name: emil, teams: [platform] }'));
    expect(await approve('cleo', { confirmation: 'shelf-7' })).toMatchObject({ state: 'proposed' });
    await pass('1m');
    expect(writes()).toEqual([]);
    expect(await run()).toMatchObject({ state: 'proposed' });
    expect(await approve('emil', { confirmation: 'shelf-7' })).toMatchObject({ state: 'executing' });
  });

  test('where an alert asked for it, any of the people may approve', async () => {
    const { alert, approve, pass, run } = openScene(oldThings);
    await alert({ alertname: 'ThingsAreOld', thing: 'shelf-7', severity: 'warning' });
    await pass('10s');
    await approve('ana', { confirmation: 'shelf-7' });
    await approve('dora', { confirmation: 'shelf-7' });
    await pass('1m');
    expect(await run()).toMatchObject({ state: 'done', requestedBy: 'alert' });
  });

  test('where no team stands for a role, nobody may approve, and the card says so', async () => {
    const nobody = SITE_TEXT.replace('{ team: incident-command, count: 1 }], notRequester', '{ role: commander, count: 1 }], notRequester').replace(
      'commander: [incident-command]',
      'commander: []',
    );
    const { start, approve, configure, pass, run, writes } = openScene({ ...oldThings, config: nobody });
    await start('ana', 'things-clean', { thing: 'shelf-7' });
    await pass('10s');
    expect(await run()).toMatchObject({ state: 'proposed', hold: { gate: 'role', reason: expect.stringContaining('commander is not mapped to a team') } });
    await expect(approve('ben', { confirmation: 'shelf-7' })).rejects.toMatchObject({ code: 'approval.not-allowed' });

    // Mapped, it is asked anew with its whole time.
    await configure(SITE_TEXT);
    await pass('10s');
    expect((await run()).hold).toBeUndefined();
    await approve('ben', { confirmation: 'shelf-7' });
    await approve('cleo', { confirmation: 'shelf-7' });
    await pass('1m');
    expect(writes()).toHaveLength(2);
  });

  test('who has not the right to start runs starts none', async () => {
    const { start, runs } = openScene(oldThings);
    await expect(start('dora', 'things-clean', { thing: 'shelf-7' })).rejects.toMatchObject({
      code: 'request.forbidden',
      message: expect.stringContaining('platform'),
    });
    expect(await runs()).toEqual([]);
  });
});
