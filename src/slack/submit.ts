import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { errorCode, errorText } from '../model/error.ts';
import { inTime } from '../port/in-time.ts';
import { short } from '../port/view/run-words.ts';
import { DEEDS } from './deed.ts';
import { type Desk, type Visit, whoDecides, whoHas, whoHolds } from './desk.ts';
import { type About, aboutIn, INPUT, said, waitingModal } from './modal.ts';
import { replaceModal } from './open.ts';
import { assertCurrent, linesFor } from './press.ts';
import { toldText } from './reply/incident.ts';
import { SIGN_MS } from './sign-ms.ts';

/** A form that was sent. It carries what it was opened for; who sends it is asked again. */

export const FORMS = ['approve', 'reject', 'hold', 'ask'] as const;
type Form = (typeof FORMS)[number];

const Body = z.looseObject({
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  team: z.looseObject({ id: z.string() }).nullish(),
  view: z.looseObject({
    id: z.string(),
    callback_id: z.enum(FORMS),
    private_metadata: z.string().max(3000),
    state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), z.looseObject({ value: z.string().nullish() }))) }),
  }),
});
type Body = z.infer<typeof Body>;

/** What Slack is answered: nothing closes the form. */
export type FormAnswer =
  | { readonly response_action: 'errors'; readonly errors: { readonly [block: string]: string } }
  | { readonly response_action: 'update'; readonly view: ModalView };

/** `done` closes the form and is told to the one who sent it; `field` stays at the field; `no` is shown in the form's place. */
type Outcome = { readonly done: string } | { readonly field: string } | { readonly no: string };

const NOT: { readonly [F in Form]: string } = { approve: 'Not approved', reject: 'Not rejected', hold: 'Not held', ask: 'Not asked' };

/** Takes one form in. Resolves when all is said; `ack` is called once, in time. */
export async function takeForm(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: (answer?: FormAnswer) => Promise<void> }): Promise<void> {
  const read = Body.safeParse(body);
  const about = read.success ? aboutIn(read.data.view.private_metadata) : undefined;
  if (!read.success || about === undefined) {
    desk.log.warn('slack.form-unreadable', {});
    return ack({
      response_action: 'update',
      view: said('Not done', ['Not done: this form is older than this version of Salvor\nPress the button of the card again.']),
    });
  }
  const { user, view } = read.data;
  desk.log.info('slack.form', { form: view.callback_id, user: user.id, run: about.run });
  const work = carryOut(desk, read.data, about);
  const first = await inTime(work, { clock: desk.clock, withinMs: SIGN_MS });
  if (first.done) {
    const answer = answerOf(first.value);
    // From the App Home: there is no conversation to say it in.
    if ('done' in first.value && about.channel === '') return ack({ response_action: 'update', view: said('Done', [first.value.done]) });
    await ack(answer);
    if ('done' in first.value) await desk.tell({ user: user.id, channel: about.channel }, first.value.done);
    return;
  }
  await ack({
    response_action: 'update',
    view: waitingModal('It is at work; this takes longer than usual. You can close this: what comes of it is told to you.'),
  });
  const outcome = await work;
  const text = 'done' in outcome ? outcome.done : 'no' in outcome ? outcome.no : outcome.field;
  try {
    await replaceModal(desk, { id: view.id }, said('done' in outcome ? 'Done' : 'Not done', [text]));
  } catch (error) {
    // They closed it, or Slack is away.
    desk.log.info('slack.form-closed', { reason: errorText(error) });
    await desk.tell({ user: user.id, channel: about.channel }, text);
  }
}

function answerOf(outcome: Outcome): FormAnswer | undefined {
  if ('done' in outcome) return undefined;
  if ('field' in outcome) return { response_action: 'errors', errors: { [INPUT.block]: outcome.field } };
  return { response_action: 'update', view: said('Not done', [outcome.no]) };
}

/** Never rejects: every fault is words. */
async function carryOut(desk: Desk, { user, team, view }: Body, about: About): Promise<Outcome> {
  const { callback_id: form, state } = view;
  const typed = state.values[INPUT.block]?.[INPUT.action]?.value ?? '';
  const visit: Visit = {
    user: { id: user.id, teamId: user.team_id ?? team?.id ?? '' },
    // Slack says no channel here; the form carries the one of the card, which was looked at when it was pressed.
    place: { id: about.channel, name: '' },
    inForm: true,
    reads: false,
    about: { run: about.run },
    who: form === 'ask' ? whoHas(desk, 'read') : form === 'hold' ? whoHolds(desk, about.run) : whoDecides(desk, about.run),
    tried: { not: NOT[form], ...linesFor(form, about) },
  };
  if (typed.trim() === '') return { field: 'Nothing is typed here' };
  try {
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return { no: visitor.text };
    const { caller } = visitor;
    const context = { caller, commands: desk.commands, nowMs: desk.clock.nowMs(), key: view.id };
    if (form === 'approve') {
      const given = new Map([
        ['run', about.run],
        ['plan', about.plan],
        ['confirm', typed],
      ]);
      return { done: (await DEEDS['approve']?.act(given, context)) ?? '' };
    }
    if (form === 'hold') {
      const given = new Map([
        ['run', about.run],
        ['reason', typed.trim()],
      ]);
      return { done: (await DEEDS['hold']?.act(given, context)) ?? '' };
    }
    const run = await desk.commands.run(caller, about.run);
    if (form === 'reject') {
      assertCurrent(run, about.plan);
      return {
        done:
          (await DEEDS['reject']?.act(
            new Map([
              ['run', about.run],
              ['reason', typed.trim()],
            ]),
            context,
          )) ?? '',
      };
    }
    const text = `asks about run ${short(about.run)}, plan ${short(about.plan)}: ${typed.trim()}`;
    return { done: toldText(await desk.commands.note(caller, run.incident, { text, idempotencyKey: view.id })) };
  } catch (error) {
    if (errorCode(error) === 'approval.confirmation-missing') return { field: `${errorText(error)}: exactly so, letter by letter` };
    return { no: await desk.refuse(error, visit) };
  }
}
