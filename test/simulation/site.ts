import { makeCatalog } from '../../src/action/catalog.ts';
import type { Settings } from '../../src/app.ts';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import type { Json } from '../../src/model/json.ts';
import { rehearsalConfig } from '../../src/rehearse/site.ts';
import { testActions } from '../scenario/engine/actions.ts';
import { playbookOf } from '../scenario/scene.ts';
import type { Script } from './script.ts';

/** Playbooks of test actions beside the shipped ones: several steps, undo, a question, an await, rounds, what starts by itself, and what nobody may repeat. */
const PLAYBOOKS: { readonly [id: string]: string } = {
  bridge: `
summary: Make one thing on this side, then one on each, with the whole other side locked.
match: ['alertname = "BridgeDown"']
params:
  thing: { type: text, from: alert.labels.thing }
  there: { type: cluster, default: edge }
target: { from: params.thing }
locks: [{ from: params.there }]
cooldown: 1m
stages:
  - id: near
    steps: [{ id: near, action: test.write, with: { prefix: near } }]
  - id: across
    cluster: { from: params.there }
    steps:
      - { id: over, action: test.write, with: { prefix: over } }
      - { id: lit, action: test.set, with: { name: lamp-3, to: on }, undo: always }
    onReject: rollback
    onExpire: rollback
`,
  shelf: `
summary: Make three things, with a question behind the first, and wait.
match: ['alertname = "ShelfBroken"']
params:
  thing: { type: text, from: alert.labels.thing }
  room: { type: text, default: attic }
target: { from: params.thing }
locks: [{ from: params.room }]
cooldown: 1m
diagnose: [{ id: look, action: test.look }]
stages:
  - id: first
    steps: [{ id: one, action: test.write, with: { prefix: one } }]
    onExpire: rollback
  - id: question
    ask: { text: Go on?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 3m, otherwise: rollback }
  - id: second
    steps:
      - { id: two, action: test.write, with: { prefix: two } }
      - { id: three, action: test.write, with: { prefix: three } }
  - id: behind
    await: { action: test.ready, within: 5m, every: 10s, otherwise: rollback }
`,
  lamp: `
summary: Switch a lamp on by itself, and write it down.
match: ['alertname = "LampDim"']
params: { thing: { type: text, from: alert.labels.thing } }
target: { from: params.thing }
cooldown: 1m
stages:
  - id: on
    settle: 3s
    steps: [{ id: lamp, action: test.set, with: { name: { from: params.thing }, to: on } }]
  - id: note
    steps: [{ id: note, action: test.write, with: { prefix: note } }]
    onReject: rollback
`,
  sweep: `
summary: Delete what is old, with a lamp on meanwhile.
match: ['alertname = "TooManyOld"']
params: { thing: { type: text, default: old } }
target: { from: params.thing }
cooldown: 1m
stages:
  - id: sweep
    steps:
      - { id: light, action: test.set, with: { name: lamp-3, to: on }, undo: always }
      - { id: clean, action: test.clean }
      - { id: far, action: test.write, with: { prefix: far } }
`,
  flip: `
summary: Flip the switch, which nobody may do twice.
params: { thing: { type: text, default: switch } }
target: { from: params.thing }
stages: [{ id: flip, steps: [{ id: flip, action: test.flip }] }]
`,
};

/** As `salvor.yaml` says it. `platform`: how many of the team have to approve what can be taken back; `widens`: others may, too, after a while. */
const configText = ({ platform, widens, channels }: Varied): string => `
clusters:
  - { name: prod, kubeconfig: /dev/null, default: true, namespaces: { include: ['*'], exclude: [kube-system] }, alertmanager: { repeatInterval: 2m } }
  - { name: edge, kubeconfig: /dev/null, namespaces: { include: [app] }, alertmanager: { repeatInterval: 2m } }
people:
  - { name: ana, slack: U0ANA, pagerduty: P0ANA, teams: [platform] }
  - { name: ben, slack: U0BEN, pagerduty: P0BEN, teams: [platform] }
  - { name: cleo, slack: U0CLEO, pagerduty: P0CLEO, teams: [incident-command] }
  - { name: dora, slack: U0DORA, teams: [incident-command, platform-leads] }
  - { name: gus, slack: U0GUS, teams: [platform, incident-command] }
roles: { approver: [platform], commander: [incident-command], owner: [platform] }
rights: { read: everyone, run: [platform], pause: [platform], supersede: [incident-command], configure: [platform-leads] }
approvals:
  reversible: { need: [{ team: platform, count: ${platform} }], ${widens ? STAGES : 'within: 2m'}, remind: 30s }
  destructive: { need: [{ team: platform, count: 1 }, { team: incident-command, count: 1 }], notRequester: true, typedConfirmation: true, within: 3m }
  auto: [{ action: test.set, limit: 2/h }]
gates: { blastRadius: ${JSON.stringify(BLAST_RADIUS)} }
ladders: { default: [{ page: platform-primary, after: 0m }, { page: platform-secondary, after: 15m }] }
${channels ? CHANNELS : ''}`;

