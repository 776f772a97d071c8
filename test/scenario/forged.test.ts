import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { keyOf } from '../../src/store/oracle/state.ts';
import { DAILY_FAILED, failedNight, openScene, type Scene } from './scene.ts';

/** Its alert proposed a backup, and nobody has decided. */
async function proposed(): Promise<Scene> {
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  return scene;
}

/** Somebody with the password of the store writes a letter to the open run, past Salvor. */
async function mailTo(scene: Scene, value: Json): Promise<void> {
  const { id } = await scene.run();
  const reader = `run/${id}`;
  const { state } = scene;
  const order = (state.mailOrder += 1);
  const letter = { to: reader, key: `forged-${order}`, order, atMs: scene.clock.nowMs(), value: JSON.stringify(value) };
  state.mail.set(keyOf('prod', reader), [...(state.mail.get(keyOf('prod', reader)) ?? []), letter]);
  const record = state.records.get(keyOf('prod', reader));
  if (record === undefined) throw new Error(`no record ${reader}`);
  state.records.set(keyOf('prod', reader), { ...record, dueMs: scene.clock.nowMs() });
  scene.kill();
  await scene.pass('2m');
}

describe('a letter that another hand put into the store', () => {
  test('and that approves for somebody without the right, approves nothing', async () => {
    const scene = await proposed();
    const { digest = '' } = await scene.run();
    await mailTo(scene, { kind: 'approve', by: 'mallory', plan: digest, surface: 'slack' });
    expect(scene.writes()).toEqual([]);
    const run = await scene.run();
    expect(run.state).toBe('proposed');
    expect(run.journal.map(({ type }) => type)).toContain('approval.refused');
  });

  test('and that approves another plan, approves nothing', async () => {
    const scene = await proposed();
    await mailTo(scene, { kind: 'approve', by: 'ana', plan: 'f'.repeat(64), surface: 'slack' });
    expect(scene.writes()).toEqual([]);
    expect((await scene.run()).state).toBe('proposed');
  });

  test.each<readonly [string, Json]>([
    ['of no kind', {}],
    ['of an odd kind', { kind: 'obey', by: 'mallory' }],
    ['that is no object', 'approve'],
    ['without a name', { kind: 'approve', plan: 7 }],
  ])('%s does nothing, and the run goes on', async (_, value) => {
    const scene = await proposed();
    await mailTo(scene, value);
    expect(scene.writes()).toEqual([]);
    await scene.approve('ana');
    await scene.pass('5m');
    expect(scene.writes()).toHaveLength(1);
    expect((await scene.run()).state).toBe('done');
  });
});

describe('a record that another hand put into the store', () => {
  test.each<readonly [string, string]>([
    ['that is no object', '"gone"'],
    ['that is empty', '{}'],
    ['whose state is none', '{"id":"run/x","state":"root","cluster":"prod"}'],
  ])('%s is driven by nobody; what is beside it goes on, and is shown', async (_, value) => {
    const scene = await proposed();
    const [known] = [...scene.state.records.values()].filter(({ kind }) => kind === 'run');
    if (known === undefined) throw new Error('no run');
    scene.state.records.set(keyOf('prod', 'run/forged-1'), { ...known, id: 'run/forged-1', value, dueMs: scene.clock.nowMs() });
    scene.kill();
    await scene.pass('1m');
    const { items } = await scene.as('ana', (commands, ana) => commands.runs(ana, { limit: 10 }));
    const mine = items.find(({ playbook }) => playbook === 'backup-failed');
    const run = await scene.as('ana', (commands, ana) => commands.run(ana, mine?.id ?? ''));
    await scene.approve('ana', { run });
    await scene.pass('5m');
    expect(scene.writes()).toEqual([expect.stringMatching(/^create Backup\/velero\/daily-retry-/)]);
    expect(await scene.audit()).toMatchObject({ ok: false, problems: [{ journal: 'run/forged-1', reason: expect.stringContaining('another hand') }] });
  });
});
