/** Who may import whom, as data. A room is a folder of `src/`, a file directly in it (`app.ts`), or `handlers`. */

/** `may` names what a room may import beside itself; each addition to its level's rule carries its reason. */
export interface Room {
  readonly may: readonly string[];
  /** Node modules that reach outside the program; rooms with `*` are the edge and may use any. */
  readonly outside: readonly string[] | '*';
}

const LEVEL_0 = ['model'];
const LEVEL_1 = ['port', 'domain'];
const LEVEL_2 = ['route', 'gate', 'ingest', 'action', 'playbook', 'notify', 'escalate', 'approval'];
const LEVEL_3 = ['run', 'incident', 'command', 'pipeline.ts'];
const LEVEL_4 = ['store', 'kube', 'slack', 'pagerduty', 'oidc', 'http', 'console', 'observe', 'world'];

const upTo1 = [...LEVEL_0, ...LEVEL_1];
const upTo2 = [...upTo1, ...LEVEL_2];
const upTo4 = [...upTo2, ...LEVEL_3, ...LEVEL_4];

const pure = (...may: readonly string[]): Room => ({ may, outside: [] });
const edge = (...may: readonly string[]): Room => ({ may, outside: '*' });

/** A room that is not in this table does not exist: adding one means saying here what it may see. */
export const ROOMS: ReadonlyMap<string, Room> = new Map([
  ['model', pure()],

  ['port', pure(...LEVEL_0)],
  ['domain', pure(...LEVEL_0)],

  ['route', pure(...upTo1)],
  ['gate', pure(...upTo1)],
  ['ingest', pure(...upTo1)],
  // The catalog reads the folder of handlers and teaches Node where `salvor/action` lies.
  ['action', { may: upTo1, outside: ['node:fs', 'node:fs/promises', 'node:module'] }],
  // A playbook's names and parameters are checked against the catalog; playbooks are files.
  ['playbook', { may: [...upTo1, 'action'], outside: ['node:fs', 'node:fs/promises'] }],
  ['notify', pure(...upTo1)],
  ['escalate', pure(...upTo1)],
  ['approval', pure(...upTo1)],

  ['run', pure(...upTo2)],
  // The fifth row of the walk from alert to run is `run/start.ts`.
  ['pipeline.ts', pure(...upTo2, 'run')],
  // Incidents are driven as runs are; commands are what people may ask of both.
  ['incident', pure(...upTo2)],
  ['command', pure(...upTo2, 'run', 'incident')],

  ['store', edge(...upTo1)],
  ['kube', edge(...upTo1)],
  ['slack', edge(...upTo1)],
  ['pagerduty', edge(...upTo1)],
  ['oidc', edge(...upTo1)],
  ['http', edge(...upTo1)],
  ['console', edge(...upTo1)],
  ['observe', edge(...upTo1)],
  ['world', edge(...upTo1)],

  // `config.ts` is the door of the room `config`.
  ['config', edge(...upTo2)],
  ['config.ts', edge(...upTo2, 'config')],
  // Level 5: `app.ts` builds every room once. `rehearse` plays playbooks on it in the simulated world, `demo` one story for people.
  ['app.ts', edge(...upTo4, 'config.ts')],
  ['rehearse', edge(...upTo4, 'config.ts', 'app.ts')],
  ['serve', edge(...upTo4, 'config.ts', 'app.ts')],
  ['demo', edge(...upTo4, 'config.ts', 'app.ts', 'serve', 'rehearse')],
  ['cli', edge(...upTo4, 'config', 'config.ts', 'app.ts', 'serve', 'rehearse', 'demo')],
  ['main.ts', edge(...upTo4, 'config.ts', 'app.ts', 'serve', 'cli')],

  ['handlers', pure('model', 'domain', 'action')],
]);

/** Node modules that reach outside the program: other programs, the network, the disk, other threads. */
export const REACHING_OUTSIDE: ReadonlySet<string> = new Set(
  [
    'child_process',
    'cluster',
    'dgram',
    'dns',
    'dns/promises',
    'fs',
    'fs/promises',
    'http',
    'http2',
    'https',
    'module',
    'net',
    'sqlite',
    'tls',
    'vm',
    'worker_threads',
  ].map((name) => `node:${name}`),
);

interface PackageUse {
  readonly rooms: readonly string[] | 'all';
  readonly why: string;
}

/** Which package may be imported where. A package that is not in this table may be imported nowhere. */
export const PACKAGES: ReadonlyMap<string, PackageUse> = new Map<string, PackageUse>([
  ['zod', { rooms: 'all', why: 'schemas are how every room parses what it did not write itself' }],
  ['yaml', { rooms: ['playbook', 'config', 'config.ts', 'cli', 'world'], why: 'playbooks, configuration and scenarios are YAML that people write' }],
  ['re2js', { rooms: ['route', 'playbook', 'gate', 'domain', 'approval', 'config', 'config.ts'], why: 'patterns that people write run in linear time' }],
  ['luxon', { rooms: [...LEVEL_2, ...LEVEL_3, 'config', 'config.ts', 'console', 'cli'], why: 'windows and times for people have time zones' }],
  ['croner', { rooms: [...LEVEL_2, ...LEVEL_3, 'domain', 'world', 'config', 'config.ts'], why: 'windows, Velero schedules and our own are cron expressions' }],

  ['@kubernetes/client-node', { rooms: ['kube'], why: 'the one adapter to clusters' }],
  [
    'express',
    { rooms: ['http', 'console', 'slack', 'pagerduty', 'world'], why: 'doors that answer HTTP; the world answers as cluster, Slack and PagerDuty do' },
  ],
  ['@slack/bolt', { rooms: ['slack'], why: 'the one adapter to Slack' }],
  ['@slack/web-api', { rooms: ['slack'], why: 'the one adapter to Slack' }],
  ['@slack/socket-mode', { rooms: ['slack'], why: 'the one adapter to Slack' }],
  ['@slack/types', { rooms: ['slack'], why: 'the one adapter to Slack' }],
  ['@slack/logger', { rooms: ['slack'], why: 'the one adapter to Slack' }],
  ['ws', { rooms: ['world'], why: 'the simulated Slack speaks Socket Mode' }],
  ['@pagerduty/pdjs', { rooms: ['pagerduty'], why: 'the one adapter to PagerDuty' }],
  ['openid-client', { rooms: ['oidc'], why: 'the one adapter to OpenID providers' }],
  ['ioredis', { rooms: ['store'], why: 'one of the two stores' }],
  ['prom-client', { rooms: ['observe'], why: 'every metric is in one file' }],
  ['commander', { rooms: ['cli', 'main.ts'], why: 'the command line' }],
]);

/** The packages a handler may import, whatever the table above allows. */
export const HANDLER_PACKAGES: ReadonlySet<string> = new Set(['zod']);

/** Rooms whose computed `import(path)` is their purpose: the catalog loads handlers; the command line loads one command at a time. */
export const COMPUTED_IMPORTS: ReadonlySet<string> = new Set(['action']);

export const MOST_LINES = 400;
/** The one straight function that builds every room is longer than a file should be, and says why there. */
export const LONG_FILES: ReadonlySet<string> = new Set(['src/app.ts']);

/** Names that say nothing about what is inside. */
export const EMPTY_NAMES: ReadonlySet<string> = new Set([
  'index',
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'types',
  'manager',
  'managers',
  'misc',
  'shared',
  'lib',
]);
