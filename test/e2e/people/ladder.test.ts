import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunView } from '../../../src/port/view/run.ts';
import { untilRun } from '../../contract/serve/site.ts';
import { ROOT } from '../stage/stage.ts';
import { until } from '../stage/until.ts';
import { openOffice, spoken } from './office.ts';

const PATIENCE = { withinMs: 60_000 };
const SECOND_KEY = 'f03facc04764012d7bfb002500d5d1a7';

/** The shipped answer to a failed backup under a name of its own, where people have seconds for what they have an hour for. */
function inSeconds(): string {
  const [text = ''] = readFileSync(join(ROOT, 'playbooks', 'backup-failed.yaml'), 'utf8').split('\nrehearsal:');
  return `${text
    .replace(/^match:\n(?: {2}- .*\n)+/m, 'match:\n  - \'alertname = "NightlyBackupFailed"\'\n')
    .replace(/^command:.*\n/m, '')
    .replace('within: 1h, remind: 15m', 'within: 15s, remind: 3s')}\n`;
}

test('nobody answers: reminded in Slack, the first is called, then the second, who approves by a note in PagerDuty', async () => {
  const { serve, slack, cluster, salvor } = await openOffice({
    playbooks: { nightly: inSeconds() },
    pager: ', apiToken: { file: ./pd.token }, from: salvor@example.com, webhookSecrets: [{ file: ./pd.secret }]',
    settings: {
      listen: '{ address: 127.0.0.1, port: 0, operations: 0, publicUrl: https://salvor.example.com }',
      ladders: '{ default: [{ page: platform-primary, after: 0s }, { page: platform-secondary, after: 2s }] }',
      approvals: '{ reversible: { need: [{ team: platform, count: 1 }] } }',
    },
  });
  const serving = await serve();
  const { pagerduty } = cluster.world;
  pagerduty.apply({
    policies: [{ name: 'second', levels: [['ben']] }],
    services: [{ name: 'secondary', key: SECOND_KEY, policy: 'second' }],
    webhooks: [{ url: `${serving.url}/pagerduty/webhooks`, secrets: ['the-secret-of-the-subscription'] }],
  });
  await serving.alert({ alertname: 'NightlyBackupFailed', schedule: 'daily', severity: 'critical' });

  const asked = await slack.until('the plan', () => slack.messages().find(({ blocks }) => JSON.stringify(blocks).includes('"action_id":"approve"')), 60_000);
  const reminder = await slack.until('the reminder', () => slack.messages().find(({ text }) => text.startsWith('Still waiting for an approval')), 60_000);
  // Cleo is in no team that decides: she is left alone.
  expect(JSON.stringify(reminder.blocks).match(/<@\w+>/g)).toEqual(['<@U0ANA>', '<@U0BEN>']);
  const called = (key: string) => pagerduty.incidents().find(({ integration }) => integration === key);
  const first = await until('the first is called', () => pagerduty.incidents().find(({ integration }) => integration !== SECOND_KEY), PATIENCE);
  expect(first).toMatchObject({ title: expect.stringContaining('Nobody decided about nightly on daily'), assigned: [{ name: 'ana' }] });
  const second = await until('the second is called', () => called(SECOND_KEY), PATIENCE);
  expect(second.assigned.map(({ name }) => name)).toEqual(['ben']);
  // Nobody writes a note in the milliseconds before Salvor knows of the call.
  await slack.until('whom PagerDuty calls', () => slack.messages().find(({ text }) => text.includes('PagerDuty calls ben')), 60_000);

  const code = /approve ([2-9A-Z]{4})/.exec(second.title)?.[1] ?? '';
  pagerduty.person('cleo').note(`approve ${code}`, second.number);
  const noted = () => (called(SECOND_KEY)?.notes ?? []).map(({ content }) => content);
  await until('cleo hears why not', () => noted().find((text) => text.startsWith('Salvor: Not approved')), PATIENCE);
  expect(cluster.retries()).toEqual([]);
  pagerduty.person('ben').note(`Approve ${code.toLowerCase()}`, second.number);

  const { id } = await untilRun(serving, 'done');
  expect(cluster.retries()).toHaveLength(1);
  await until('ben is answered', () => noted().find((text) => /^Salvor: Approved .*ben/.test(text)), PATIENCE);
  const stamped = await slack.until(
    'the stamp in Slack',
    () => slack.messages().find(({ ts, blocks }) => ts === asked.ts && !JSON.stringify(blocks).includes('"approve"')),
    60_000,
  );
  expect(spoken(stamped)).toMatch(/ben[\s\S]*pagerduty/i);

  const { incident } = RunView.parse((await serving.get(`/api/v1/runs/${encodeURIComponent(id)}`)).json);
  expect(await salvor(serving, 'ben', ['close', incident, '--reason', 'the backup is there'])).toMatchObject({ code: 0 });
  const end = await until('PagerDuty has the report', () => noted().find((text) => text.includes('Report: ')), PATIENCE);
  expect(end).toMatch(/^Salvor: Over: .*the backup is there.* Report: https:\/\/salvor\.example\.com\/api\/v1\/incidents\/[^/]+\/report\?format=html$/);
  await until('nobody is called any more', () => pagerduty.incidents().every(({ status }) => status === 'resolved'), PATIENCE);
  const { body } = await serving.get(`/api/v1/incidents/${encodeURIComponent(incident)}/report?format=md`);
  expect(body).toMatch(/nobody decided; people are called[\s\S]*ben: approves, by pagerduty/);
  expect(body).toContain('Somebody was paged 2 times');
}, 180_000);
