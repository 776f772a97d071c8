import { type Command, Option } from 'commander';
import type { CheckOptions } from './check.ts';
import type { ExplainOptions } from './explain.ts';
import { addCommand, collect, type Frame, portNumber } from './frame.ts';
import { keepHeapSmall } from './heap.ts';
import type { PlaybooksOptions } from './playbooks.ts';
import type { RbacOptions } from './rbac.ts';
import type { RehearseOptions } from './rehearse.ts';
import type { SlackManifestOptions } from './slack-manifest.ts';
import type { WorldOptions } from './world.ts';

const CONFIG = ['--config <file>', 'the configuration (default: SALVOR_CONFIG, else salvor.yaml)'] as const;
const JSON_VALUE = ['--json', 'print one JSON value'] as const;

/** Commands that do their work themselves, without a server. */
export function addLocalCommands(program: Command, frame: Frame): void {
  program.commandsGroup('Run it:');
  addServing(program, frame);
  program.commandsGroup('Try and check, without a server:');
  addChecks(program, frame);
  addShipped(program, frame);
}

function addServing(program: Command, { context, end }: Frame): void {
  addCommand(program, {
    usage: 'serve',
    summary: 'the server: takes alerts in, and answers them',
    notes: 'SIGTERM drains and ends within 25 s; a second one ends at once.',
    examples: ['salvor serve --config salvor.yaml'],
  })
    .option(...CONFIG)
    .action(async ({ config }: { readonly config?: string }) => {
      const stop = context.stop();
      keepHeapSmall();
      const { serve } = await import('../serve/serve.ts');
      end(await serve({ file: config, stop }, context.io));
    });

  addCommand(program, {
    usage: 'demo',
    summary: 'one incident from alert to report, in a simulated world',
    notes: 'Nothing real is touched. Without a terminal it needs --yes.',
    examples: ['salvor demo', 'salvor demo --yes'],
  })
    .option('--yes', 'approve by itself')
    .option('--port <port>', 'the port of the server (default: any that is free)', portNumber)
    .option('--playbook <id>', 'another playbook than backup-failed')
    .action(async ({ yes = false, ...options }: { readonly yes?: boolean; readonly port?: number; readonly playbook?: string }) => {
      const { demo } = await import('../demo/demo.ts');
      end(await demo({ ...options, yes, stop: context.stop }, { ...context.io, stdin: context.stdin }));
    });

  addCommand(program, {
    usage: 'world',
    summary: 'the simulated cluster, Slack and PagerDuty alone; kubectl works against it',
    notes: [
      'Runs until SIGTERM or Ctrl-C. --json prints one line when it is ready: { kubeconfig, url, slack, pagerduty, clusters }.',
      'slack and pagerduty are the addresses for slack.apiUrl and pagerduty.apiUrl in salvor.yaml; /slack/ shows what people see, and lets you press.',
      'A scenario is written as under `world:` of a rehearsal; POST one to URL/world/apply while it runs.',
    ].join('\n'),
    examples: ['salvor world --scenario night.yaml', 'salvor world --json --port 9443'],
  })
    .option('--scenario <file>', 'what there is (default: an empty cluster)')
    .option('--port <port>', 'where it listens on this machine (default: any that is free)', portNumber)
    .option('--json', 'print one line of JSON when it is ready')
    .action(async (options: WorldOptions) => {
      const { world } = await import('./world.ts');
      end(await world(options, context));
    });
}

