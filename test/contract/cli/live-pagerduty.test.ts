import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Live } from '../../../src/cli/check.ts';
import { livePagerDuty } from '../../../src/cli/live-pagerduty.ts';
import { readConfig } from '../../../src/config.ts';
import type { PagerDutyScenario } from '../../../src/world/pagerduty/account.ts';
import { KEY, OTHER, openPagerDuty } from '../world/pagerduty/open.ts';

const TOKEN = 'u+Zs3NNbfGBzjL1sSZGw';
const RIGHT: PagerDutyScenario = {
  policies: [{ name: 'leads', levels: [['cleo']] }],
  services: [
    { name: 'dr', key: KEY },
    { name: 'second', key: OTHER, policy: 'leads' },
  ],
  webhooks: [{ url: 'https://salvor.example.com/pagerduty/webhooks', secrets: ['s'] }],
  token: TOKEN,
};

type Given = { readonly account?: PagerDutyScenario; readonly secrets?: { readonly [name: string]: string }; readonly from?: string; readonly id?: string };

async function asked({ account = RIGHT, secrets = {}, from = 'salvor@example.com', id = 'P0ANA' }: Given = {}) {
  const open = await openPagerDuty();
  // Where webhooks would go is only looked at.
  open.pagerduty.apply(account);
  const folder = mkdtempSync(join(tmpdir(), 'salvor-live-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, value] of Object.entries({ key: KEY, other: OTHER, token: TOKEN, hook: 's', ...secrets })) writeFileSync(join(folder, name), `${value}\n`);
  const file = join(folder, 'salvor.yaml');
  writeFileSync(
    file,
    `clusters: [{ name: prod }]
listen: { publicUrl: https://salvor.example.com }
people: [{ name: ana, pagerduty: ${id}, teams: [platform] }]
roles: { approver: [platform], commander: [platform], owner: [platform] }
ladders: { default: [{ page: first, after: 0m }, { page: second, after: 5m }] }
pagerduty: { routingKey: { file: ./key }, routes: { second: { file: ./other } }, apiToken: { file: ./token }, from: ${from}, webhookSecrets: [{ file: ./hook }], apiUrl: ${open.url}, eventsUrl: ${open.url} }
`,
  );
  const parsed = await readConfig({ file });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const ask = (): Promise<Live> => livePagerDuty({ config: parsed.config, positionOf: parsed.positionOf });
  return { ...open, ask };
}

const said = ({ problems }: Live): readonly string[] =>
  problems.map(({ field, message, warning }) => `${field}: ${warning === true ? 'warning: ' : ''}${message}`);

test('where all is right nothing is said, and nobody is woken', async () => {
  const { ask, pagerduty } = await asked();
  expect(await ask()).toEqual({ problems: [], unreached: [] });
  expect(pagerduty.incidents()).toEqual([]);
});

test('keys in each other’s place are named, and never shown', async () => {
  const { ask } = await asked({ secrets: { key: TOKEN, token: KEY, other: 'short' } });
  const live = await ask();
  expect(said(live)).toEqual([
    expect.stringMatching(/^pagerduty\.routingKey: looks like a REST API key/),
    expect.stringMatching(/^pagerduty\.routes\.second: found 5 characters, expected the 32/),
    expect.stringMatching(/^pagerduty\.apiToken: looks like an integration key/),
  ]);
  expect(JSON.stringify(live)).not.toContain(KEY);
  expect(JSON.stringify(live)).not.toContain(TOKEN);
});

test('a REST key that was revoked is named as that; a PagerDuty that is away as that', async () => {
  const { ask } = await asked({ account: { ...RIGHT, token: 'another' } });
  const refused = await ask();
  expect(said(refused)).toEqual([expect.stringMatching(/^pagerduty\.apiToken: PagerDuty does not take this key .*it answered 401/)]);
  expect(refused.unreached).toEqual([]);
  const { ask: askAgain, pagerduty } = await asked();
  pagerduty.fault({ give: 'unavailable' });
  const away = await askAgain();
  expect(said(away)).toEqual([expect.stringMatching(/^pagerduty: .*it answered 503$/)]);
  expect(away.unreached).toEqual(['PagerDuty']);
});

test('users that are not there, rungs that call nobody, and webhooks that go elsewhere', async () => {
  const { ask } = await asked({
    from: 'nobody@example.com',
    id: 'P404',
    account: { policies: [{ name: 'leads', levels: [[], ['cleo']] }], services: [{ name: 'second', key: OTHER, policy: 'leads' }], token: TOKEN },
  });
  expect(said(await ask())).toEqual([
    'pagerduty.from: no user of PagerDuty has the address nobody@example.com: notes and escalations are refused',
    expect.stringMatching(/^people\[0\]\.pagerduty: PagerDuty has no user P404: what ana does there/),
    'ladders.default[0].page: no service of PagerDuty has the integration key of first: its pages call nobody',
    'ladders.default[1].page: nobody is on call for second now: the first level of leads (service second) is empty',
    expect.stringMatching(/^pagerduty\.webhookSecrets: warning: no webhook subscription goes to https:\/\/salvor\.example\.com\/pagerduty\/webhooks/),
  ]);
});

test('a key that may not see subscriptions says nothing about them', async () => {
  const { ask, pagerduty } = await asked();
  pagerduty.fault({ give: 'unauthorized', path: '/webhook_subscriptions' });
  expect(await ask()).toEqual({ problems: [], unreached: [] });
});
