import { Argument, type Command, Option } from 'commander';
import type { AcknowledgeOptions } from './acknowledge.ts';
import type { AnswerOptions } from './answer.ts';
import type { ApproveOptions } from './approve.ts';
import type { CancelOptions } from './cancel.ts';
import type { CloseOptions } from './close.ts';
import { addClientCommand, collect, type Frame } from './frame.ts';
import type { LeadOptions } from './lead.ts';
import type { NoteOptions } from './note.ts';
import type { PauseOptions, ResumeOptions } from './pause.ts';
import type { RejectOptions } from './reject.ts';
import type { RunOptions } from './run.ts';
import type { SettleOptions } from './settle.ts';
import type { SeverityOptions } from './severity.ts';
import type { SupersedeOptions } from './supersede.ts';

const REASON = ['--reason <text>', 'why, for the timeline'] as const;
const CONFIRM = ['--confirm <text>', 'the word that has to be typed, where one is asked'] as const;

/** Commands by which people decide. They need a person: SALVOR_TOKEN. */
export function addDecideCommands(program: Command, frame: Frame): void {
  program.commandsGroup('Decide:');
  addRun(program, frame);
  addDecisions(program, frame);
  addTakingOver(program, frame);
  addSwitch(program, frame);
  program.commandsGroup('Say something about an incident:');
  addTelling(program, frame);
}

function addRun(program: Command, { context, end }: Frame): void {
  addClientCommand(program, {
    usage: 'run <playbook>',
    summary: 'start a run by hand',
    examples: [
      'salvor run backup-failed --param schedule=daily --reason "needed before the upgrade"',
      'salvor run backup-failed --param schedule=daily --dry-run',
    ],
  })
    .option('--param <name=value>', 'a parameter; may be given several times', collect)
    .option('--cluster <name>', 'the cluster (default: the parameter cluster, else the default one)')
    .option(...REASON)
    .option('--dry-run', 'only look: what it would find and propose')
    .option('--key <key>', 'the same key again starts nothing, and answers the same')
    .action(async (playbook: string, options: RunOptions) => {
      const { run } = await import('./run.ts');
      end(await run({ ...options, playbook }, context));
    });
}

function addDecisions(program: Command, { context, end }: Frame): void {
  addClientCommand(program, {
    usage: 'approve <run>',
    summary: 'say yes to exactly this plan',
    notes: '`salvor show RUN` prints the plan, its digest, and this command ready to copy.',
    examples: ['salvor approve 3f9a01c2 --plan d1d1d1d1', 'salvor approve 3f9a01c2 --plan d1d1d1d1 --confirm daily'],
  })
    .requiredOption('--plan <digest>', 'the digest of the plan that you looked at, or its first 8 characters')
    .option(...CONFIRM)
    .action(async (run: string, options: ApproveOptions) => {
      const { approve } = await import('./approve.ts');
      end(await approve({ ...options, run }, context));
    });

  addClientCommand(program, {
    usage: 'reject <run>',
    summary: 'say no to its plan',
    examples: ['salvor reject 3f9a01c2 --reason "the storage is being replaced"'],
  })
    .requiredOption(...REASON)
    .action(async (run: string, options: RejectOptions) => {
      const { reject } = await import('./reject.ts');
      end(await reject({ ...options, run }, context));
    });

  addClientCommand(program, {
    usage: 'cancel <run>',
    summary: 'stop it, and undo what it did',
    notes: 'The request in flight finishes, nothing more is written, and what was done is undone.',
    examples: ['salvor cancel 3f9a01c2', 'salvor cancel 3f9a01c2 --keep --reason "I go on by hand"'],
  })
    .option('--keep', 'undo only what must always be undone')
    .option(...REASON)
    .action(async (run: string, options: CancelOptions) => {
      const { cancel } = await import('./cancel.ts');
      end(await cancel({ ...options, run }, context));
    });

  addClientCommand(program, {
    usage: 'answer <run> <ask>',
    summary: 'answer a question of a run',
    notes: '`salvor show RUN` prints the question and its name.',
    examples: ['salvor answer 3f9a01c2 confirm --value yes'],
  })
    .requiredOption('--value <value>', 'the answer')
    .option(...CONFIRM)
    .action(async (run: string, ask: string, options: AnswerOptions) => {
      const { answer } = await import('./answer.ts');
      end(await answer({ ...options, run, ask }, context));
    });
}

