import { describe, expect, test } from 'vitest';
import { behindChange } from './behind-change.ts';
import { DAILY_FAILED, failedNight, openScene, type Scene, type SceneOptions } from './scene.ts';

/** A person tries until they hear that it counts, as people do whose answer got lost. */
async function untilHeard(scene: Scene, what: () => Promise<unknown>): Promise<void> {
  for (let press = 0; press < 5; press += 1) {
    const heard = await what().then(
      () => true,
      () => false,
    );
    if (heard) return;
    await scene.pass('1s');
  }
  throw new Error('nobody is heard');
}

type Story = { readonly name: string; readonly options: SceneOptions; readonly play: (scene: Scene) => Promise<void>; readonly ends: object };

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

/** Everything that a user could notice at the end, but for times: who has to press twice is a second later. */
async function endOf(scene: Scene) {
  const incident = await scene.incident();
  // How far a step was when it was looked at depends on when that was, too.
  const steady = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => !line.startsWith('create: ')).map((line) => line.replaceAll(/\d\d:\d\d:\d\d/g, 'hh:mm:ss'));
  return {
    run: (await scene.run()).state,
    runs: (await scene.runs()).length,
    incident: incident.state,
    because: incident.closedBecause,
    writes: scene.writes(),
    timeline: steady(await scene.timeline()),
    chat: steady(scene.chat().slice(1)),
    pages: scene.pages(),
    ledger: await scene.ledger(),
    audit: (await scene.audit()).problems,
  };
}

async function undisturbed({ options, play }: Story) {
  const scene = openScene(options);
  const { changes } = behindChange(scene, 0, () => {});
  await play(scene);
  return { told: await endOf(scene), changes: changes() };
}

describe.each([retry, undoing])('$name', (story) => {
  test('killed behind every single change of what is stored, it ends as if nothing had happened', async () => {
    const { told, changes } = await undisturbed(story);
    expect(told).toMatchObject(story.ends);
    expect(changes).toBeGreaterThan(40);

    const different: unknown[] = [];
    for (let n = 1; n <= changes; n += 1) {
      const scene = openScene(story.options);
      behindChange(scene, n, () => scene.kill());
      await story.play(scene);
      expect(scene.state.boot).toBe(2);
      const ended = { killedBehind: n, ...(await endOf(scene)) };
      if (JSON.stringify(ended) !== JSON.stringify({ killedBehind: n, ...told })) different.push(ended);
    }
    expect(different.slice(0, 3)).toEqual([]);
  }, 60_000);

  test('killed every five seconds, it gets there', async () => {
    const { told } = await undisturbed(story);
    const scene = openScene(story.options);
    const again = (): void => {
      scene.kill();
      scene.clock.after(5000, again);
    };
    scene.clock.after(5000, again);
    await story.play(scene);
    await scene.pass('30s');
    expect(await endOf(scene)).toEqual(told);
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
