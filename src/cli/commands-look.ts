import { type Command, Option } from 'commander';
import { VERBS } from '../port/verb.ts';
import type { ClientOptions } from './client.ts';
import { addClientCommand, addVerb, type Frame, paged } from './frame.ts';
import type { IncidentOptions } from './incident.ts';
import type { IncidentsOptions } from './incidents.ts';
import type { OnCallOptions } from './oncall.ts';
import type { ReportOptions } from './report.ts';
import type { RunsOptions } from './runs.ts';
import type { ShowOptions } from './show.ts';
import type { WatchOptions } from './watch.ts';

/** Commands that look at what goes on. */
export function addLookCommands(program: Command, { context, end }: Frame): void {
  program.commandsGroup('Look:');

  paged(addVerb(program, VERBS.incidents)).action(async (options: IncidentsOptions) => {
    const { incidents } = await import('./incidents.ts');
    end(await incidents(options, context));
  });

  addVerb(program, VERBS.incident)
    .option('--all', 'the whole timeline')
    .action(async (incidentId: string, options: IncidentOptions) => {
      const { incident } = await import('./incident.ts');
      end(await incident({ ...options, incident: incidentId }, context));
    });

  paged(addVerb(program, VERBS.runs)).action(async (options: RunsOptions) => {
    const { runs } = await import('./runs.ts');
    end(await runs(options, context));
  });

  addVerb(program, VERBS.show)
    .option('--all', 'the whole journal')
    .action(async (run: string, options: ShowOptions) => {
      const { show } = await import('./show.ts');
      end(await show({ ...options, run }, context));
    });

  addClientCommand(program, {
    usage: 'watch [id]',
    summary: 'follow live: everything, or one run or incident to its end',
    notes: 'Answers 1 where the watched run did not end well. --json prints one JSON text a line.',
    examples: ['salvor watch', 'salvor watch 3f9a01c2'],
  }).action(async (id: string | undefined, options: WatchOptions) => {
    const { watch } = await import('./watch.ts');
    end(await watch({ ...options, ...(id === undefined ? {} : { id }) }, context));
  });

  addClientCommand(
    program,
    {
      usage: 'report <incident>',
      summary: 'the report of an incident: clocks, timeline, plans, approvals, evidence',
      examples: ['salvor report 70ee629d > report.md', 'salvor report 70ee629d --format html > report.html'],
    },
    { json: false },
  )
    .addOption(new Option('--format <format>', 'how it is written').choices(['md', 'html', 'json']).default('md'))
    .action(async (incident: string, options: ReportOptions) => {
      const { report } = await import('./report.ts');
      end(await report({ ...options, incident }, context));
    });

  addVerb(program, VERBS.pauses).action(async (options: ClientOptions) => {
    const { pauses } = await import('./pause.ts');
    end(await pauses(options, context));
  });

  addVerb(program, VERBS.oncall).action(async (options: OnCallOptions) => {
    const { oncall } = await import('./oncall.ts');
    end(await oncall(options, context));
  });

  addVerb(program, VERBS.locks).action(async (options: ClientOptions) => {
    const { locks } = await import('./locks.ts');
    end(await locks(options, context));
  });
}
