import { describe, expect, test } from 'vitest';
import { killedBehindEachChange, killedEveryFiveSeconds, type Story, untilHeard } from './killed.ts';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

const retry: Story = {
  name: 'the storage is away and comes back, ana approves, the backup is made, the alert resolves',
  options: {
    world: failedNight('storage-unavailable', {
      storage: { default: 'unavailable' },
      next: [{ outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '20s' }],
    }),
  },
  async play(scene) {
    await scene.alert(DAILY_FAILED);
    await scene.pass('35s');
    scene.change({ storage: { default: 'available' } });
    await scene.pass('45s');
    const plan = (await scene.run()).digest ?? '';
    await untilHeard(scene, () => scene.approve('ana', { plan }));
    await scene.pass('1m');
    await scene.resolved(DAILY_FAILED);
    await scene.pass('10s');
  },
  ends: {
    run: 'done',
    incident: 'closed',
    writes: [expect.stringMatching(/^create Backup\/velero\/daily-retry-/)],
    pages: [],
    ledger: { accepted: 2, handled: 2, pending: 0, quarantined: 0 },
    audit: [],
  },
};

const TWO_THINGS = `
summary: Make two things, with a question between them, and wait.
params: { thing: { type: text } }
target: { from: params.thing }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: first
    steps: [{ id: one, action: test.write, with: { prefix: one } }]
  - id: question
    ask: { text: Go on?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 1h }
  - id: second
    steps: [{ id: two, action: test.write, with: { prefix: two } }]
  - id: for-ever
    await: { action: test.ready, within: 4h }
`;

const undoing: Story = {
  name: 'two things are made, and undone when ana cancels',
  options: { world: { namespaces: ['app'] }, playbooks: { 'two-things': TWO_THINGS } },
  async play(scene) {
    await untilHeard(scene, () => scene.start('ana', 'two-things', { thing: 'shelf' }));
    await scene.pass('5s');
    const first = (await scene.run()).digest ?? '';
    await untilHeard(scene, () => scene.approve('ana', { plan: first }));
    await scene.pass('8s');
    const { id } = await scene.run();
    await untilHeard(scene, () => scene.as('ben', (commands, ben) => commands.answer(ben, id, { ask: 'question', value: true })));
    await scene.pass('8s');
    const second = (await scene.run()).digest ?? '';
    await untilHeard(scene, () => scene.approve('ana', { plan: second }));
    await scene.pass('8s');
    await untilHeard(scene, () => scene.as('ana', (commands, ana) => commands.cancel(ana, id, { reason: 'enough' })));
    await scene.pass('15s');
  },
  ends: {
    run: 'cancelled',
    incident: 'closed',
    writes: [
      expect.stringMatching(/^create ConfigMap\/app\/one-/),
      expect.stringMatching(/^create ConfigMap\/app\/two-/),
      expect.stringMatching(/^delete ConfigMap\/app\/two-/),
      expect.stringMatching(/^delete ConfigMap\/app\/one-/),
    ],
    audit: [],
  },
};

describe.each([retry, undoing])('$name', (story) => {
  test('killed behind every single change of what is stored, it ends as if nothing had happened', async () => {
    const { told, different } = await killedBehindEachChange(story);
    expect(told).toMatchObject(story.ends);
    expect(different).toEqual([]);
  }, 60_000);

  test('killed every five seconds, it gets there', async () => {
    const { told, ended } = await killedEveryFiveSeconds(story);
    expect(ended).toEqual(told);
  });
});

describe('killed in the middle of a request', () => {
  const faults = ['hang', 'lost-reply', 'reset', 'reset-after', 'slow', 'timeout', 'internal', 'unavailable', 'too-many-requests'] as const;

  test.each(faults)('a creation that meets "%s" is made once', async (give) => {
    const scene = openScene({ world: failedNight('server-restarted') });
    await scene.alert(DAILY_FAILED);
    await scene.pass('1m');
    scene.change({ faults: [{ give, verb: 'create', kind: 'Backup', times: 1, delay: '500ms' }] });
    await scene.approve('ana').catch(() => undefined);
    await scene.pass('300ms');
    scene.kill();
    await scene.pass('6m');

    expect(await scene.run()).toMatchObject({ state: 'done' });
    expect(scene.writes()).toEqual([expect.stringMatching(/^create Backup\/velero\/daily-retry-/)]);
    expect((await scene.timeline()).filter((line) => line.startsWith('create is done'))).toHaveLength(1);
    expect((await scene.audit()).problems).toEqual([]);
  });

  test.each(faults)('a look that meets "%s" is made again', async (give) => {
    const scene = openScene({ world: failedNight('server-restarted', { faults: [{ give, verb: 'list', kind: 'Backup', times: 1, delay: '500ms' }] }) });
    await scene.alert(DAILY_FAILED);
    await scene.pass('300ms');
    scene.kill();
    await scene.pass('2m');
    expect(await scene.run()).toMatchObject({ state: 'proposed' });
    expect(scene.pages()).toEqual([]);
    expect(scene.writes()).toEqual([]);
  });
});
