import { expect, test } from 'vitest';
import { untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { openOffice } from './office.ts';
import { SHOP, SHOP_BACKUP, TWO_PEOPLE } from './shop.ts';

test('the same restore in the console, with Slack away all the time: form, plan, two people and a typed word, progress, report', async () => {
  const { serve, slack, atConsole } = await openOffice({ world: SHOP, settings: { approvals: TWO_PEOPLE } });
  slack.fault({ give: 'down' });
  const serving = await serve();

  const ana = await atConsole(serving, 'ana');
  const form = await ana.open('/playbooks/restore-namespace');
  expect(form.text).toMatch(/Restore one namespace from a backup/);
  // As a browser sends it: every field of the form, those that may be left empty too.
  const fields = {
    'param.into': 'shop',
    'param.backup': SHOP_BACKUP,
    'param.before': '',
    'param.from': '',
    'param.existing': 'leave',
    'param.safety': 'true',
    'param.probe': '',
    'param.namespace': 'velero',
    reason: 'the night went wrong',
  };
  expect((await ana.send(/\/runs$/, { ...fields, dry: 'yes' })).text).toMatch(/restore-namespace on shop: only tried/);
  await ana.open('/playbooks/restore-namespace');
  const { path } = await ana.send(/\/runs$/, fields);
  expect(path).toMatch(/^\/runs\//);

  await untilRun(serving, 'proposed');
  const asked = await ana.open(path);
  expect(asked.text).toMatch(/It waits for a decision: needs 1 of platform/);
  expect(asked.text).toMatch(/Plan [0-9a-f]{8}: destructive/);
  expect(asked.text).toContain(SHOP_BACKUP);
  expect(asked.text).toMatch(/Who can: ben \(in platform\), cleo \(in incident-command\)\. .*You, ana, may not approve this: /);

  const ben = await atConsole(serving, 'ben');
  expect((await ben.open(path)).text).toContain('To confirm, type shop');
  const mistyped = await ben.send(/\/approve$/, { confirmation: 'shpo' });
  expect(mistyped).toMatchObject({ status: 422, text: expect.stringMatching(/Type shop to go on.*Nothing was approved/) });
  await ben.open(path);
  await ben.send(/\/approve$/, { confirmation: 'shop' });
  const half = await ben.open(path);
  expect(half.text).toMatch(/ben approved by console/);
  expect(half.text).toContain('You have approved it. It goes on once the others have.');

  const cleo = await atConsole(serving, 'cleo');
  await cleo.open(path);
  await cleo.send(/\/approve$/, { confirmation: 'shop' });
  const seen = new Set<string>();
  const done = await until(
    'it is done',
    async () => {
      const now = await ana.open(path);
      seen.add(/It (carries out its plan|checks what it did|waits for [^:]*|is done)/.exec(now.text)?.[1] ?? 'something else');
      return seen.has('is done') ? now : undefined;
    },
    { withinMs: 60_000 },
  );
  expect(seen).toContain('carries out its plan');
  expect(done.text).toMatch(/Approved ben approved by console.*cleo approved by console/);

  const link = /href="(\/incidents\/[^"]+)"/.exec(done.page)?.[1] ?? '';
  const report = await until('the report is there', async () => /href="([^"]*format=html)"/.exec((await ana.open(link)).page)?.[1]);
  const read = await ana.open(report);
  for (const said of ['restore-namespace on shop: done', 'ana by console: the night went wrong', 'ben: approves, by console', 'cleo: approves, by console'])
    expect(read.text).toContain(said);
  expect(read.text).toMatch(/Waiting for people .* of the RTO objective/);
  expect(read.text).toMatch(/RTO \S+.* 1h met/);
  expect(slack.messages()).toEqual([]);
}, 120_000);
