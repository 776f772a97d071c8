import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Config, checkAgainst, configJsonSchema, parseConfig, readConfig, readSecret, siteNames } from '../../../src/config.ts';
import { problemText } from '../../../src/model/problem.ts';
import { processorMs } from '../../processor-time.ts';
import { actions } from '../playbook/actions.ts';

const environment = { HOME: '/home/ana' };
const parse = (text: string): ReturnType<typeof parseConfig> => parseConfig(text, { file: '/etc/salvor/salvor.yaml', environment });

function configOf(text: string): Config {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.config;
}

function problemsOf(text: string): readonly string[] {
  const parsed = parseConfig(text, { file: 'salvor.yaml', environment });
  return (parsed.ok ? parsed.warnings : parsed.problems).map(problemText);
}

const clusters = 'clusters: [{ name: prod }]\n';
const people = 'people: [{ name: ana, teams: [platform] }, { name: ben, teams: [platform, incident-command] }]\n';
const roles = 'roles: { approver: [platform], commander: [incident-command], owner: [platform] }\n';
const site = clusters + people + roles;

describe('a file with only clusters', () => {
  test('starts, with a safe default for everything else', () => {
    const config = configOf(clusters);
    expect(config.listen).toEqual({ address: '127.0.0.1', port: 8080, operations: 8081 });
    expect(config.store).toEqual({ kind: 'embedded', path: '/etc/salvor/salvor-data', reserve: 8 * 1024 * 1024 });
    expect(config.clusters).toEqual([
      {
        name: 'prod',
        isDefault: true,
        inCluster: false,
        kubeconfig: '/home/ana/.kube/config',
        alertmanager: { tokens: [], repeatIntervalMs: 14_400_000 },
        namespaces: { include: ['*'], exclude: ['kube-system'] },
        probes: [],
      },
    ]);
    expect(config.policy.approvals.auto).toEqual([]);
    expect(config.policy.approvals.destructive).toMatchObject({ notRequester: true, typedConfirmation: true, withinMs: 900_000, remindMs: 300_000 });
    expect(config.policy.approvals.destructive.need).toEqual([
      { role: 'approver', count: 1 },
      { role: 'commander', count: 1 },
    ]);
    expect(config.policy.rights).toEqual({ read: 'everyone', run: [], pause: [], supersede: [], configure: [] });
    expect(config.policy.ladders).toEqual({ default: [{ page: 'default', afterMs: 0 }] });
    expect(config.policy.unrouted).toEqual({ critical: 'page', warning: 'incident', default: 'count' });
    expect(config.policy.severities).toEqual({ critical: 'SEV1', warning: 'SEV2', default: 'SEV3' });
    expect(config.policy.gates).toEqual({ blastRadius: { nodes: 1, namespaces: 3 }, windows: [], freezes: [] });
    expect(config.slack).toBeUndefined();
    expect(config.watchdog).toBeUndefined();
  });

  test('warns that the roles of the shipped playbooks are nobody’s', () => {
    expect(problemsOf(clusters)).toEqual(
      ['approver', 'commander', 'owner'].map((role) => expect.stringContaining(`roles.${role}: warning: the role ${role} is not mapped to a team`)),
    );
    expect(problemsOf(site)).toEqual([]);
  });

  test('is frozen to its last field', () => {
    const config = configOf(site);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.policy.people[0]?.teams)).toBe(true);
  });
});

