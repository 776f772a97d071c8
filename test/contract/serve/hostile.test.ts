import { expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { DAILY, openSite, openTrap, serveHere, untilRun } from './site.ts';

const series = (metrics: string): readonly string[] =>
  metrics
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ [^ ]+$/, ''));

test('no address that an alert names is ever asked', { timeout: 60_000 }, async () => {
  const trap = await openTrap();
  const site = await openSite();
  const serving = await serveHere(site);
  const body = JSON.stringify({
    version: '4',
    receiver: 'salvor',
    status: 'resolved',
    groupKey: '{}',
    truncatedAlerts: 3,
    externalURL: trap.url,
    groupLabels: {},
    alerts: [
      {
        status: 'firing',
        labels: { ...DAILY, runbook_url: `${trap.url}/label` },
        annotations: { runbook_url: `${trap.url}/runbook`, summary: `see ${trap.url}/summary`, dashboard: 'http://169.254.169.254/latest' },
        startsAt: new Date().toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: `${trap.url}/graph`,
        fingerprint: 'f',
      },
    ],
  });
  const answer = await fetch(`${serving.url}/api/v1/alertmanager`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-alertmanager-1', 'content-type': 'application/json' },
    body,
  });
  expect(answer.status).toBe(200);
  const { incident } = await untilRun(serving, 'proposed');
  for (const format of ['md', 'html', 'json']) expect((await serving.get(`/api/v1/incidents/${incident}/report?format=${format}`)).status).toBe(200);
  expect(trap.visits()).toEqual([]);
});

test('what alerts say makes no series of metrics, and no secret of theirs is in the log or in what is answered', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveHere(site);
  await serving.alert(DAILY);
  await untilRun(serving, 'proposed');
  const before = series((await serving.operations('/metrics')).body);

  const canary = 'xoxb-1234567890-CANARY and Bearer CANARY.0123456789';
  for (let index = 0; index < 100; index += 1) {
    const labels = {
      alertname: `Flood${index}`,
      severity: ['critical', 'warning', `odd${index}`][index % 3] ?? '',
      node: `node-${index}`,
      [`label_${index}`]: 'x',
    };
    expect((await serving.alert(labels, { annotations: { summary: canary } })).status).toBe(200);
  }
  await serving.post('/api/v1/runs/no-such-run/cancel', { reason: canary });
  await serving.get(`/api/v1/runs/${encodeURIComponent(canary)}`);
  await until('all are handled', async () => (await serving.get('/api/v1/ledger')).json['pending'] === 0);

  const { body } = await serving.operations('/metrics');
  expect(series(body)).toEqual(before);
  expect(body).not.toMatch(/Flood|CANARY|odd\d/);
  expect(body).toMatch(/^salvor_alerts_total\{outcome="handled"\} 101$/m);
  expect(serving.log().join('')).not.toContain('CANARY');
  for (const path of ['/api/v1/incidents', '/api/v1/runs', '/api/v1/quarantine']) expect((await serving.get(path)).body).not.toContain('CANARY');
  for (const line of serving.log()) expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), name: expect.stringMatching(/^[a-z.-]+$/) });
});
