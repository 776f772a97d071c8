import { describe, expect, test } from 'vitest';
import type { OracleState } from '../../src/store/oracle/state.ts';
import { DAILY_FAILED, failedNight, openScene, type Scene } from './scene.ts';

type Lines = NonNullable<ReturnType<OracleState['entries']['get']>>;

/** Another hand changes the journal of an open run, or of its incident, in the store itself. */
function spoil({ state }: Scene, prefix: string, how: (lines: Lines) => Lines): void {
  const [key] = [...state.entries.keys()].filter((one) => one.split('\0')[1]?.startsWith(prefix));
  const lines = key === undefined ? undefined : state.entries.get(key);
  if (key === undefined || lines === undefined) throw new Error(`no journal ${prefix}`);
  state.entries.set(key, how(lines));
}

const WAYS: readonly (readonly [string, (lines: Lines) => Lines, RegExp])[] = [
  ['edited', (lines) => lines.map((line) => ({ ...line, data: line.data.replaceAll('"act"', '"wait"') })), /entry \d+ was changed after it was written/],
  ['dropped', (lines) => lines.filter(({ n }) => n !== 2), /entry 2 is missing/],
  ['swapped', (lines) => lines.map((line, at) => ({ ...line, data: lines[at === 0 ? 1 : at === 1 ? 0 : at]?.data ?? '' })), /entry 1 was changed/],
  ['cut', (lines) => lines.slice(0, -1), /the tail was cut off|entry \d+ is missing/],
  [
    'appended',
    (lines) => [...lines, { ...(lines[0] ?? never()), n: lines.length + 1, type: 'approval.granted' }],
    /entry \d+ was changed|appended by another hand/,
  ],
];

function never(): never {
  throw new Error('an empty journal');
}

/** Its alert proposed a backup, and nobody has decided. */
async function proposed(): Promise<Scene> {
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  expect(await scene.run()).toMatchObject({ state: 'proposed' });
  return scene;
}

describe.each(WAYS)('a journal that another hand has %s', (_, how, reason) => {
  test('keeps its run from writing, approved or not, and wakes somebody; the run can be cancelled', async () => {
    const scene = await proposed();
    spoil(scene, 'run/', how);
    await scene.approve('ana').catch(() => undefined);
    await scene.pass('2m');
    const run = await scene.run();
    expect(run.hold).toMatchObject({ gate: 'journal', reason: expect.stringMatching(reason) });
    expect(run.hold?.reason).toContain('cancel this run');
    expect(scene.writes()).toEqual([]);
    expect(scene.pages()).toHaveLength(1);
    expect((await scene.timeline()).join('\n')).toContain('changed by another hand');
    await scene.as('ana', (commands, ana) => commands.cancel(ana, run.id, { reason: 'forged' }));
    await scene.pass('1m');
    expect((await scene.run()).state).toBe('cancelled');
    expect(scene.writes()).toEqual([]);
    // It stays what it is.
    expect((await scene.audit()).ok).toBe(false);
  });

  test('is found soon after a start, though nothing is due', async () => {
    const scene = await proposed();
    spoil(scene, 'run/', how);
    scene.kill();
    await scene.pass('20s');
    expect((await scene.run()).hold).toMatchObject({ gate: 'journal' });
    expect(scene.pages()).toHaveLength(1);
  });
});

test('everything else goes on beside a run that is held for its journal', async () => {
  const scene = openScene({
    world: failedNight('server-restarted', {
      schedules: ['daily', 'hourly'].map((name) => ({ name, cron: '0 2 * * *', template: { includedNamespaces: ['shop'], ttl: '720h0m0s' } })),
      backups: ['daily', 'hourly'].flatMap((schedule) => [
        { name: `${schedule}-20261120020000`, schedule, phase: 'Completed', ago: '34h', namespaces: ['shop'], items: 210, volumes: 3 },
        { name: `${schedule}-20261121020000`, schedule, phase: 'Failed', reason: 'server-restarted', ago: '10h', namespaces: ['shop'] },
      ]),
      next: ['daily', 'hourly'].map((schedule) => ({ outcome: 'completed', schedule, items: 214, volumes: 3, takes: '2m' })),
    }),
  });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  const spoiled = await scene.run();
  spoil(scene, 'run/', (lines) => lines.slice(1));
  scene.kill();
  await scene.alert({ ...DAILY_FAILED, schedule: 'hourly' });
  await scene.pass('1m');
  const other = (await scene.runs()).find(({ id }) => id !== spoiled.id);
  await scene.approve('ana', other === undefined ? {} : { run: other });
  await scene.pass('6m');
  expect((await scene.runs()).map(({ state, hold }) => `${state} ${hold?.gate ?? 'free'}`).toSorted()).toEqual(['done free', 'proposed journal']);
  expect(scene.writes()).toEqual([expect.stringMatching(/^create Backup\/velero\/hourly-retry-/)]);
});

test('a line that another hand put into a timeline keeps nobody from being told', async () => {
  const scene = await proposed();
  spoil(scene, 'incident/', (lines) => [...lines, { ...(lines[0] ?? never()), n: lines.length + 1 }]);
  await scene.approve('ana');
  await scene.pass('5m');
  expect((await scene.run()).state).toBe('done');
  expect(scene.chat().join('\n')).toContain('Approved');
  expect(await scene.audit()).toMatchObject({ ok: false, problems: [{ journal: expect.stringMatching(/^incident\//) }] });
});