function addTakingOver(program: Command, { context, end }: Frame): void {
  addClientCommand(program, {
    usage: 'settle <run> <step>',
    summary: 'say whether a step with an unknown outcome happened',
    examples: ['salvor settle 3f9a01c2 create --as done'],
  })
    .addOption(new Option('--as <outcome>', 'what you found').choices(['done', 'not-done']).makeOptionMandatory())
    .action(async (run: string, step: string, options: SettleOptions) => {
      const { settle } = await import('./settle.ts');
      end(await settle({ ...options, run, step }, context));
    });

  addClientCommand(program, {
    usage: 'supersede <run>',
    summary: 'take over: end the run, or write off an undo that fails',
    examples: ['salvor supersede 3f9a01c2 --reason "I restore by hand"'],
  })
    .requiredOption(...REASON)
    .action(async (run: string, options: SupersedeOptions) => {
      const { supersede } = await import('./supersede.ts');
      end(await supersede({ ...options, run }, context));
    });
}

function addSwitch(program: Command, { context, end }: Frame): void {
  addClientCommand(program, {
    usage: 'pause',
    summary: 'the big red switch: from now on nothing is written',
    examples: ['salvor pause --reason "network work"', 'salvor pause --for 2h --cluster prod --playbook backup-failed --reason "storage move"'],
  })
    .requiredOption(...REASON)
    .option('--for <duration>', 'such as 2h (default: until somebody resumes)')
    .option('--cluster <name>', 'only there (default: every cluster)')
    .option('--playbook <id>', 'only this one (default: every playbook)')
    .action(async (options: PauseOptions) => {
      const { pause } = await import('./pause.ts');
      end(await pause(options, context));
    });

  addClientCommand(program, { usage: 'resume', summary: 'end a pause', examples: ['salvor resume', 'salvor resume --cluster prod --playbook backup-failed'] })
    .option('--cluster <name>', 'only there (default: every cluster)')
    .option('--playbook <id>', 'the pause of this one')
    .action(async (options: ResumeOptions) => {
      const { resume } = await import('./pause.ts');
      end(await resume(options, context));
    });
}

function addTelling(program: Command, { context, end }: Frame): void {
  addClientCommand(program, {
    usage: 'note <incident> <text>',
    summary: 'put a note on the timeline',
    examples: ['salvor note 70ee629d "the vendor is called"'],
  }).action(async (incident: string, text: string, options: NoteOptions) => {
    const { note } = await import('./note.ts');
    end(await note({ ...options, incident, text }, context));
  });

  addClientCommand(program, { usage: 'severity', summary: 'change how bad it is', examples: ['salvor severity 70ee629d SEV1'] })
    .argument('<incident>')
    .addArgument(new Argument('<severity>').choices(['SEV1', 'SEV2', 'SEV3']))
    .action(async (incident: string, to: string, options: SeverityOptions) => {
      const { severity } = await import('./severity.ts');
      end(await severity({ ...options, incident, severity: to }, context));
    });

  addClientCommand(program, {
    usage: 'acknowledge <incident>',
    summary: 'say that you have it: nobody more is called',
    examples: ['salvor acknowledge 70ee629d'],
  }).action(async (incident: string, options: AcknowledgeOptions) => {
    const { acknowledge } = await import('./acknowledge.ts');
    end(await acknowledge({ ...options, incident }, context));
  });

  addClientCommand(program, {
    usage: 'lead <incident> <person>',
    summary: 'say who leads: take it, or hand it over',
    examples: ['salvor lead 70ee629d ben'],
  }).action(async (incident: string, person: string, options: LeadOptions) => {
    const { lead } = await import('./lead.ts');
    end(await lead({ ...options, incident, person }, context));
  });

  addClientCommand(program, { usage: 'close <incident>', summary: 'say that it is over', examples: ['salvor close 70ee629d --reason "restored by hand"'] })
    .requiredOption(...REASON)
    .action(async (incident: string, options: CloseOptions) => {
      const { close } = await import('./close.ts');
      end(await close({ ...options, incident }, context));
    });
}
