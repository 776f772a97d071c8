import { z } from 'zod';
import { Duration } from '../model/duration.ts';
import { Need } from '../model/playbook.ts';
import { Rate } from './units.ts';

/** The part of `salvor.yaml` that says who may do what, and when: roles, rights, approvals, ladders, gates. */
const teams = z.array(z.string().min(1));
const who = z.union([z.literal('everyone'), teams], { error: 'expected everyone, or a list of teams' });

export const Roles = z
  .record(z.string().min(1), teams)
  .default({})
  .describe('Roles that playbooks ask for (approver, commander, owner), as teams. A role without a team: plans that need it hold.');

export const Rights = z
  .strictObject({
    read: who.default('everyone').describe('Who may look.'),
    run: who.default([]).describe('Who may start, cancel and settle runs by hand. Default: nobody.'),
    pause: who.default([]).describe('Who may pause and resume. Default: nobody.'),
    supersede: who.default([]).describe('Who may take over a run, or write off an undo. Default: nobody.'),
    configure: who.default([]).describe('Who may read the audit trail and back up the store. Default: nobody.'),
  })
  .prefault({})
  .describe('What people may do besides approving.');

const need = z.array(Need).min(1);
const stage = z
  .strictObject({
    addApprovers: teams.default([]).describe('Teams whose members may vote from then on, too; how many are needed stays.'),
    page: z.string().min(1).optional().describe('Who is called then: a name as on a ladder.'),
    within: Duration.describe('How long the proposal waits for them.'),
  })
  .refine((one) => one.addApprovers.length > 0 || one.page !== undefined, 'expected addApprovers, page, or both');
const rule = {
  distinctTeams: z.boolean().describe('Each approver counts for another team.'),
  stages: z
    .array(stage)
    .max(9)
    .describe('What follows when nobody decided `within` the time, one behind the other; behind the last one the playbook’s ladder.'),
  onExpiry: z
    .enum(['deny', 'hold'])
    .describe('When nobody decided at all: deny ends the run; hold keeps the proposal for whoever comes, for up to 7 days. Silence is never a yes.'),
  notRequester: z.boolean().describe('Whoever started the run may not approve it.'),
  typedConfirmation: z.boolean().describe('The name of the target must be typed.'),
};

export const Approvals = z
  .strictObject({
    reversible: z
      .strictObject({
        need: need.default([{ role: 'approver', count: 1 }]).describe('Teams or roles, and how many people of each. Default: one approver.'),
        notRequester: rule.notRequester.default(false),
        typedConfirmation: rule.typedConfirmation.default(false),
        distinctTeams: rule.distinctTeams.default(false),
        within: Duration.prefault('15m').describe('How long a proposal waits.'),
        remind: Duration.prefault('5m').describe('After how long it reminds, and then ever more rarely, until it is decided or the ladder starts.'),
        stages: rule.stages.default([]),
        onExpiry: rule.onExpiry.default('deny'),
      })
      .prefault({})
      .describe('Changes that can be taken back.'),
    destructive: z
      .strictObject({
        need: need
          .default([
            { role: 'approver', count: 1 },
            { role: 'commander', count: 1 },
          ])
          .describe('Teams or roles, and how many people of each. Default: one approver and one commander.'),
        notRequester: rule.notRequester.default(true),
        typedConfirmation: rule.typedConfirmation.default(true),
        distinctTeams: rule.distinctTeams.default(false),
        within: Duration.prefault('15m').describe('How long a proposal waits.'),
        remind: Duration.prefault('5m').describe('After how long it reminds, and then ever more rarely, until it is decided or the ladder starts.'),
        stages: rule.stages.default([]),
        onExpiry: rule.onExpiry.default('deny'),
      })
      .prefault({})
      .describe('Changes that cannot be taken back.'),
    stricter: z
      .array(
        z
          .strictObject({
            playbook: z.string().optional().describe('Id of the playbook it is for.'),
            action: z.string().optional().describe('Id of the action it is for.'),
            need: need.optional().describe('Who has to approve in addition.'),
            notRequester: rule.notRequester.optional(),
            typedConfirmation: rule.typedConfirmation.optional(),
            distinctTeams: rule.distinctTeams.optional(),
            within: Duration.optional().describe('How long a proposal waits, if shorter.'),
            remind: Duration.optional().describe('After how long it reminds, and then ever more rarely, until it is decided or the ladder starts.'),
            stages: rule.stages.optional(),
            onExpiry: rule.onExpiry.optional(),
          })
          .refine((one) => one.playbook !== undefined || one.action !== undefined, 'expected a playbook or an action'),
      )
      .default([])
      .describe('Stricter rules for single playbooks or actions.'),
    auto: z
      .array(
        z.strictObject({
          action: z.string().describe('Id of the action.'),
          playbook: z.string().optional().describe('Only in this playbook.'),
          limit: Rate.describe('At most so many, such as 3/h; above it people are asked.'),
        }),
      )
      .default([])
      .describe('Actions that run without asking. Empty by default.'),
    breakGlass: z
      .strictObject({
        need: need.describe('Whose word alone is enough in an emergency, and of how many.'),
        page: z.string().min(1).optional().describe('Who is called each time to look at it: a name as on a ladder.'),
      })
      .optional()
      .describe('The emergency rule: these people may approve any plan without the others, with a reason, which is told and audited. Absent: nobody may.'),
  })
  .prefault({})
  .describe('Who approves what, by risk.');

export const Ladders = z
  .record(
    z.string().min(1),
    z
      .array(
        z.strictObject({
          page: z.string().min(1).describe('Whom: a name that PagerDuty’s routes know, or that its service understands.'),
          after: Duration.describe('How long after the start of the ladder.'),
        }),
      )
      .min(1),
  )
  .prefault({ default: [{ page: 'default', after: '0m' }] })
  .describe('Whom to page, and after how long. Playbooks name the ladder `default`.');

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 22:00');

export const QuietHours = z
  .record(
    z.string().min(1),
    z.strictObject({
      from: time.describe('When the night begins, such as 22:00.'),
      until: time.describe('When it ends, such as 07:00; before `from`: on the next day.'),
      timeZone: z.string().default('UTC').describe('Time zone of both.'),
    }),
  )
  .default({})
  .describe('Hours in which nobody is reminded, by the name of the ladder: a reminder waits for their end. Pages go at any hour.');

const clusters = z.array(z.string()).default([]).describe('Clusters it is for; none: all.');

export const Gates = z
  .strictObject({
    blastRadius: z
      .record(z.string().min(1), z.int().min(1))
      .default({})
      .transform((given) => ({ nodes: 1, namespaces: 3, ...given }))
      .describe('The most that may be touched at once in one cluster, by kind. Default: 1 node, 3 namespaces.'),
    windows: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe('What people call it.'),
          cron: z.string().describe('When it opens: a cron expression of five fields.'),
          timeZone: z.string().default('UTC').describe('Time zone of the expression.'),
          lasts: Duration.describe('How long it is open.'),
          clusters,
          playbooks: z.array(z.string()).default([]).describe('Playbooks it is for; none: all.'),
        }),
      )
      .default([])
      .describe('Changes wait for a window of their cluster, where it has one.'),
    freezes: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe('What people call it.'),
          from: z.string().describe('Its start, such as 2026-12-20 or 2026-12-20T18:00.'),
          until: z.string().describe('Its end, likewise; a day alone is its first moment.'),
          timeZone: z.string().default('UTC').describe('Time zone of both.'),
          clusters,
        }),
      )
      .default([])
      .describe('Spans in which nothing may be changed.'),
  })
  .prefault({})
  .describe('What holds a change back.');
