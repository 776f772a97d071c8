import { z } from 'zod';
import { Duration } from '../model/duration.ts';
import { Approvals, Gates, Ladders, QuietHours, Rights, Roles } from './schema-policy.ts';
import { HostPort, Port, SecretRef, Size, Web } from './units.ts';

/**
 * `salvor.yaml`, whole. Every field says what it is, its unit and its default; the reference page and the chart's schema are made
 * from this. Strict: what is not here is refused.
 */
const Listen = z.strictObject({
  address: z.string().min(1).default('127.0.0.1').describe('Address of the public port: webhook, API, console.'),
  port: Port.default(8080).describe('The public port; 0 takes any that is free.'),
  operations: Port.default(8081).describe('The port of metrics and probes, never authenticated; 0 takes any that is free.'),
  publicUrl: Web.optional().describe('How people and Slack reach the public port; links are made of it.'),
});

const redis = {
  username: z.string().optional().describe('User of Redis; absent: the default one.'),
  password: SecretRef.optional().describe('Password of Redis.'),
  tls: z.boolean().default(false).describe('Speak TLS to Redis.'),
  ca: z.string().min(1).optional().describe('PEM file of the authorities that sign for Redis; absent: those that Node trusts.'),
  protocol: z
    .union([z.literal(2), z.literal(3)])
    .default(3)
    .describe('Version of the protocol (RESP); 2 for a proxy that does not know 3.'),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9:_-]+$/, 'expected letters, digits, dashes and colons')
    .default('salvor')
    .describe('Put before every key.'),
  wait: z.int().min(0).default(0).describe('Replicas that must have a webhook or a journal line before it counts as stored (WAIT).'),
  waitTimeout: Duration.prefault('1s').describe('How long that may take; then it counts as not stored.'),
  allowUnsafe: z
    .boolean()
    .default(false)
    .describe('Start although Redis may evict keys, keeps no append-only file, or does not show its settings; the metric salvor_store_risks says so.'),
};

const Store = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('embedded').describe('One process, one file.'),
      path: z.string().min(1).default('./salvor-data').describe('Folder of the data.'),
      reserve: Size.prefault('8MiB').describe('Disk space kept back, so that a full disk can still be cleaned.'),
    }),
    z.strictObject({
      kind: z.literal('redis').describe('One Redis server.'),
      url: z
        .string()
        .regex(/^rediss?:\/\/[^@\s]+$/, 'expected an address such as redis://redis:6379/0, without a password in it')
        .describe('Address of the server.'),
      ...redis,
    }),
    z.strictObject({
      kind: z.literal('redis-sentinel').describe('Redis with Sentinels.'),
      sentinels: z.array(HostPort).min(1).describe('Hosts and ports of the Sentinels.'),
      name: z.string().min(1).describe('Name of the primary, as the Sentinels know it.'),
      sentinelPassword: SecretRef.optional().describe('Password of the Sentinels.'),
      database: z.int().min(0).default(0).describe('Number of the database.'),
      ...redis,
    }),
    z.strictObject({
      kind: z.literal('redis-cluster').describe('A Redis Cluster.'),
      nodes: z.array(HostPort).min(1).describe('Hosts and ports of some nodes.'),
      ...redis,
    }),
  ])
  .prefault({ kind: 'embedded' });

const Probe = z
  .strictObject({
    name: z.string().min(1).describe('What playbooks call it.'),
    http: Web.optional().describe('Address to get; 2xx is well.'),
    dns: z.string().min(1).optional().describe('Name to resolve; an answer is well.'),
    within: Duration.prefault('5s').describe('How long it may take.'),
  })
  .refine((probe) => (probe.http === undefined) !== (probe.dns === undefined), 'expected either http or dns');

export const ClusterSettings = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/, 'expected lower-case letters, digits, dots and dashes')
      .describe('Its name, as the `cluster` label of its alerts says.'),
    default: z.boolean().default(false).describe('Takes alerts without a `cluster` label.'),
    kubeconfig: z.string().min(1).optional().describe('Path of a kubeconfig file; ~ is the home folder. Default: KUBECONFIG, else ~/.kube/config.'),
    context: z.string().min(1).optional().describe('Context of the kubeconfig; absent: the current one.'),
    inCluster: z.boolean().default(false).describe('Use the service account of the pod that Salvor runs in.'),
    alertmanager: z
      .strictObject({
        tokens: z
          .array(SecretRef)
          .default([])
          .describe('Bearer tokens that speak for this cluster; several for a rotation; none: only senders on this machine.'),
        url: Web.optional().describe('Address of Alertmanager, to read truncated groups again.'),
        repeatInterval: Duration.prefault('4h').describe('Its repeat_interval; an episode ends after twice this time without a word.'),
      })
      .prefault({})
      .describe('The Alertmanager that sends alerts about this cluster.'),
    prometheus: z
      .strictObject({
        url: Web.describe('Address of Prometheus, with a path where a proxy adds one; Thanos, Mimir and VictoriaMetrics answer alike.'),
        token: SecretRef.optional().describe('Bearer token for it; a file is read before each query.'),
        ca: z.string().min(1).optional().describe('PEM file of the authorities that sign for it; absent: those that Node trusts.'),
      })
      .optional()
      .describe('The Prometheus of this cluster, read by diagnoses; absent: such looks are unavailable.'),
    namespaces: z
      .strictObject({
        include: z.array(z.string().min(1)).default(['*']).describe('Namespaces that playbooks may touch; * stands for any letters.'),
        exclude: z.array(z.string().min(1)).default(['kube-system']).describe('Namespaces that no playbook touches, whatever is included.'),
      })
      .prefault({})
      .describe('The scope of every playbook.'),
    probes: z.array(Probe).default([]).describe('What playbooks may look at outside the cluster.'),
  })
  .refine((cluster) => !cluster.inCluster || cluster.kubeconfig === undefined, 'expected either kubeconfig or inCluster: true, not both');