describe('a whole file', () => {
  const config = configOf(`${site}
listen: { publicUrl: https://salvor.example.com }
store: { kind: redis-sentinel, sentinels: [redis-1:26379, redis-2:26379], name: salvor, password: { file: redis-password } }
watchdog: { within: 10m }
unrouted: { info: count, warning: page }
slack: { mode: http, botToken: { env: SLACK_BOT_TOKEN }, signingSecret: { file: /run/secrets/slack }, channel: '#dr' }
approvals:
  reversible: { need: [{ team: platform, count: 2 }], within: 1h }
  stricter: [{ playbook: node-not-ready, notRequester: true, within: 5m }]
  auto: [{ action: node.cordon, limit: 3/h }, { action: node.uncordon, limit: 10/1h30m }]
ladders: { default: [{ page: platform, after: 0m }, { page: boss, after: 1h30m }] }
gates:
  blastRadius: { nodes: 2, volumes: 5 }
  windows: [{ name: nights, cron: '0 22 * * *', timeZone: Europe/Berlin, lasts: 6h }]
  freezes: [{ name: holidays, from: 2026-12-20, until: '2027-01-02T08:00', timeZone: Europe/Berlin }]
playbooks: { folders: [./playbooks, ~/more], settings: { node-not-ready: { params: { node: w1 } } } }
handlers: [/opt/handlers]
limits: { body: 512KiB }
keep: { closed: 30d }
`);

  test('becomes what the rooms that decide see, with units in the names', () => {
    const { approvals, ladders, gates, unrouted } = config.policy;
    expect(approvals.reversible).toEqual({
      need: [{ team: 'platform', count: 2 }],
      notRequester: false,
      typedConfirmation: false,
      withinMs: 3_600_000,
      remindMs: 300_000,
    });
    expect(approvals.stricter).toEqual([{ playbook: 'node-not-ready', notRequester: true, withinMs: 300_000 }]);
    expect(approvals.auto).toEqual([
      { action: 'node.cordon', limit: { count: 3, perMs: 3_600_000 } },
      { action: 'node.uncordon', limit: { count: 10, perMs: 5_400_000 } },
    ]);
    expect(ladders['default']).toEqual([
      { page: 'platform', afterMs: 0 },
      { page: 'boss', afterMs: 5_400_000 },
    ]);
    expect(gates.blastRadius).toEqual({ nodes: 2, namespaces: 3, volumes: 5 });
    expect(gates.windows).toEqual([{ name: 'nights', cron: '0 22 * * *', timeZone: 'Europe/Berlin', lastsMs: 21_600_000, clusters: [], playbooks: [] }]);
    expect(gates.freezes).toEqual([
      { name: 'holidays', fromMs: Date.parse('2026-12-19T23:00:00Z'), untilMs: Date.parse('2027-01-02T07:00:00Z'), clusters: [] },
    ]);
    expect(unrouted).toEqual({ critical: 'page', warning: 'page', info: 'count', default: 'count' });
    expect(config.watchdog).toEqual({ alertname: 'Watchdog', withinMs: 600_000, escalate: 'default' });
    expect(config.limits).toEqual({ bodyBytes: 524_288, inbox: 50_000 });
    expect(config.keep).toEqual({ closedMs: 2_592_000_000 });
  });

  test('takes relative paths from its own folder, secrets too', () => {
    expect(config.playbooks.folders).toEqual(['/etc/salvor/playbooks', '/home/ana/more']);
    expect(config.handlers).toEqual(['/opt/handlers']);
    expect(config.store).toMatchObject({ kind: 'redis-sentinel', password: { file: '/etc/salvor/redis-password' } });
  });

  test('says which names a site’s own playbooks may use', () => {
    expect(siteNames(config)).toEqual({ ladders: ['default'], roles: ['approver', 'commander', 'owner'], teams: ['platform', 'incident-command'] });
  });
});

