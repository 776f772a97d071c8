import type { Command } from 'commander';
import { addClientCommand, collectList, type Frame } from './frame.ts';
import type { IncidentsOptions } from './incidents.ts';
import type { RunsOptions } from './runs.ts';
import type { ShowOptions } from './show.ts';

/** Commands that look at what goes on. */
export function addLookCommands(program: Command, { context, end }: Frame): void {
  program.commandsGroup('Look:');

  paged(
    addClientCommand(program, {
      usage: 'incidents',
      summary: 'incidents, newest first',
      examples: ['salvor incidents --state open', 'salvor incidents --cluster prod --json'],
    })
      .option('--state <states>', 'open, mitigated, closed; several with commas', collectList)
      .option('--cluster <name>', 'only of this cluster'),
  ).action(async (options: IncidentsOptions) => {
    const { incidents } = await import('./incidents.ts');
    end(await incidents(options, context));
  });

  paged(
    addClientCommand(program, {
      usage: 'runs',
      summary: 'runs of playbooks, newest first',
      examples: ['salvor runs --open', 'salvor runs --state proposed,waiting --cluster prod'],
    })
      .option('--state <states>', 'only in these states; several with commas', collectList)
      .option('--open', 'only those that did not end')
      .option('--target <name>', 'only about this target')
      .option('--playbook <id>', 'only of this playbook')
      .option('--cluster <name>', 'only of this cluster')
      .option('--incident <id>', 'only of this incident'),
  ).action(async (options: RunsOptions) => {
    const { runs } = await import('./runs.ts');
    end(await runs(options, context));
  });

  addClientCommand(program, {
    usage: 'show <run>',
    summary: 'a run: where it stands, its plan, how to decide, its journal',
    examples: ['salvor show 3f9a01c2'],
  })
    .option('--all', 'the whole journal')
    .action(async (run: string, options: ShowOptions) => {
      const { show } = await import('./show.ts');
      end(await show({ ...options, run }, context));
    });
}

function paged(command: Command): Command {
  return command.option('--limit <count>', 'how many at most (default 50)').option('--cursor <cursor>', 'go on behind the page before: its "next"');
}