const Watchdog = z.strictObject({
  alertname: z.string().min(1).default('Watchdog').describe('Name of the alert that always fires.'),
  within: Duration.prefault('5m').describe('How long it may be silent before somebody is paged.'),
  escalate: z.string().min(1).default('default').describe('Ladder that is walked then.'),
});

const UnroutedAnswer = z.enum(['page', 'incident', 'count']);
const Severity = z.enum(['SEV1', 'SEV2', 'SEV3']);

const IncidentChannels = z.strictObject({
  severities: z.array(Severity).default(['SEV1']).describe('Incidents this bad get a channel of their own. Default: SEV1.'),
  risks: z
    .array(z.enum(['reversible', 'destructive']))
    .default(['destructive'])
    .describe('So do incidents in which a plan of this risk is proposed. Default: destructive.'),
  private: z.boolean().default(false).describe('Make private channels.'),
  prefix: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9_-]{0,14}[a-z0-9])?$/, 'expected at most 16 lower-case letters, digits and dashes')
    .default('inc')
    .describe('First part of their names: inc-20261122-1-prod-…'),
  invite: z
    .array(z.string().min(1))
    .optional()
    .describe('Teams whose people are invited, beside who leads and who is on call. Default: the teams of the roles owner and approver.'),
  bookmarks: z
    .array(z.strictObject({ title: z.string().min(1).max(60).describe('What it is called.'), url: Web.describe('Where it leads.') }))
    .max(10)
    .default([])
    .describe('Bookmarks beside the one to the console, such as a runbook or a dashboard.'),
  archiveAfter: Duration.prefault('7d').describe(
    'How long a channel is quiet behind the end of its incident before it is archived; people are told a day before.',
  ),
});

const slack = {
  botToken: SecretRef.describe('Bot token (xoxb-…).'),
  channel: z.string().min(1).describe('Channel of incident cards, as #name or id.'),
  updates: z
    .strictObject({
      channel: z.string().min(1).describe('Channel for those who are not at work on it, as #name or id.'),
      severities: z
        .array(Severity)
        .default(['SEV1', 'SEV2'])
        .describe('Incidents they are told of by themselves; of any other by salvor update. Default: SEV1 and SEV2.'),
    })
    .optional()
    .describe('Where others are told how incidents stand: one message for each, edited; no plans. Absent: nowhere.'),
  incidentChannels: IncidentChannels.optional().describe(
    'Channels that grave incidents have for themselves; absent: all is in the threads of the one channel.',
  ),
  apiUrl: Web.optional().describe('Address of the Web API, for tests.'),
};
const Slack = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('socket').describe('Connect to Slack; needs no way in.'),
    appToken: SecretRef.describe('App-level token (xapp-…).'),
    ...slack,
  }),
  z.strictObject({
    mode: z.literal('http').describe('Slack posts to /slack/events.'),
    signingSecret: SecretRef.describe('Signing secret of the app.'),
    ...slack,
  }),
]);

const PagerDuty = z.strictObject({
  routingKey: SecretRef.describe('Integration key of Events API v2, for every rung without one of its own.'),
  routes: z.record(z.string(), SecretRef).default({}).describe('Integration keys by the name that a ladder pages.'),
  apiToken: SecretRef.optional().describe(
    'REST API key: a page is followed up until somebody is called, rungs that share an integration escalate, decisions are noted there, who is on call is known.',
  ),
  from: z.string().min(3).optional().describe('E-mail address of a PagerDuty user, for REST requests.'),
  webhookSecrets: z.array(SecretRef).default([]).describe('Signing secrets of webhooks v3; several for a rotation.'),
  confirmWithin: Duration.prefault('60s').describe(
    'How long PagerDuty may take to make an incident of a page; then the next rung is paged at once. Known by apiToken, else by webhooks.',
  ),
  changes: SecretRef.optional().describe('Integration key of the service that is told of each step that was carried out, as a change event; absent: none is.'),
  eventsUrl: Web.optional().describe('Address of the Events API, for tests.'),
  apiUrl: Web.optional().describe('Address of the REST API, for tests.'),
});