describe('a problem', () => {
  test('has its place and the nearest right name', () => {
    expect(problemsOf(`${site}slack:\n  mode: socket\n  botTokn: { env: A }\n  appToken: { env: B }\n  channel: '#dr'\n`)).toEqual([
      'salvor.yaml:5:3: slack.botToken: missing, expected { env: NAME } or { file: PATH }; secrets are never written into this file',
      'salvor.yaml:6:3: slack.botTokn: unknown setting. Did you mean botToken?',
    ]);
  });

  test('never repeats a secret that somebody wrote into the file', () => {
    const text = problemsOf(
      `${site}slack: { mode: socket, botToken: xoxb-1234, appToken: { env: xapp-1234 }, channel: '#dr' }\npagerduty: { routingKey: pd-1234 }\n`,
    ).join('\n');
    expect(text).toContain('slack.botToken: expected { env: NAME } or { file: PATH }; secrets are never written into this file');
    expect(text).toContain('slack.appToken.env: expected the name of an environment variable');
    expect(text).not.toContain('1234');
  });

  test.each([
    ['an unknown setting', 'listn: {}', 'listn: unknown setting. Did you mean listen?'],
    ['a store of no kind', 'store: { knd: redis }', 'store.kind: missing, expected one of embedded, redis, redis-sentinel, redis-cluster'],
    [
      'a store of another kind',
      'store: { kind: redi }',
      'store.kind: found "redi", expected one of embedded, redis, redis-sentinel, redis-cluster. Did you mean redis?',
    ],
    [
      'a password in an address',
      'store: { kind: redis, url: "redis://:hunter2@redis:6379" }',
      'expected an address such as redis://redis:6379/0, without a password in it',
    ],
    ['a size without a unit it knows', 'limits: { body: 16 MeB }', 'limits.body: expected a size such as 512KiB or 16MiB, found "16 MeB"'],
    [
      'a rate that is none',
      'approvals: { auto: [{ action: a.b, limit: often }] }',
      'approvals.auto[0].limit: expected a rate such as 3/h or 10/d, found "often"',
    ],
    ['a duration that is none', 'watchdog: { within: 5 }', 'watchdog.within: found 5, expected text'],
    ['a port that is none', 'listen: { port: 70000 }', 'listen.port: found 70000, expected at most 65535'],
    [
      'a public address that is none',
      'listen: { publicUrl: salvor.example.com }',
      'listen.publicUrl: found "salvor.example.com", expected an address such as https://salvor.example.com',
    ],
    ['a radius of nothing', 'gates: { blastRadius: { nodes: 0 } }', 'gates.blastRadius.nodes: found 0, expected at least 1'],
    ['a need of nobody', 'approvals: { reversible: { need: [] } }', 'approvals.reversible.need: found a list, expected at least 1 in the list'],
    ['a team and a role at once', 'approvals: { reversible: { need: [{ team: platform, role: approver, count: 1 }] } }', 'expected either a team or a role'],
    [
      'more approvers than there are',
      'approvals: { reversible: { need: [{ team: platform, count: 3 }] } }',
      'need[0].count: needs 3 of platform, which has 2: nobody can ever approve this',
    ],
    ['a slip in a team', 'rights: { run: [platfrom] }', 'rights.run[0]: nobody is in a team platfrom. Did you mean platform?'],
    [
      'a role named like something that every object has',
      'approvals: { reversible: { need: [{ role: constructor, count: 1 }] } }',
      'there is no role constructor.',
    ],
    ['a role that nobody has', 'approvals: { reversible: { need: [{ role: aprover, count: 1 }] } }', 'there is no role aprover. Did you mean approver?'],
    ['a proposal that waits too long', 'approvals: { reversible: { within: 8d } }', 'approvals.reversible.within: found more than 7d'],
    ['ladders without the default', 'ladders: { nights: [{ page: x, after: 0m }] }', 'ladders: missing default'],
    [
      'rungs out of order',
      'ladders: { default: [{ page: x, after: 5m }, { page: y, after: 1m }] }',
      'ladders.default[1].after: found a rung that comes before the one above it',
    ],
    ['quiet hours of no ladder', "quiet: { defualt: { from: '22:00', until: '07:00' } }", 'quiet.defualt: there is no ladder defualt. Did you mean default?'],
    [
      'quiet hours that begin at no time',
      "quiet: { default: { from: '24:00', until: '07:00' } }",
      'quiet.default.from: found "24:00", expected a time of day such as 22:00',
    ],
    [
      'quiet hours that never end',
      "quiet: { default: { from: '07:00', until: '07:00' } }",
      'quiet.default.until: found 07:00 for both, expected an end that is not its beginning',
    ],
    ['quiet hours of nowhere', "quiet: { default: { from: '22:00', until: '07:00', timeZone: Mars } }", 'quiet.default.timeZone: expected a time zone such as'],
    ['a ladder that is not there', 'watchdog: { escalate: defualt }', 'watchdog.escalate: there is no ladder defualt. Did you mean default?'],
    [
      'a window that never opens',
      `gates: { windows: [{ name: a, cron: '0 25 * * *', lasts: 1h }] }`,
      'gates.windows[0].cron: expected a cron expression of five fields',
    ],
    [
      'a window on the moon',
      `gates: { windows: [{ name: a, cron: '0 5 * * *', timeZone: Moon, lasts: 1h }] }`,
      'gates.windows[0].timeZone: expected a time zone',
    ],
    [
      'a window of no cluster',
      `gates: { windows: [{ name: a, cron: '0 5 * * *', lasts: 1h, clusters: [prd] }] }`,
      'there is no cluster prd. Did you mean prod?',
    ],
    [
      'a freeze that ends before it starts',
      'gates: { freezes: [{ name: a, from: 2027-01-02, until: 2026-12-20 }] }',
      'gates.freezes[0].until: found an end that is not after its start',
    ],
    [
      'a freeze without a time',
      'gates: { freezes: [{ name: a, from: soon, until: 2026-12-20 }] }',
      'gates.freezes[0].from: found "soon", expected a time such as',
    ],
    ['REST without a sender', 'pagerduty: { routingKey: { env: A }, apiToken: { env: B } }', 'pagerduty: missing from'],
  ])('is %s', (_name, line, message) => {
    expect(problemsOf(site + line).join('\n')).toContain(message);
    expect(parse(site + line).ok).toBe(false);
  });

  test.each([
    ['no cluster', 'clusters: []', 'clusters: found a list, expected at least one cluster'],
    ['two clusters of one name', 'clusters: [{ name: a, default: true }, { name: a }]', 'clusters[1].name: the cluster a is there twice'],
    ['no default among several', 'clusters: [{ name: a }, { name: b }]', 'clusters: found 2 clusters and no default'],
    ['two defaults', 'clusters: [{ name: a, default: true }, { name: b, default: true }]', 'clusters[1].default: found a second default cluster'],
    ['two ways into a cluster', 'clusters: [{ name: a, inCluster: true, kubeconfig: x }]', 'expected either kubeconfig or inCluster: true, not both'],
    [
      'a probe that looks at two things',
      'clusters: [{ name: a, probes: [{ name: p, http: "http://a", dns: a }] }]',
      'clusters[0].probes[0]: found a map, expected either http or dns',
    ],
    ['one person twice', `${clusters}people: [{ name: ana, slack: U1 }, { name: ben, slack: U1 }]`, 'people[1].slack: the slack id U1 is there twice'],
  ])('is %s', (_name, text, message) => {
    expect(problemsOf(text).join('\n')).toContain(message);
  });

  test('is only a warning where nobody has joined a team yet, since what needs it is held', () => {
    const parsed = parse(`${clusters}${people}roles: { approver: [platform], commander: [duty-managers], owner: [platform] }\n`);
    expect(parsed.ok && parsed.warnings.map(({ message }) => message)).toEqual(['nobody is in the team duty-managers: what needs it is held']);
  });

  test('is only a warning where two rungs call the same PagerDuty integration, since the second wakes nobody', () => {
    const own = 'pagerduty: { routingKey: { env: PD }, routes: { boss: { env: PD_BOSS } }, webhookSecrets: [{ env: PD_SECRET }] }\n';
    const rest = 'pagerduty: { routingKey: { env: PD }, apiToken: { env: PD_TOKEN }, from: salvor@example.com }\n';
    const ladder = (next: string): string => `ladders: { default: [{ page: first, after: 0m }, { page: ${next}, after: 5m }] }\n`;
    expect(problemsOf(`${site}${own}${ladder('second')}`)).toEqual([
      expect.stringContaining('ladders.default[1].page: warning: second has the same PagerDuty integration as first'),
    ]);
    expect(problemsOf(`${site}${own}${ladder('boss')}`)).toEqual([]);
    expect(problemsOf(`${site}${ladder('second')}`)).toEqual([]);
    // It escalates what is open.
    expect(problemsOf(`${site}${rest}${ladder('second')}`)).toEqual([]);
  });

  test('is only a warning where nothing can tell whether a page calls anybody', () => {
    expect(problemsOf(`${site}pagerduty: { routingKey: { env: PD } }\n`)).toEqual([
      expect.stringContaining('pagerduty: warning: without apiToken or webhookSecrets nobody can tell'),
    ]);
  });

  test('is only a warning where a cluster without tokens is reached from outside', () => {
    expect(problemsOf(`${site}listen: { address: 0.0.0.0 }`)).toEqual([expect.stringContaining('clusters[0]: warning: prod has no alertmanager.tokens')]);
  });
});

