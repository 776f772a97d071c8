import type { Command } from 'commander';
import type { CheckOptions } from './check.ts';
import { addCommand, collect, type Frame } from './frame.ts';
import type { PlaybooksOptions } from './playbooks.ts';
import type { RbacOptions } from './rbac.ts';
import type { RehearseOptions } from './rehearse.ts';

const CONFIG = ['--config <file>', 'the configuration (default: SALVOR_CONFIG, else salvor.yaml)'] as const;

/** Commands that do their work themselves, without a server. */
export function addLocalCommands(program: Command, { context, end }: Frame): void {
  program.commandsGroup('Run it:');

  addCommand(program, {
    usage: 'serve',
    summary: 'the server: takes alerts in, and answers them',
    notes: 'SIGTERM drains and ends within 25 s; a second one ends at once.',
    examples: ['salvor serve --config salvor.yaml'],
  })
    .option(...CONFIG)
    .action(async ({ config }: { readonly config?: string }) => {
      const stop = context.stop();
      const { serve } = await import('../serve/serve.ts');
      end(await serve({ file: config, stop }, context.io));
    });

  program.commandsGroup('Try and check, without a server:');

  addCommand(program, {
    usage: 'check',
    summary: 'configuration, playbooks, policies, people: every problem at its place',
    examples: ['salvor check --config salvor.yaml'],
  })
    .option(...CONFIG)
    .option('--json', 'print one JSON value')
    .action(async (options: CheckOptions) => {
      const { check } = await import('./check.ts');
      end(await check(options, context.io));
    });

  addCommand(program, {
    usage: 'rehearse [playbook...]',
    summary: 'run every rehearsal of the playbooks in the simulated world',
    examples: ['salvor rehearse', 'salvor rehearse backup-failed --config salvor.yaml'],
  })
    .option(...CONFIG)
    .option('--json', 'print one JSON value')
    .action(async (playbooks: readonly string[], options: RehearseOptions) => {
      const { rehearse } = await import('./rehearse.ts');
      end(await rehearse({ ...options, playbooks }, context.io));
    });

  addCommand(program, {
    usage: 'playbooks',
    summary: 'what playbooks there are',
    examples: ['salvor playbooks', 'salvor playbooks --config salvor.yaml --json'],
  })
    .option(...CONFIG)
    .option('--json', 'print one JSON value')
    .action(async (options: PlaybooksOptions) => {
      const { playbooks } = await import('./playbooks.ts');
      end(await playbooks(options, context.io));
    });

  addCommand(program, { usage: 'playbook <id>', summary: 'one playbook: parameters, actions, risk, who approves', examples: ['salvor playbook backup-failed'] })
    .option(...CONFIG)
    .option('--json', 'print one JSON value')
    .action(async (id: string, options: PlaybooksOptions) => {
      const { playbook } = await import('./playbooks.ts');
      end(await playbook({ ...options, id }, context.io));
    });

  addCommand(program, {
    usage: 'rbac',
    summary: 'the ClusterRole that the enabled playbooks need, and nothing more',
    examples: ['salvor rbac --config salvor.yaml | kubectl apply -f -', 'salvor rbac --playbook backup-failed'],
  })
    .option(...CONFIG)
    .option('--playbook <id>', 'only for this playbook; may be given several times', collect)
    .option('--json', 'print JSON instead of YAML')
    .action(async (options: RbacOptions) => {
      const { rbac } = await import('./rbac.ts');
      end(await rbac(options, context.io));
    });
}
