import { expect, test } from 'vitest';
import { untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { openOffice } from './office.ts';
import { SHOP, SHOP_BACKUP, TWO_PEOPLE } from './shop.ts';

test('the same restore on the command line, with Slack and PagerDuty away all the time: run, show, two people, watch, report', async () => {
  const { serve, slack, cluster, salvor } = await openOffice({ world: SHOP, settings: { approvals: TWO_PEOPLE } });
  slack.fault({ give: 'down' });
  cluster.world.apply({ pager: 'down' });
  const serving = await serve();

  const asking = ['run', 'restore-namespace', '--param', 'into=shop', '--param', `backup=${SHOP_BACKUP}`, '--reason', 'the night went wrong'];
  const started = await salvor(serving, 'ana', asking);
  expect(started).toMatchObject({ code: 0, out: expect.stringMatching(/Follow it: salvor watch \S+/) });
  const id = /salvor watch (\S+)/.exec(started.out)?.[1] ?? '';
  await untilRun(serving, 'proposed');

  const shown = await salvor(serving, 'ben', ['show', id]);
  expect(shown.out.split('\n')[0]).toMatch(/^restore-namespace on shop waits for a decision: needs 1 of platform/);
  expect(shown.out).toMatch(/destructive/);
  expect(shown.out).toContain(SHOP_BACKUP);
  const plan = /salvor approve \S+ --plan ([0-9a-f]{8}) --confirm TEXT/.exec(shown.out)?.[1] ?? '';
  expect(shown.out).toContain('TEXT is the word shop, typed by you');
  const approve = (person: string, ...more: readonly string[]) => salvor(serving, person, ['approve', id, '--plan', plan, ...more]);

  expect(await approve('ana', '--confirm', 'shop')).toMatchObject({ code: 1, out: expect.stringMatching(/ana/) });
  expect(await approve('ben')).toMatchObject({ code: 1, out: expect.stringMatching(/shop/) });
  expect(await approve('ben', '--confirm', 'shop')).toMatchObject({ code: 0, out: expect.stringMatching(/^(Your approval is recorded|Recorded)/) });
  const watching = salvor(serving, 'ana', ['watch', id]);
  expect(await approve('cleo', '--confirm', 'shop')).toMatchObject({ code: 0, out: expect.stringMatching(/^(Approved|Recorded): restore-namespace on shop/) });

  const watched = await watching;
  expect(watched).toMatchObject({ code: 0, out: expect.stringMatching(/Approved [\s\S]*Verified[\s\S]*is done/) });

  const incident = /incident +(\S+)/.exec(shown.out)?.[1] ?? '';
  await until('it is over', async () => (await serving.get(`/api/v1/incidents/${encodeURIComponent(incident)}`)).json['state'] === 'closed');
  const { code, out } = await salvor(serving, 'ana', ['report', incident]);
  expect(code).toBe(0);
  for (const said of ['restore-namespace on shop: done', 'ben: approves, by cli', 'cleo: approves, by cli', '| RTO |', '## Action items'])
    expect(out.replaceAll('\\', '')).toContain(said);
  expect([slack.messages().length, cluster.world.pagerduty.incidents().length]).toEqual([0, 0]);
}, 180_000);