describe('what the file alone cannot tell', () => {
  const problems = (line: string): readonly string[] => {
    const parsed = parse(site + line);
    if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
    return checkAgainst(parsed, { catalog: actions, playbooks: ['node-not-ready'], environment: { SET: 'x' } }).map(
      ({ field, message }) => `${field}: ${message}`,
    );
  };

  test.each([
    ['approvals: { auto: [{ action: node.cordn, limit: 3/h }] }', 'approvals.auto[0].action: there is no action node.cordn. Did you mean node.cordon?'],
    [
      'approvals: { auto: [{ action: node.ready, limit: 3/h }] }',
      'approvals.auto[0].action: node.ready is a check, which nobody approves; expected a remediation',
    ],
    [
      'approvals: { stricter: [{ playbook: node-not-redy, notRequester: true }] }',
      'approvals.stricter[0].playbook: there is no playbook node-not-redy. Did you mean node-not-ready?',
    ],
    ['pagerduty: { routingKey: { env: UNSET } }', 'pagerduty.routingKey: the environment variable UNSET is not set: set it before the start'],
    ['pagerduty: { routingKey: { file: /nowhere/at/all } }', 'pagerduty.routingKey: the secret file /nowhere/at/all cannot be read: ENOENT'],
  ])('%s', (line, message) => {
    expect(problems(line)).toEqual([expect.stringContaining(message)]);
  });

  test('is right where the action, the playbook and the secret are there', () => {
    expect(problems('approvals: { auto: [{ action: node.cordon, playbook: node-not-ready, limit: 3/h }] }\npagerduty: { routingKey: { env: SET } }')).toEqual(
      [],
    );
  });
});

