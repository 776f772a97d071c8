import type { Command } from 'commander';
import type { ApproveOptions } from './approve.ts';
import { addClientCommand, collect, type Frame } from './frame.ts';
import type { RunOptions } from './run.ts';

/** Commands by which people decide. */
export function addDecideCommands(program: Command, { context, end }: Frame): void {
  program.commandsGroup('Decide:');

  addClientCommand(program, {
    usage: 'run <playbook>',
    summary: 'start a run by hand',
    examples: [
      'salvor run backup-failed --param schedule=daily --reason "the restore needs a fresh one"',
      'salvor run backup-failed --param schedule=daily --dry-run',
    ],
  })
    .option('--param <name=value>', 'a parameter; may be given several times', collect)
    .option('--cluster <name>', 'the cluster (default: the parameter cluster, else the default one)')
    .option('--reason <text>', 'why, for the timeline')
    .option('--dry-run', 'only look: what it would find and propose')
    .option('--key <key>', 'the same key again starts nothing, and answers the same')
    .action(async (playbook: string, options: RunOptions) => {
      const { run } = await import('./run.ts');
      end(await run({ ...options, playbook }, context));
    });

  addClientCommand(program, {
    usage: 'approve <run>',
    summary: 'say yes to exactly this plan',
    notes: '`salvor show RUN` prints the plan, its digest, and the command ready to copy.',
    examples: ['salvor approve 3f9a01c2 --plan d1d1d1d1', 'salvor approve 3f9a01c2 --plan d1d1d1d1 --confirm daily'],
  })
    .requiredOption('--plan <digest>', 'the digest of the plan that you looked at, or its first 8 characters')
    .option('--confirm <text>', 'the word that has to be typed, where one is asked')
    .action(async (run: string, options: ApproveOptions) => {
      const { approve } = await import('./approve.ts');
      end(await approve({ ...options, run }, context));
    });
}
