import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PlaybookList } from '../../../src/port/view/playbook.ts';
import { until } from '../../e2e/stage/until.ts';
import { DAILY, openSite, serveHere, TOKENS, untilRun } from './site.ts';

const OWN = `summary: Our own look at a schedule.
command: own look
params: { schedule: { type: schedule } }
target: { from: params.schedule }
diagnose: [{ id: look, action: backup.diagnose, with: { schedule: { from: params.schedule } } }]
`;

async function playbooks(serving: Awaited<ReturnType<typeof serveHere>>): Promise<readonly string[]> {
  const { items } = PlaybookList.parse((await serving.get('/api/v1/playbooks')).json);
  return items.map(({ id }) => id);
}

test('a playbook that appears, changes and goes is taken without a restart; a broken one changes nothing', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveHere(site);
  const shipped = await playbooks(serving);
  expect(shipped).toContain('backup-failed');

  site.write('playbooks/own-look.yaml', OWN);
  await until('it is there', async () => (await playbooks(serving)).includes('own-look'));

  site.write('playbooks/own-look.yaml', OWN.replace('target:', 'traget:'));
  await until('it is refused', () =>
    serving.log().some((line) => line.includes('"reload.refused"') && /own-look\.yaml:4:1: traget: unknown field\. Did you mean target\?/.test(line)),
  );
  expect(await playbooks(serving)).toContain('own-look');
  expect((await serving.get('/api/v1/playbooks/own-look')).json).toMatchObject({ text: OWN });

  rmSync(`${site.stage.folder}/playbooks/own-look.yaml`);
  await until('it is gone', async () => !(await playbooks(serving)).includes('own-look'));
  expect(await playbooks(serving)).toEqual(shipped);
});

test('a run that waits keeps its text while its playbook is edited, and is finished by it', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const answering = (summary: string): string => `summary: ${summary}
match: ['alertname = "OurBackupFailed"']
params: { schedule: { type: schedule, from: alert.labels.schedule } }
target: { from: params.schedule }
diagnose: [{ id: look, action: backup.diagnose, with: { schedule: { from: params.schedule } } }]
stages:
  - id: retry
    steps: [{ id: create, action: backup.create, with: { schedule: { from: params.schedule }, backup: { from: diagnosis.look.backup } }, undo: never }]
`;
  site.write('playbooks/own.yaml', answering('The old words.'));
  const serving = await serveHere(site);
  await serving.alert({ ...DAILY, alertname: 'OurBackupFailed' });
  const { id, digest } = await untilRun(serving, 'proposed');

  site.write('playbooks/own.yaml', answering('The new words.'));
  await until('it is read', async () => (await serving.get('/api/v1/playbooks/own')).body.includes('The new words.'));
  expect((await serving.get(`/api/v1/runs/${id}`)).json).toMatchObject({ state: 'proposed', digest });
  expect(await serving.post(`/api/v1/runs/${id}/approve`, { plan: digest })).toMatchObject({ status: 200 });
  await untilRun(serving, 'done');
  expect(site.cluster.retries()).toHaveLength(1);
});

test('a configuration that changes is taken as a whole: a person, a cluster; a broken one is refused whole', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveHere(site);
  expect((await serving.post('/api/v1/pause', { reason: 'dora may not' }, 'dora')).status).toBe(403);
  site.write('salvor.yaml', site.text.replace('pause: [platform]', 'pause: [platform, leads]'));
  await until('dora may pause', async () => (await serving.post('/api/v1/pause', { reason: 'dora may' }, 'dora')).status < 300);

  // An alert of a cluster that is not configured yet is kept for people; of one that is, it is handled.
  expect((await serving.alert({ ...DAILY, cluster: 'staging' })).json).toMatchObject({ quarantined: 1 });
  const staging = `  - { name: staging, kubeconfig: ${JSON.stringify(site.cluster.kubeconfigFile)}, alertmanager: { tokens: [{ file: ./alertmanager.token }] } }\npeople:`;
  site.write('salvor.yaml', site.text.replace('people:', staging));
  await until('it is read', () => serving.log().some((line) => line.includes('"reload.done"') && line.includes('"clusters":2')));
  expect((await serving.alert({ ...DAILY, cluster: 'staging' })).json).toMatchObject({ accepted: 1, quarantined: 0 });
  await until('it is handled', async () => (await serving.get('/api/v1/ledger')).json['handled'] === 1);

  site.write('salvor.yaml', site.text.replace('people:', 'peopel:').replace('rights:', 'rihgts:'));
  await until('it is refused', () =>
    serving.log().some((line) => line.includes('"reload.refused"') && line.includes('peopel: unknown setting. Did you mean people?')),
  );
  expect((await serving.get('/api/v1/ledger')).status).toBe(200);
});

test('tokens rotate without a restart and without a gap', { timeout: 60_000 }, async () => {
  const site = await openSite();
  site.write('next.token', 'token-of-alertmanager-2');
  site.write('salvor.yaml', site.text.replace('{ file: ./alertmanager.token }', '{ file: ./alertmanager.token }, { file: ./next.token }'));
  const serving = await serveHere(site);
  const statusWith = async (token: string): Promise<number> => (await serving.alert(DAILY, { token })).status;
  expect([await statusWith(TOKENS.alertmanager), await statusWith('token-of-alertmanager-2'), await statusWith('token-of-alertmanager-3')]).toEqual([
    200, 200, 401,
  ]);

  // The old file gets a new token: it counts with the next request, and the old one no more.
  site.write('alertmanager.token', 'token-of-alertmanager-3\n');
  expect([await statusWith('token-of-alertmanager-3'), await statusWith(TOKENS.alertmanager), await statusWith('token-of-alertmanager-2')]).toEqual([
    200, 401, 200,
  ]);

  // A token that cannot be read lets nobody in, and costs nobody else anything.
  rmSync(`${site.stage.folder}/alertmanager.token`);
  await until('it is taken away', async () => (await statusWith('token-of-alertmanager-3')) === 401);
  expect([await statusWith('token-of-alertmanager-3'), await statusWith(''), await statusWith('token-of-alertmanager-2')]).toEqual([401, 401, 200]);
  expect(serving.log().some((line) => line.includes('"secret.unreadable"'))).toBe(true);

  expect((await serving.get('/api/v1/runs')).status).toBe(200);
  site.write('ana.token', 'token-of-ana-2');
  expect((await serving.get('/api/v1/runs')).status).toBe(401);
  const answer = await fetch(`${serving.url}/api/v1/runs`, { headers: { authorization: 'Bearer token-of-ana-2' } });
  expect(answer.status).toBe(200);
  expect(serving.log().join('')).not.toMatch(/token-of-(alertmanager|ana|dora)-/);
});