/** What `salvor.yaml` says now one way, now another. */
type Varied = Pick<Script, 'platform' | 'widens' | 'channels'>;

/** Incidents of these have a channel of their own from their first line. */
export const GRAVE: readonly string[] = ['SEV1', 'SEV2', 'SEV3'];
const CHANNELS = `
slack:
  { mode: socket, botToken: { env: SALVOR_SIMULATION_PRIMARY }, appToken: { env: SALVOR_SIMULATION_PRIMARY }, channel: '#dr', incidentChannels: { severities: [${GRAVE.join(', ')}] } }
`;
const STAGES = 'within: 40s, stages: [{ addApprovers: [incident-command], page: platform-secondary, within: 1m }]';

/** The pager where there is one: each rung has an integration of its own, and whether somebody is called is asked for. */
export const PAGERDUTY = {
  eventsUrl: 'http://pagerduty.simulation',
  apiUrl: 'http://pagerduty.simulation',
  routingKey: { env: 'SALVOR_SIMULATION_PRIMARY' },
  routes: { 'platform-secondary': { env: 'SALVOR_SIMULATION_SECONDARY' } },
  apiToken: { env: 'SALVOR_SIMULATION_PRIMARY' },
  from: 'salvor@example.com',
  webhookSecrets: [{ env: 'SALVOR_SIMULATION_PRIMARY' }],
  confirmWithin: 60_000,
} as const;
/** Integration keys by rung. */
export const ROUTES = { 'platform-primary': 'p'.repeat(32), 'platform-secondary': 's'.repeat(32) } as const;
process.env['SALVOR_SIMULATION_PRIMARY'] = ROUTES['platform-primary'];
process.env['SALVOR_SIMULATION_SECONDARY'] = ROUTES['platform-secondary'];

export const BLAST_RADIUS = { nodes: 1, namespaces: 3, targets: 3 };

const shipped = await loadSite(NOTHING_OWN);
const TEST_ACTIONS = ['test.look', 'test.ready', 'test.write', 'test.clean', 'test.set', 'test.flip'];
const catalog = makeCatalog([...shipped.catalog.all(), ...TEST_ACTIONS.flatMap((id) => testActions.get(id) ?? [])]);
const own = Object.entries(PLAYBOOKS).map(([id, text]) => playbookOf(id, text));
const settingsBy = new Map<string, Settings>();

export function settingsFor({ platform, widens, channels }: Varied): Settings {
  const name = `${platform} ${widens} ${channels}`;
  const known = settingsBy.get(name);
  if (known !== undefined) return known;
  const made = { config: rehearsalConfig({}, configText({ platform, widens, channels })), site: { catalog, playbooks: [...shipped.playbooks, ...own] } };
  settingsBy.set(name, made);
  return made;
}

export const CLUSTERS = ['prod', 'edge'] as const;

/** The night before in a noisy cluster: a failed backup, three nodes with work on them, and the ConfigMaps that the test actions look at. */
const PROD: { readonly [name: string]: Json } = {
  namespaces: ['shop', 'app'],
  nodes: [{ name: 'w1' }, { name: 'w2' }, { name: 'w3' }],
  pods: [
    { name: 'shop/web-1', node: 'w1', owner: 'Deployment/web' },
    { name: 'shop/web-2', node: 'w2', owner: 'Deployment/web' },
    { name: 'shop/api-0', node: 'w1' },
  ],
  schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'], ttl: '720h0m0s' } }],
  backups: [
    { name: 'daily-20261120020000', schedule: 'daily', phase: 'Completed', ago: '34h', namespaces: ['shop'], items: 210, volumes: 3 },
    { name: 'daily-20261121020000', schedule: 'daily', phase: 'Failed', reason: 'server-restarted', ago: '10h', namespaces: ['shop'] },
  ],
  next: [
    { outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '20s' },
    { outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '20s' },
  ],
};

/** By cluster; the other one is small and quiet. */
export const WORLDS: { readonly [C in (typeof CLUSTERS)[number]]: { readonly [name: string]: Json } } = {
  prod: PROD,
  edge: { namespaces: ['app'], nodes: [{ name: 'e1' }] },
};

/** ConfigMaps of the namespace `app`, by name: labels and values. */
export const CONFIG_MAPS: readonly {
  readonly name: string;
  readonly labels?: { readonly [name: string]: string };
  readonly data: { readonly [name: string]: string };
}[] = [
  ...['lamp-1', 'lamp-2', 'lamp-3'].map((name) => ({ name, data: { state: 'off' } })),
  ...['a', 'b', 'c', 'd'].map((name) => ({ name: `old-${name}`, labels: { old: 'yes' }, data: {} })),
  { name: 'switch', data: { flips: '0' } },
  { name: 'base', data: {} },
];
