import { describe, expect, test } from 'vitest';
import { parseReread } from '../../src/ingest/reread.ts';
import { SITE_TEXT } from '../../src/rehearse/site.ts';
import { bodyAlert, sampleBody } from '../unit/ingest/samples.ts';
import { DAILY_FAILED, failedNight, openScene, type SceneOptions } from './scene.ts';

const WATCHDOG = { alertname: 'Watchdog', severity: 'none' };

describe('a Watchdog', () => {
  test('that stops coming pages, goes on doing so, and is over when it is back', async () => {
    const { alert, pass, pages, calling, chat, incident, writes } = openScene({ world: {} });
    for (let minute = 0; minute < 10; minute += 1) {
      await alert(WATCHDOG);
      await pass('1m');
    }
    expect(chat()).toEqual([]);

    await pass('5m'); // 12:15, the last one came at 12:09
    expect(pages()).toEqual(['12:14 platform-primary']);
    expect(await incident()).toMatchObject({ title: 'WatchdogAbsent on prod', severity: 'SEV1', state: 'open', firing: 1 });
    expect(chat()).toContainEqual(
      expect.stringContaining('WatchdogAbsent fires: No Watchdog from the Alertmanager of prod since 2026-11-21 12:09:00 UTC: its alerts may not arrive'),
    );
    await pass('16m');
    expect(pages()).toEqual(['12:14 platform-primary', '12:29 platform-secondary']);

    await alert(WATCHDOG);
    await pass('1m');
    expect(await incident()).toMatchObject({ state: 'closed' });
    expect(calling()).toEqual([]);
    expect(writes()).toEqual([]);
  });

  test('that never came is not missed, and one that is configured is missed from the start', async () => {
    const never = openScene({ world: {} });
    await never.pass('1h');
    expect(never.pages()).toEqual([]);

    const awaited = openScene({ world: {}, config: `${SITE_TEXT}watchdog: { within: 10m }\n` });
    await awaited.pass('9m');
    expect(awaited.pages()).toEqual([]);
    await awaited.pass('2m');
    expect(awaited.pages()).toEqual(['12:10 platform-primary']);
  });

  test('a kill does not forget when it last came', async () => {
    const { alert, kill, pass, pages } = openScene({ world: {} });
    await alert(WATCHDOG);
    await pass('3m');
    kill();
    await pass('3m');
    expect(pages()).toEqual(['12:05 platform-primary']);
  });
});

