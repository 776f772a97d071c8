import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import type { Log } from '../../../src/port/log.ts';
import type { Page } from '../../../src/port/pager.ts';
import { connectPager } from '../../../src/serve/pager.ts';
import type { PagerDutyScenario } from '../../../src/world/pagerduty/account.ts';
import { KEY, OTHER, openPagerDuty } from '../world/pagerduty/open.ts';

const REST = 'apiToken: { file: ./token }, from: salvor@example.com,';

/** The pager as it is connected for a configuration, and the simulated PagerDuty behind it. */
async function connected({ more = REST, account = {} }: { readonly more?: string; readonly account?: PagerDutyScenario } = {}) {
  const open = await openPagerDuty(account);
  const folder = mkdtempSync(join(tmpdir(), 'salvor-pager-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, value] of Object.entries({ key: KEY, other: OTHER, token: 'u+test', hook: 's' })) writeFileSync(join(folder, name), `${value}\n`);
  const file = join(folder, 'salvor.yaml');
  writeFileSync(
    file,
    `clusters: [{ name: prod }]
listen: { publicUrl: https://salvor.example.com/ }
ladders: { default: [{ page: first, after: 0m }, { page: second, after: 5m }] }
pagerduty: { routingKey: { file: ./key }, ${more} changes: { file: ./other }, apiUrl: ${open.url}, eventsUrl: ${open.url} }
`,
  );
  const parsed = await readConfig({ file });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const logged: string[] = [];
  const note = (name: string): void => void logged.push(name);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  return { ...open, logged, pager: connectPager({ config: () => parsed.config, log, clock: open.clock }) };
}

const page = (of: Partial<Page> = {}): Page => ({
  action: 'trigger',
  dedupKey: 'salvor/prod/incident/a-1',
  target: 'first',
  severity: 'critical',
  summary: 'SEV1: nobody decided',
  details: { cluster: 'prod', incident: 'incident/a-1', run: 'run/b-1', at: '2026-11-21T12:00:00.000Z' },
  ...of,
});

test('a decision is noted on the incident that is open, once though it is sent again, and as the user that is configured', async () => {
  const { pager, pagerduty } = await connected();
  await pager.send(page());
  await pager.send(page({ action: 'note', summary: 'Salvor: Approved 3f9a01c2 by ana' }));
  await pager.send(page({ action: 'note', summary: 'Salvor: Approved 3f9a01c2 by ana' }));
  expect(pagerduty.incidents()[0]?.notes).toMatchObject([{ content: 'Salvor: Approved 3f9a01c2 by ana', user: { name: 'salvor' } }]);
  expect(pagerduty.incidents()).toMatchObject([{ alerts: 1 }]);
});

test('the end is noted behind the end of the call, with the address of the report, once though it is sent again', async () => {
  const { pager, pagerduty, clock } = await connected();
  await pager.send(page());
  await clock.pass(3_600_000);
  await pager.send(page({ action: 'resolve' }));
  const { details } = page();
  const end = page({
    action: 'note',
    target: 'note',
    summary: 'Salvor: Over: it ended well',
    details: { ...details, since: '1970-01-01T00:00:00.000Z', report: 'a-1' },
  });
  await pager.send(end);
  await pager.send(end);
  expect(pagerduty.incidents()).toMatchObject([{ status: 'resolved' }]);
  const said = 'Salvor: Over: it ended well. Report: https://salvor.example.com/api/v1/incidents/a-1/report?format=html';
  expect(pagerduty.incidents()[0]?.notes.map(({ content }) => content)).toEqual([said]);
  // Called again for the same: what is open is noted, not what was.
  await pager.send(page());
  await pager.send(page({ action: 'note', summary: 'Salvor: Approved', details: end.details }));
  expect(pagerduty.incidents().map(({ notes }) => notes.length)).toEqual([1, 1]);
});

test('people are asked to help on the incident that is open, each once though it is asked again, and not who is called for it', async () => {
  const users = [
    { name: 'ana', id: 'P0ANA' },
    { name: 'cleo', id: 'P0CLEO' },
    { name: 'dora', id: 'P0DORA' },
  ];
  const { pager, pagerduty } = await connected({ account: { users } });
  expect([...(pager.takes?.() ?? [])]).toContain('ask');
  const help = page({ action: 'ask', target: 'ask', summary: 'Nobody decided in time', details: { whom: 'P0ANA,P0CLEO,P0DORA', names: 'ana, cleo, dora' } });
  await expect(pager.send(help)).rejects.toMatchObject({ code: 'pager.unavailable', retry: 'later' });
  await pager.send(page());
  await pager.send(help);
  await pager.send(help);
  const [incident] = pagerduty.incidents();
  expect(incident?.responders.map(({ id }) => id)).toEqual(['P0CLEO', 'P0DORA']);
  await expect(pager.send({ ...help, details: { whom: 'P0NOBODY', names: 'x' } })).rejects.toMatchObject({ retry: 'never' });
});

test('a step that was carried out is a change event at its own integration, with what, where and a link; nobody is woken', async () => {
  const { pager, pagerduty } = await connected();
  await pager.send(page({ action: 'change', target: 'change', summary: 'cordon is done: w1 is not ready' }));
  expect(pagerduty.changes()).toMatchObject([
    {
      integration: OTHER,
      summary: 'cordon is done: w1 is not ready',
      links: ['https://salvor.example.com/incidents/a-1'],
      details: { cluster: 'prod', run: 'run/b-1' },
    },
  ]);
  expect(pagerduty.incidents()).toEqual([]);
  pagerduty.fault({ give: 'unauthorized', on: 'changes' });
  await expect(pager.send(page({ action: 'change' }))).rejects.toMatchObject({ retry: 'never' });
});

test('what confirms a page is by what is configured, and that nothing does is said once', async () => {
  const asking = await connected();
  expect([asking.pager.confirms?.(), [...(asking.pager.takes?.() ?? [])]]).toEqual([{ by: 'asking', withinMs: 60_000 }, ['note', 'ask', 'change']]);
  const hearing = await connected({ more: 'webhookSecrets: [{ file: ./hook }], confirmWithin: 2m,' });
  expect([hearing.pager.confirms?.(), [...(hearing.pager.takes?.() ?? [])]]).toEqual([{ by: 'hearing', withinMs: 120_000 }, ['change']]);
  const nothing = await connected({ more: '' });
  expect(nothing.pager.confirms?.()?.by).toBe('nothing');
  await nothing.pager.look();
  await nothing.pager.look();
  expect(nothing.logged).toEqual(['pager.not-confirmed']);
});

test('who is on call is known from the last look, and our own user, also when PagerDuty went away since', async () => {
  const { pager, pagerduty, clock, logged } = await connected({ account: { services: [{ name: 'dr', key: KEY }] } });
  expect(pager.onCall?.('first')).toBeUndefined();
  await pager.look();
  const lookedMs = clock.nowMs();
  expect([pager.onCall?.('first'), pager.own()]).toEqual([{ names: ['ana'], atMs: lookedMs }, 'P0BOT']);
  await clock.pass(600_000);
  pagerduty.fault({ give: 'unavailable' });
  await pager.look();
  expect([pager.onCall?.('second'), pager.own()]).toEqual([{ names: ['ana'], atMs: lookedMs }, 'P0BOT']);
  expect(logged).toEqual(['pager.not-looked']);
});

test('why who is on call is not known anew is said: not configured, not asked yet, away', async () => {
  const without = await connected({ more: '' });
  expect(without.pager.onCallProblem?.()).toBe('pagerduty.apiToken is not configured, so PagerDuty cannot be asked');
  const { pager, pagerduty } = await connected({ account: { services: [{ name: 'dr', key: KEY }] } });
  expect(pager.onCallProblem?.()).toBe('PagerDuty has not answered yet');
  await pager.look();
  expect(pager.onCallProblem?.()).toBeUndefined();
  pagerduty.fault({ give: 'unavailable' });
  await pager.look();
  expect(pager.onCallProblem?.()).toMatch(/PagerDuty/);
  expect(pager.onCall?.('first')?.names).toEqual(['ana']);
});

test('a rung of the same integration escalates what is open; another integration, a call that is over, or none does not', async () => {
  const { pager, pagerduty } = await connected({ more: `${REST} routes: { command: { file: ./other } },` });
  await pager.send(page());
  const { id = '' } = pagerduty.incidents()[0] ?? {};
  const known = [[id, 'first']] as const;
  expect(await pager.escalate?.(page({ target: 'second', before: ['first'] }), [])).toBeUndefined();
  expect(await pager.escalate?.(page({ target: 'command', before: ['first'] }), known)).toBeUndefined();
  expect(await pager.escalate?.(page({ target: 'second', before: ['first'] }), known)).toMatchObject({ number: 1, who: ['ben'] });
  expect(await pager.escalate?.(page({ target: 'third', before: ['first', 'second'] }), known)).toBeUndefined();
  pagerduty.person('ana').resolve();
  expect(await pager.escalate?.(page({ target: 'second', before: ['first'] }), known)).toBeUndefined();
});