function addChecks(program: Command, { context, end }: Frame): void {
  addCommand(program, {
    usage: 'check',
    summary: 'configuration, playbooks, policies, people: every problem at its place',
    examples: ['salvor check --config salvor.yaml', 'salvor check --live'],
  })
    .option(...CONFIG)
    .option('--live', 'ask the clusters and Slack, too: do they answer, what do they let us do, does Velero work')
    .option(...JSON_VALUE)
    .action(async ({ live: isLive = false, ...options }: Omit<CheckOptions, 'live'> & { readonly live?: boolean }) => {
      const { check } = await import('./check.ts');
      if (!isLive) return end(await check(options, context.io));
      const { live } = await import('./live.ts');
      end(await check({ ...options, live: (config, positionOf) => live({ config, positionOf, clock: context.clock }) }, context.io));
    });

  addCommand(program, {
    usage: 'explain [playbook]',
    summary: 'what would be done with each alert of a body on standard input; or of a playbook: its gates, and who approves it, by which rule',
    notes: 'Reads the configuration; with --url or SALVOR_URL, and no --config, it asks that server, which looks at its clusters, too.',
    examples: [
      'salvor explain --config salvor.yaml < body.json',
      'salvor explain --url http://127.0.0.1:8080 --at 2026-11-21T02:00:00Z < body.json',
      'salvor explain restore-namespace --cluster prod',
    ],
  })
    .option('--cluster <name>', 'of a playbook: there (default: the default cluster)')
    .option(...CONFIG)
    .option('--at <time>', 'as if it came then: 2026-11-21T02:00:00Z, or an age such as 7d')
    .option(...JSON_VALUE)
    .option('--url <url>', 'ask this server')
    .option('--insecure', 'send the token also without TLS to another machine')
    .action(async (playbook: string | undefined, options: ExplainOptions) => {
      const { explain } = await import('./explain.ts');
      end(await explain({ ...options, ...(playbook === undefined ? {} : { playbook }) }, context));
    });

  addCommand(program, {
    usage: 'rehearse [playbook...]',
    summary: 'play every rehearsal of the playbooks in the simulated world',
    examples: ['salvor rehearse', 'salvor rehearse backup-failed --config salvor.yaml'],
  })
    .option(...CONFIG)
    .option(...JSON_VALUE)
    .action(async (playbooks: readonly string[], options: RehearseOptions) => {
      const { rehearse } = await import('./rehearse.ts');
      end(await rehearse({ ...options, playbooks }, context.io));
    });
}

function addShipped(program: Command, { context, end }: Frame): void {
  addCommand(program, {
    usage: 'playbooks',
    summary: 'what playbooks there are',
    examples: ['salvor playbooks', 'salvor playbooks --config salvor.yaml --json'],
  })
    .option(...CONFIG)
    .option(...JSON_VALUE)
    .action(async (options: PlaybooksOptions) => {
      const { playbooks } = await import('./playbooks.ts');
      end(await playbooks(options, context.io));
    });

  addCommand(program, { usage: 'playbook <id>', summary: 'one playbook: parameters, actions, risk, who approves', examples: ['salvor playbook backup-failed'] })
    .option(...CONFIG)
    .option(...JSON_VALUE)
    .action(async (id: string, options: PlaybooksOptions) => {
      const { playbook } = await import('./playbooks.ts');
      end(await playbook({ ...options, id }, context.io));
    });

  addCommand(program, {
    usage: 'rbac',
    summary: 'the ClusterRole that the enabled playbooks need, and nothing more',
    examples: ['salvor rbac --config salvor.yaml | kubectl apply -f -', 'salvor rbac --playbook backup-failed', 'salvor rbac --service-account salvor/salvor'],
  })
    .option(...CONFIG)
    .option('--service-account <namespace/name>', 'also what binds it to this account, in no more namespaces than needed')
    .option('--playbook <id>', 'only for this playbook; may be given several times', collect)
    .option('--with <action>', 'also what is off by default of this action, such as node.delete; may be given several times', collect)
    .option('--json', 'print JSON instead of YAML')
    .action(async (options: RbacOptions) => {
      const { rbac } = await import('./rbac.ts');
      end(await rbac(options, context.io));
    });

  addCommand(program, {
    usage: 'slack-manifest',
    summary: 'the Slack app to paste, with exactly the rights that are used',
    notes: 'How to set Slack up: docs/slack.md.',
    examples: ['salvor slack-manifest', 'salvor slack-manifest --mode http --url https://salvor.example.com'],
  })
    .addOption(new Option('--mode <mode>', 'how Slack reaches Salvor').choices(['socket', 'http']).default('socket'))
    .option('--url <url>', 'the public address of Salvor, for --mode http')
    .action(async (options: SlackManifestOptions) => {
      const { slackManifest } = await import('./slack-manifest.ts');
      end(slackManifest(options, context.io));
    });
}