const Oidc = z.strictObject({
  issuer: Web.refine(
    (text) => text.startsWith('https:') || ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(text).hostname),
    'expected an address that begins with https://: only a provider on this machine may speak plain HTTP',
  ).describe('Address of the OpenID provider, as its discovery document names itself.'),
  clientId: z.string().min(1).describe('Id of the client that Salvor is there; its redirect URI is listen.publicUrl with /login/oidc/callback behind it.'),
  clientSecret: SecretRef.describe('Secret of the client; changing it ends every session that began there.'),
  scope: z
    .string()
    .regex(/(^| )openid( |$)/, 'expected scopes with openid among them')
    .default('openid email')
    .describe('Scopes that are asked for.'),
  claim: z
    .string()
    .min(1)
    .default('email')
    .describe('Claim of the id token that people[].oidc is compared with; an address that is not verified does not count.'),
  label: z.string().min(1).max(40).default('single sign-on').describe('What the button says, behind "Log in with".'),
});

const Person = z.strictObject({
  name: z
    .string()
    .regex(/^[^\s/]{1,64}$/, 'expected a short name without spaces')
    .describe('Name of the person, the same on every surface.'),
  slack: z.string().min(1).optional().describe('Slack user id (U…).'),
  pagerduty: z.string().min(1).optional().describe('PagerDuty user id (P…).'),
  oidc: z.string().min(1).optional().describe('What the OpenID provider says for the person, to the letter: the claim that oidc.claim names.'),
  teams: z.array(z.string().min(1)).default([]).describe('Teams the person is in.'),
  token: SecretRef.optional().describe('Bearer token of the person for the API, the command line and the console.'),
});

const Playbooks = z.strictObject({
  folders: z.array(z.string().min(1)).default([]).describe('Folders of a site’s own playbooks; the shipped ones are always loaded.'),
  disable: z.array(z.string()).default([]).describe('Ids of playbooks that stay away.'),
  veleroNamespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected the name of a namespace')
    .optional()
    .describe('Where Velero lives, for every playbook that works with it. Default: velero.'),
  settings: z
    .record(
      z.string(),
      z.strictObject({
        schedule: z
          .strictObject({
            cron: z.string().optional().describe('Cron expression of five fields.'),
            timeZone: z.string().optional().describe('Time zone of the expression; default UTC.'),
            clusters: z
              .union([z.literal('all'), z.array(z.string()).min(1)])
              .optional()
              .describe('Clusters it runs on; default all.'),
          })
          .optional()
          .describe('When the playbook starts by itself.'),
        params: z.record(z.string(), z.json()).optional().describe('Defaults of its parameters.'),
      }),
    )
    .default({})
    .describe('Schedule and defaults per playbook, without copying its file.'),
});

const UNROUTED = { critical: 'page', warning: 'incident', default: 'count' } as const;
const SEVERITIES = { critical: 'SEV1', warning: 'SEV2', default: 'SEV3' } as const;

export const ConfigFile = z.strictObject({
  listen: Listen.prefault({}).describe('Where Salvor listens.'),
  store: Store.describe('Where everything durable is kept.'),
  clusters: z
    .array(ClusterSettings)
    .min(1, 'expected at least one cluster')
    .describe('The clusters that Salvor looks after; read again when this file changes.'),
  watchdog: Watchdog.optional().describe('The dead-man alert per cluster; absent: nobody is paged for silence.'),
  unrouted: z
    .record(z.string(), UnroutedAnswer)
    .default({})
    .transform((given) => ({ ...UNROUTED, ...given }))
    .describe(
      'What happens to alerts that no playbook answers, by their severity label. Default: critical pages, warning opens an incident, any other is counted.',
    ),
  severities: z
    .record(z.string(), Severity)
    .default({})
    .transform((given) => ({ ...SEVERITIES, ...given }))
    .describe('Severity of an incident by the severity label of its alert. Default: critical SEV1, warning SEV2, any other SEV3.'),
  slack: Slack.optional().describe('Slack; absent: cards, presses and commands are on the console and the command line only.'),
  pagerduty: PagerDuty.optional().describe('PagerDuty; absent: nobody is paged.'),
  oidc: Oidc.optional().describe('Logging in to the console by an OpenID provider; absent: by token only.'),
  people: z.array(Person).default([]).describe('Who is who on every surface, and in which teams.'),
  roles: Roles,
  rights: Rights,
  approvals: Approvals,
  ladders: Ladders,
  quiet: QuietHours,
  gates: Gates,
  playbooks: Playbooks.prefault({}).describe('Playbooks of the site.'),
  handlers: z.array(z.string().min(1)).default([]).describe('Folders of a site’s own actions, in TypeScript or JavaScript.'),
  limits: z
    .strictObject({
      body: Size.prefault('16MiB').describe('Largest webhook body.'),
      inbox: z.int().min(1).default(50_000).describe('Webhooks that may wait; above it Alertmanager is told to send again.'),
    })
    .prefault({})
    .describe('Bounds of what comes in.'),
  keep: z
    .strictObject({ closed: Duration.prefault('90d').describe('How long closed incidents and ended runs stay.') })
    .prefault({})
    .describe('How long history stays.'),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least that is logged.') })
    .prefault({})
    .describe('The log, JSON lines on standard output.'),
});
export type ConfigFile = z.output<typeof ConfigFile>;
