import { describe, expect, test } from 'vitest';
import { SITE_TEXT } from '../../src/rehearse/site.ts';
import { openScene, playbookOf } from './scene.ts';

const NODE_AWAY = `
summary: A node is away.
match: ['alertname = "KubeNodeNotReady"']
params: { node: { type: node, from: alert.labels.node } }
target: { from: params.node }
storm: { atLeast: 3, within: 2m, start: zone-away, with: { zone: { from: alert.labels.zone } } }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: do
    steps: [{ id: write, action: test.write, with: { prefix: single } }]
`;
const ZONE_AWAY = `
summary: A zone is away.
params: { zone: { type: text } }
target: { from: run.cluster }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: do
    steps: [{ id: write, action: test.write, with: { prefix: whole } }]
`;
const storm = { world: { namespaces: ['app'] }, playbooks: { 'node-away': NODE_AWAY, 'zone-away': ZONE_AWAY } };
const away = (node: string) => ({ alertname: 'KubeNodeNotReady', node, zone: 'eu-1a', severity: 'critical' });

describe('a storm of alerts with one cause', () => {
  test('three runs within two minutes become one, and the card says so', async () => {
    const { alert, pass, run, runs, incidents, timeline, approve, writes, proposals } = openScene(storm);
    await alert(away('w1'));
    await pass('20s');
    await alert(away('w2'));
    await pass('20s');
    expect((await runs()).map(({ state }) => state)).toEqual(['proposed', 'proposed']);
    await alert(away('w3'));
    await pass('20s');

    expect((await runs('node-away')).map(({ state }) => state)).toEqual(['superseded', 'superseded', 'superseded']);
    const whole = await run('zone-away');
    expect(whole).toMatchObject({ state: 'proposed', target: 'prod', params: { zone: 'eu-1a' }, requestedBy: 'storm' });
    expect(await incidents()).toMatchObject([{ firing: 3, openRuns: 1 }]);
    expect(await timeline()).toContainEqual(expect.stringContaining('3 runs of node-away within 2m have one cause: zone-away takes over'));
    expect(proposals().at(-1)).toContain('Create whole-');

    // A fourth joins what took over.
    await alert(away('w4'));
    await pass('20s');
    expect(await runs()).toHaveLength(4);
    await approve('ana', { run: whole });
    await pass('1m');
    expect(writes()).toEqual([expect.stringMatching(/^create ConfigMap\/app\/whole-/)]);
    expect(await incidents()).toMatchObject([{ state: 'mitigated', firing: 4, openRuns: 0 }]);
  });

  test('a run that somebody approved already goes on; the others give way', async () => {
    const { alert, pass, runs, approve, writes } = openScene(storm);
    await alert(away('w1'));
    await pass('10s');
    await approve('ana');
    await pass('10s');
    await alert(away('w2'));
    await alert(away('w3'));
    await pass('20s');
    const states = (await runs('node-away')).map(({ target, state }) => `${target} ${state}`).toSorted();
    expect(states).toEqual(['w1 done', 'w2 superseded', 'w3 superseded']);
    expect(writes()).toEqual([expect.stringMatching(/^create ConfigMap\/app\/single-/)]);
  });

  test('one body with twenty of them is one run that asks one question', async () => {
    const { post, pass, runs, proposals, pages } = openScene(storm);
    const alerts = Array.from({ length: 20 }, (_, index) => ({
      status: 'firing',
      labels: { ...away(`w${index}`), cluster: 'prod' },
      annotations: {},
      startsAt: '2026-11-21T12:00:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: `f${index}`,
    }));
    await post(JSON.stringify({ version: '4', receiver: 'salvor', status: 'firing', groupKey: '{}', truncatedAlerts: 0, groupLabels: {}, alerts }));
    await pass('1m');
    expect((await runs()).filter(({ state }) => state !== 'superseded')).toMatchObject([{ playbook: 'zone-away', state: 'proposed' }]);
    expect(proposals()).toHaveLength(1);
    expect(pages()).toEqual([]);
  });

  test('three that come further apart are three', async () => {
    const { alert, pass, runs } = openScene(storm);
    for (const node of ['w1', 'w2', 'w3']) {
      await alert(away(node));
      await pass('90s');
    }
    expect((await runs()).map(({ state }) => state)).toEqual(['proposed', 'proposed', 'proposed']);
  });
});

const HOURLY = `
summary: A look at the full hour.
schedule: { cron: '0 * * * *', clusters: all }
target: { from: run.cluster }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: do
    approval: { within: 3h }
    steps: [{ id: write, action: test.write }]
`;
const hourly = { world: { namespaces: ['app'] }, playbooks: { hourly: HOURLY } };

describe('a playbook on schedule', () => {
  test('starts one run for each slot, and asks like any other', async () => {
    const { pass, runs, run, approve, writes, timeline } = openScene(hourly);
    await pass('59m');
    expect(await runs()).toEqual([]);
    await pass('2m'); // 13:01
    expect(await run()).toMatchObject({ state: 'proposed', requestedBy: 'schedule', target: 'prod' });
    expect(await timeline()).toContainEqual(expect.stringContaining('hourly on prod starts on schedule'));
    await approve('ana');
    await pass('1h'); // 14:01
    expect(await runs()).toHaveLength(2);
    expect(writes()).toHaveLength(1);
  });

  test('a slot that comes while a run is open is skipped, and told', async () => {
    const { pass, runs, timeline } = openScene(hourly);
    await pass('2h1m');
    expect(await runs()).toHaveLength(1);
    expect((await timeline()).filter((line) => line.includes('Skipped the slot of 2026-11-21 14:00'))).toEqual([expect.stringContaining('is still open')]);
  });

  test('a slot that was missed while Salvor was not running is told, and not made up for', async () => {
    const { clock, kill, pass, runs, timeline } = openScene(hourly);
    await pass('10m');
    // The machine slept: the clock on the wall is three hours further on.
    clock.jump(3 * 3_600_000);
    kill();
    await pass('1m');
    expect(await runs()).toEqual([]);
    expect((await timeline()).filter((line) => line.includes('Missed: the slot of 2026-11-21 13:00'))).toHaveLength(1);
    await pass('1h');
    expect(await runs()).toHaveLength(1);
  });

  test('a slot that a kill falls into is run once', async () => {
    const { pass, kill, runs } = openScene(hourly);
    await pass('1h');
    kill();
    await pass('5s');
    kill();
    await pass('1m');
    expect(await runs()).toHaveLength(1);
  });

  test('each cluster has a slot of its own', async () => {
    const { pass, runs } = openScene({
      ...hourly,
      world: { clusters: { staging: { namespaces: ['app'] } }, namespaces: ['app'] },
      config: SITE_TEXT.replace('people:', '  - { name: staging, kubeconfig: /dev/null }\npeople:'),
    });
    await pass('61m');
    expect((await runs()).map(({ cluster, state }) => `${cluster} ${state}`).toSorted()).toEqual(['prod proposed', 'staging proposed']);
  });

  test('a change of the cron moves the slot, and a playbook that is gone takes it along', async () => {
    const { app, pass, runs } = openScene(hourly);
    const { config, site } = app().settings();
    const others = site.playbooks.filter(({ id }) => id !== 'hourly');
    await app().reload({ config, site: { ...site, playbooks: [...others, playbookOf('hourly', HOURLY.replace("'0 *", "'30 *"))] } });
    await pass('31m');
    expect(await runs()).toHaveLength(1);
    await app().reload({ config, site: { ...site, playbooks: others } });
    await pass('2h');
    expect(await runs()).toHaveLength(1);
  });
});
