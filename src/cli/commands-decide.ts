import type { Command } from 'commander';
import { VERBS } from '../port/verb.ts';
import type { AcknowledgeOptions } from './acknowledge.ts';
import type { AnswerOptions } from './answer.ts';
import type { ApproveOptions } from './approve.ts';
import type { CancelOptions } from './cancel.ts';
import type { CloseOptions } from './close.ts';
import { addVerb, type Frame } from './frame.ts';
import type { FreezeOptions, UnfreezeOptions } from './freeze.ts';
import type { LeadOptions } from './lead.ts';
import type { NoteOptions } from './note.ts';
import type { PageOptions } from './page.ts';
import type { PauseOptions, ResumeOptions } from './pause.ts';
import type { HoldOptions, ProposalOptions } from './proposal.ts';
import type { RejectOptions } from './reject.ts';
import type { RoleOptions } from './role.ts';
import type { RunOptions } from './run.ts';
import type { SettleOptions } from './settle.ts';
import type { SeverityOptions } from './severity.ts';
import type { SupersedeOptions } from './supersede.ts';
import type { UpdateOptions } from './update.ts';

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
  addVerb(program, VERBS.run).action(async (playbook: string, options: RunOptions) => {
    const { run } = await import('./run.ts');
    end(await run({ ...options, playbook }, context));
  });
}

function addDecisions(program: Command, { context, end }: Frame): void {
  addVerb(program, VERBS.approve, '`salvor show RUN` prints the plan, its digest, and this command ready to copy.').action(
    async (run: string, options: ApproveOptions) => {
      const { approve } = await import('./approve.ts');
      end(await approve({ ...options, run }, context));
    },
  );

  addVerb(program, VERBS.withdraw).action(async (run: string, options: ProposalOptions) => {
    const { withdraw } = await import('./proposal.ts');
    end(await withdraw({ ...options, run }, context));
  });

  addVerb(program, VERBS.hold).action(async (run: string, options: HoldOptions) => {
    const { hold } = await import('./proposal.ts');
    end(await hold({ ...options, run }, context));
  });

  addVerb(program, VERBS.release).action(async (run: string, options: ProposalOptions) => {
    const { release } = await import('./proposal.ts');
    end(await release({ ...options, run }, context));
  });

  addVerb(program, VERBS.reject).action(async (run: string, options: RejectOptions) => {
    const { reject } = await import('./reject.ts');
    end(await reject({ ...options, run }, context));
  });

  addVerb(program, VERBS.cancel, 'The request in flight finishes, nothing more is written, and what was done is undone.').action(
    async (run: string, options: CancelOptions) => {
      const { cancel } = await import('./cancel.ts');
      end(await cancel({ ...options, run }, context));
    },
  );

  addVerb(program, VERBS.answer, '`salvor show RUN` prints the question and its name.').action(async (run: string, ask: string, options: AnswerOptions) => {
    const { answer } = await import('./answer.ts');
    end(await answer({ ...options, run, ask }, context));
  });
}

function addTakingOver(program: Command, { context, end }: Frame): void {
  addVerb(program, VERBS.settle).action(async (run: string, step: string, options: SettleOptions) => {
    const { settle } = await import('./settle.ts');
    end(await settle({ ...options, run, step }, context));
  });

  addVerb(program, VERBS.supersede).action(async (run: string, options: SupersedeOptions) => {
    const { supersede } = await import('./supersede.ts');
    end(await supersede({ ...options, run }, context));
  });
}

function addSwitch(program: Command, { context, end }: Frame): void {
  addVerb(program, VERBS.pause).action(async (options: PauseOptions) => {
    const { pause } = await import('./pause.ts');
    end(await pause(options, context));
  });

  addVerb(program, VERBS.resume).action(async (options: ResumeOptions) => {
    const { resume } = await import('./pause.ts');
    end(await resume(options, context));
  });

  addVerb(program, VERBS.freeze, 'A pause holds an undo, too; a freeze lets it through, and always ends by itself.').action(
    async (name: string, options: FreezeOptions) => {
      const { freeze } = await import('./freeze.ts');
      end(await freeze({ ...options, name }, context));
    },
  );

  addVerb(program, VERBS.unfreeze).action(async (name: string, options: UnfreezeOptions) => {
    const { unfreeze } = await import('./freeze.ts');
    end(await unfreeze({ ...options, name }, context));
  });
}

function addTelling(program: Command, { context, end }: Frame): void {
  addVerb(program, VERBS.note).action(async (incident: string, text: string, options: NoteOptions) => {
    const { note } = await import('./note.ts');
    end(await note({ ...options, incident, text }, context));
  });

  addVerb(program, VERBS.severity).action(async (incident: string, to: string, options: SeverityOptions) => {
    const { severity } = await import('./severity.ts');
    end(await severity({ ...options, incident, severity: to }, context));
  });

  addVerb(program, VERBS.acknowledge).action(async (incident: string, options: AcknowledgeOptions) => {
    const { acknowledge } = await import('./acknowledge.ts');
    end(await acknowledge({ ...options, incident }, context));
  });

  addVerb(program, VERBS.lead).action(async (incident: string, person: string, options: LeadOptions) => {
    const { lead } = await import('./lead.ts');
    end(await lead({ ...options, incident, person }, context));
  });

  addVerb(program, VERBS.role).action(async (...[incident, to, person, options]: [string, string, string, RoleOptions]) => {
    const { role } = await import('./role.ts');
    end(await role({ ...options, incident, role: to, person }, context));
  });

  addVerb(program, VERBS.update).action(async (incident: string, text: string, options: UpdateOptions) => {
    const { update } = await import('./update.ts');
    end(await update({ ...options, incident, text }, context));
  });

  addVerb(program, VERBS.page).action(async (incident: string, options: PageOptions) => {
    const { page } = await import('./page.ts');
    end(await page({ ...options, incident }, context));
  });
  addVerb(program, VERBS.close).action(async (incident: string, options: CloseOptions) => {
    const { close } = await import('./close.ts');
    end(await close({ ...options, incident }, context));
  });
}