describe('an alert that no playbook answers', () => {
  test('pages where it is critical, opens an incident where it is a warning, and is only counted else', async () => {
    const { alert, resolved, pass, pages, calling, incidents, ledger, runs } = openScene({ world: {} });
    await alert({ alertname: 'CertificateExpires', severity: 'info' });
    await pass('1m');
    expect(await incidents()).toEqual([]);

    await alert({ alertname: 'DiskFills', severity: 'warning' });
    await pass('1m');
    expect(await incidents()).toMatchObject([{ title: 'DiskFills on prod', severity: 'SEV2', firing: 1, playbook: undefined }]);
    expect(pages()).toEqual([]);

    await alert({ alertname: 'EtcdIsGone', severity: 'critical' });
    await pass('1m');
    expect(pages()).toEqual(['12:02 platform-primary']);
    expect(await incidents()).toHaveLength(2);
    expect((await incidents())[0]?.ladders).toMatchObject([{ reason: expect.stringContaining('No playbook answers EtcdIsGone on prod') }]);

    for (const [alertname, severity] of [['DiskFills', 'warning'] as const, ['EtcdIsGone', 'critical'] as const]) await resolved({ alertname, severity });
    await pass('1m');
    expect((await incidents()).map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(calling()).toEqual([]);
    expect(await runs()).toEqual([]);
    expect(await ledger()).toEqual({ accepted: 5, handled: 5, pending: 0, quarantined: 0 });
  });

  test('an alert without what its playbook needs is handed over with the reason, and pages', async () => {
    const { alert, pass, pages, incident, runs } = openScene({
      world: {},
      playbooks: {
        needy: `summary: Needs a node.\nmatch: ['alertname = "NodeOdd"']\nrequire: { labels: [node] }\nparams: { node: { type: node, from: alert.labels.node } }\ntarget: { from: params.node }\n`,
      },
    });
    await alert({ alertname: 'NodeOdd' });
    await pass('1m');
    expect(await runs()).toEqual([]);
    expect(pages()).toEqual(['12:00 platform-primary']);
    expect(await incident()).toMatchObject({ playbook: 'needy', ladders: [{ reason: 'needy needs the label node, which the alert does not have' }] });
  });
});

describe('what cannot be read', () => {
  test('is kept for people to see, counted, and costs its neighbours nothing', async () => {
    const { as, post, pass, runs, ledger } = openScene({ world: failedNight('server-restarted') });
    const body = sampleBody({
      alerts: [bodyAlert(DAILY_FAILED), { status: 'odd', labels: {} }, { ...bodyAlert({ alertname: 'X' }), labels: { alertname: 7 } }],
    });
    await post(body);
    await pass('1m');
    expect(await runs()).toMatchObject([{ state: 'proposed' }]);
    expect(await ledger()).toEqual({ accepted: 3, handled: 1, pending: 0, quarantined: 2 });
    const { items } = await as('ana', (commands, ana) => commands.quarantine(ana, {}));
    expect(items.map(({ reason }) => reason).toSorted()).toEqual([
      'label "alertname": found a number, expected text',
      'status: found "odd", expected firing or resolved',
    ]);
    expect(items[0]?.excerpt).toContain('"');
  });
});

const TWO_CLUSTERS = SITE_TEXT.replace('people:', '  - { name: staging, kubeconfig: /dev/null }\npeople:');
const twoClusters: SceneOptions = {
  world: { ...failedNight('server-restarted'), clusters: { staging: failedNight('server-restarted') } },
  config: TWO_CLUSTERS,
};
const staging = { sender: 'staging', clusters: ['staging'] };

describe('two clusters', () => {
  test('an alert of staging cannot act on prod: it is quarantined with the reason', async () => {
    const { as, alert, pass, runs, incidents, ledger, writes } = openScene(twoClusters);
    await alert({ ...DAILY_FAILED, cluster: 'prod' }, { from: staging });
    await pass('1m');
    expect(await runs()).toEqual([]);
    expect(await incidents()).toEqual([]);
    expect(await ledger()).toEqual({ accepted: 1, handled: 0, pending: 0, quarantined: 1 });
    const { items } = await as('ana', (commands, ana) => commands.quarantine(ana, {}));
    expect(items).toMatchObject([{ cluster: 'prod', reason: 'its cluster label says "prod", but the sender "staging" is bound to "staging"' }]);
    expect(writes()).toEqual([]);
  });

  test('the same alert of both clusters is an incident of each, and what is approved for one touches that one', async () => {
    const { alert, pass, runs, incidents, approve, writes } = openScene(twoClusters);
    await alert(DAILY_FAILED, { from: staging });
    await alert(DAILY_FAILED);
    await pass('1m');
    expect((await incidents()).map(({ cluster }) => cluster).toSorted()).toEqual(['prod', 'staging']);
    const own = (await runs()).find(({ cluster }) => cluster === 'staging');
    const other = (await runs()).find(({ cluster }) => cluster === 'prod');
    if (own === undefined || other === undefined) throw new Error('there is not a run on each');
    await expect(approve('ana', { run: other, plan: own.digest ?? '' })).rejects.toMatchObject({ code: 'approval.plan-changed' });
    await approve('ana', { run: own });
    await pass('5m');
    expect(writes()).toEqual([expect.stringMatching(/^staging: create Backup\/velero\/daily-retry-/)]);
    expect((await runs()).map(({ cluster, state }) => `${cluster} ${state}`).toSorted()).toEqual(['prod proposed', 'staging done']);
  });

  test('a cluster that is not configured is nobody’s', async () => {
    const { as, alert, pass, ledger } = openScene(twoClusters);
    await alert({ ...DAILY_FAILED, cluster: 'qa' }, { from: { sender: 'loopback', clusters: ['*'] } });
    await pass('1m');
    expect(await ledger()).toMatchObject({ quarantined: 1 });
    const { items } = await as('ana', (commands, ana) => commands.quarantine(ana, {}));
    expect(items[0]?.reason).toContain('which is not configured here');
  });
});

const ROOM = `
summary: Make a thing in a namespace.
match: ['alertname = "NamespaceOdd"']
command: room make
params: { namespace: { type: namespace, from: alert.labels.namespace } }
target: { from: params.namespace }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: do
    steps: [{ id: write, action: test.write }]
`;

describe('a namespace out of scope', () => {
  test.each(['kube-system', '../../kube-system', 'kube-system; rm -rf /', 'Kube-System'])(
    '%j of an alert is refused, and people hear why',
    async (namespace) => {
      const { alert, pass, runs, incident, pages, writes } = openScene({ world: { namespaces: ['app'] }, playbooks: { room: ROOM } });
      await alert({ alertname: 'NamespaceOdd', namespace });
      await pass('1m');
      expect(await runs()).toEqual([]);
      expect(pages()).toHaveLength(1);
      expect((await incident()).ladders[0]?.reason).toMatch(
        /^room cannot use what the alert says: namespace: .*(expected the name of a namespace|kube-system)/,
      );
      expect(writes()).toEqual([]);
    },
  );

  test('of a command is refused to the person who gave it', async () => {
    const { start, runs } = openScene({ world: { namespaces: ['app'] }, playbooks: { room: ROOM } });
    await expect(start('ana', 'room', { namespace: 'kube-system' })).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.stringContaining('kube-system'),
    });
    await expect(start('ana', 'room', { namespace: '../app' })).rejects.toMatchObject({ code: 'request.invalid' });
    expect(await runs()).toEqual([]);
  });

  test.each(['kube-system/daily', 'daily/../weekly', 'daily$(id)'])('a schedule called %j reaches no cluster', async (schedule) => {
    const { alert, pass, runs, pages, incident, writes } = openScene({ world: failedNight('server-restarted') });
    await alert({ ...DAILY_FAILED, schedule });
    await pass('1m');
    expect(await runs()).toEqual([]);
    expect((await incident()).ladders[0]?.reason).toContain('backup-failed cannot use what the alert says: schedule: ');
    expect(writes()).toEqual([]);
    expect(pages()).toHaveLength(1);
  });
});