describe('secrets and files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'salvor-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a secret file is read again when it changed, without the newline at its end', () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'first\n');
    expect(readSecret({ file })).toBe('first');
    writeFileSync(join(folder, 'next'), 'later!\n');
    renameSync(join(folder, 'next'), file);
    expect(readSecret({ file })).toBe('later!');
    writeFileSync(file, '\n');
    expect(() => readSecret({ file })).toThrow(`the secret file ${file} is empty: write the secret into it`);
  });

  test('a variable is read when it is asked for', () => {
    expect(readSecret({ env: 'TOKEN' }, { TOKEN: 'x' })).toBe('x');
    expect(() => readSecret({ env: 'TOKEN' }, {})).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });

  test('SALVOR_CONFIG names the file where nobody names another', async () => {
    const file = join(folder, 'a.yaml');
    writeFileSync(file, clusters);
    const parsed = await readConfig({ environment: { SALVOR_CONFIG: file } });
    expect(parsed.ok && parsed.config.file).toBe(file);
    const missing = await readConfig({ file: join(folder, 'b.yaml'), environment: { SALVOR_CONFIG: file } });
    expect(!missing.ok && missing.problems.map(({ message }) => message)).toEqual([expect.stringContaining('the configuration cannot be read: ENOENT')]);
  });
});

test('the JSON schema takes what people write, and refuses what the file may not have', () => {
  const schema = configJsonSchema();
  expect(schema).toMatchObject({ type: 'object', required: ['clusters'], additionalProperties: false });
  expect(JSON.stringify(schema.properties?.['watchdog'])).toContain('"default":"5m"');
});

describe('a hostile file', () => {
  test('with aliases that multiply is refused at once, with its place', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const pair of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi']) {
      const [before = '', name = ''] = pair;
      bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`);
    }
    const tookMs = processorMs(() => expect(problemsOf(bomb.join('\n'))).toEqual([expect.stringMatching(/^salvor\.yaml:\d*:?\d*:? ?.*alias/)]));
    expect(tookMs).toBeLessThan(5000);
  });

  test.each([
    ['code of JavaScript', `${clusters}log: !!js/function "x"\n`, 'Unresolved tag'],
    ['a regular expression of JavaScript', `${clusters}log: !!js/regexp /x/\n`, 'Unresolved tag'],
    ['names that JavaScript gave a meaning', `${clusters}__proto__: { level: debug }\n`, '__proto__'],
    ['nesting deeper than the stack', `${clusters}people: ${'['.repeat(100_000)}`, 'not the YAML that is expected'],
  ])('with %s is refused', (_, text, told) => {
    const problems = problemsOf(text);
    expect(problems.join('\n')).toContain(told);
    expect(problems.length).toBeLessThan(5);
  });
});
