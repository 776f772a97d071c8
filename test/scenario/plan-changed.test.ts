import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

type Change = { readonly what: string; readonly worlds: readonly { readonly [name: string]: Json }[]; readonly told: RegExp };

const another = { name: 'daily-20261121030000', schedule: 'daily', phase: 'Failed', reason: 'connection-reset', ago: '1m', namespaces: ['shop'] };
const location = { apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation', metadata: { name: 'default', namespace: 'velero' } };
const changes: readonly Change[] = [
  { what: 'another backup of the schedule failed', worlds: [{ backups: [another] }], told: /newest was "[^"]+" and is "[^"]+"/ },
  {
    what: 'the template of the schedule was edited',
    worlds: [{ schedules: [{ name: 'daily', template: { includedNamespaces: ['shop', 'billing'] } }] }],
    told: /it would now also create Backup.*billing|template was "[^"]+" and is "[^"]+"/,
  },
  {
    what: 'the storage location was replaced',
    worlds: [
      { remove: ['BackupStorageLocation/velero/default'] },
      { objects: [{ ...location, spec: { provider: 'aws', default: true, objectStorage: { bucket: 'velero' } }, status: { phase: 'Available' } }] },
    ],
    told: /locationUid was "[^"]+" and is "[^"]+"/,
  },
];

describe.each(changes)('$what between the proposal and the press', ({ worlds, told }) => {
  test('the approval is void, and the new proposal says what changed', async () => {
    const { alert, pass, change, approve, run, chat, proposals, writes, audit } = openScene({ world: failedNight('server-restarted') });
    await alert(DAILY_FAILED);
    await pass('1m');
    const before = (await run()).digest ?? '';
    for (const world of worlds) change(world);

    await approve('ana', { plan: before });
    await pass('2m');

    expect(writes()).toEqual([]);
    const now = await run();
    expect(now).toMatchObject({ state: 'proposed', generation: 2, approvals: [] });
    expect(now.digest).not.toBe(before);
    expect(chat()).toContainEqual(expect.stringMatching(/^The approval is void: /));
    expect(proposals()).toHaveLength(2);
    expect(proposals()[1]).toContain(`Approve ${now.digest?.slice(0, 8)}?`);
    expect(proposals()[1]).toMatch(/^Changed since the last proposal: /m);
    expect(proposals()[1]).toMatch(told);

    // The old card is still there to be pressed: it is refused, and names the plan that counts.
    await expect(approve('ben', { plan: before })).rejects.toMatchObject({ code: 'approval.plan-changed', details: { digest: now.digest } });
    expect(writes()).toEqual([]);

    await approve('ana');
    await pass('5m');
    expect(await run()).toMatchObject({ state: 'done' });
    expect(writes()).toHaveLength(1);
    expect(await audit()).toMatchObject({ ok: true });
  });

  test('where Salvor has looked again, the press is refused at once', async () => {
    const { app, alert, pass, change, approve, run, proposals, writes } = openScene({ world: failedNight('server-restarted') });
    await alert(DAILY_FAILED);
    await pass('1m');
    const before = (await run()).digest ?? '';
    for (const world of worlds) change(world);
    await app().reload(app().settings());
    await pass('1m');

    const now = await run();
    expect(now).toMatchObject({ state: 'proposed', generation: 2 });
    expect(now.changed.join('; ')).toMatch(told);
    await expect(approve('ana', { plan: before })).rejects.toMatchObject({
      code: 'approval.plan-changed',
      message: expect.stringContaining(now.digest?.slice(0, 8) ?? 'none'),
      details: { digest: now.digest },
    });
    expect(proposals()).toHaveLength(2);
    expect(writes()).toEqual([]);
  });
});

test('an approval that is not used within its time is void: nothing is done on an old yes', async () => {
  const { alert, pass, as, approve, run, chat, writes } = openScene({ world: failedNight('server-restarted') });
  await alert(DAILY_FAILED);
  await pass('1m');
  await as('ana', (commands, caller) => commands.pause(caller, { reason: 'the storage team works' }));
  await approve('ana');
  await pass('62m');
  expect(await run()).toMatchObject({ hold: { gate: 'pause' } });
  expect(writes()).toEqual([]);

  await as('ana', (commands, caller) => commands.resume(caller, {}));
  await pass('1m');
  expect(await run()).toMatchObject({ state: 'proposed', generation: 2 });
  expect(chat()).toContainEqual(expect.stringContaining('the approval was not used within its time'));
  expect(writes()).toEqual([]);
});

test('a press for a plan of another run, or a digest that was made up, is worth nothing', async () => {
  const { alert, pass, approve, run, writes } = openScene({
    world: failedNight('server-restarted', {
      schedules: ['daily', 'weekly'].map((name) => ({ name, cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } })),
      backups: ['daily', 'weekly'].map((name) => ({ name: `${name}-20261121020000`, schedule: name, phase: 'Failed', reason: 'server-restarted', ago: '10h' })),
    }),
  });
  await alert(DAILY_FAILED);
  await pass('1m');
  const daily = await run();
  await alert({ ...DAILY_FAILED, schedule: 'weekly' });
  await pass('1m');
  const weekly = await run();
  expect(weekly.target).toBe('weekly');

  await expect(approve('ana', { run: weekly, plan: daily.digest ?? '' })).rejects.toMatchObject({ code: 'approval.plan-changed' });
  await expect(approve('ana', { run: weekly, plan: 'f'.repeat(64) })).rejects.toMatchObject({ code: 'approval.plan-changed' });
  await expect(approve('ana', { run: weekly, plan: '' })).rejects.toMatchObject({ code: 'request.invalid' });
  await pass('5m');
  expect(writes()).toEqual([]);
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
const old = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name: `old-${name}`, labels: { old: 'yes' } } });

test('what two people approved is deleted, and not one thing more that came meanwhile', async () => {
  const { alert, pass, change, approve, run, proposals, writes } = openScene({
    world: { namespaces: ['app'], objects: ['a', 'b', 'c', 'd'].map(old) },
    playbooks: { 'things-clean': CLEAN },
  });
  await alert({ alertname: 'ThingsAreOld', thing: 'shelf' });
  await pass('10s');
  expect(proposals()[0]).toContain('Delete 2 of 4 (2 changes)');
  change({ objects: [old('aa')] });
  for (const person of ['ana', 'cleo']) await approve(person, { confirmation: 'shelf' });
  await pass('1m');

  expect(writes()).toEqual([]);
  expect(await run()).toMatchObject({ state: 'proposed', generation: 2, approvals: [] });
  expect(proposals()[1]).toContain('Changed since the last proposal: it would now also delete ConfigMap/app/old-aa');
  for (const person of ['ana', 'cleo']) await approve(person, { confirmation: 'shelf' });
  await pass('1m');
  expect(writes()).toEqual(['delete ConfigMap/app/old-a', 'delete ConfigMap/app/old-aa', 'delete ConfigMap/app/old-b']);
});