const SCHEDULES = ['daily', 'hourly', 'weekly'];
const threeFailed = (answer: () => readonly string[] | 'silent') => {
  const scene = openScene({
    world: failedNight('storage-unavailable', {
      storage: { default: 'unavailable' },
      schedules: SCHEDULES.map((name) => ({ name, cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } })),
      backups: SCHEDULES.map((name) => ({ name: `${name}-1`, schedule: name, phase: 'Failed', reason: 'storage-unavailable', ago: '10h' })),
    }),
    config: SITE_TEXT.replace('default: true,', 'default: true, alertmanager: { url: http://alertmanager.example.test },'),
    reread: async (cluster, group) => {
      const names = answer();
      if (names === 'silent') return { failed: 'it does not answer' };
      const listed = names.map((schedule) => ({ ...bodyAlert({ ...DAILY_FAILED, schedule }), status: { state: 'active' } }));
      return parseReread(listed, { cluster, group, nowMs: scene.clock.nowMs() }) ?? { failed: 'no list' };
    },
  });
  const group = { groupKey: '{}:{alertname="VeleroBackupFailed"}', groupLabels: { alertname: 'VeleroBackupFailed' } };
  const all = (status: 'firing' | 'resolved', names: readonly string[], truncatedAlerts = 0) =>
    scene.post(sampleBody({ ...group, truncatedAlerts, alerts: names.map((schedule) => bodyAlert({ ...DAILY_FAILED, schedule }, { status })) }));
  return { ...scene, all };
};

describe('a group that Alertmanager cut', () => {
  test('is read again: what is still listed fires on, whatever the body says', async () => {
    const { all, pass, runs, incident, ledger } = threeFailed(() => ['weekly']);
    await all('firing', SCHEDULES);
    await pass('1m');
    expect(await incident()).toMatchObject({ firing: 3, openRuns: 3 });
    await all('resolved', ['daily', 'hourly'], 1);
    await pass('1m');
    expect(await incident()).toMatchObject({ state: 'open', firing: 1, openRuns: 3 });
    expect((await runs()).every(({ state }) => state === 'waiting')).toBe(true);
    expect(await ledger()).toEqual({ accepted: 5, handled: 5, pending: 0, quarantined: 0 });
  });

  test('what it does not list any more is over, and an alert that was cut is found', async () => {
    const { all, pass, runs, timeline, incident } = threeFailed(() => ['hourly', 'weekly']);
    await all('firing', ['daily']);
    await pass('1m');
    await all('firing', ['hourly'], 1);
    await pass('1m');
    expect((await runs()).map(({ target }) => target).toSorted()).toEqual(SCHEDULES);
    expect(await incident()).toMatchObject({ firing: 2 });
    expect(await timeline()).toContainEqual(expect.stringContaining('Alertmanager does not list it any more'));
  });

  test('an Alertmanager that does not answer ends nothing', async () => {
    const { all, pass, incident, ledger } = threeFailed(() => 'silent');
    await all('firing', SCHEDULES);
    await pass('1m');
    await all('resolved', ['daily'], 2);
    await pass('5m');
    expect(await incident()).toMatchObject({ firing: 2, openRuns: 3 });
    expect(await ledger()).toMatchObject({ pending: 0, handled: 4 });
  });
});
