import { z } from 'zod';
import { errorText, SalvorError } from '../../model/error.ts';
import { inTime } from '../../port/in-time.ts';
import { type Desk, type Visit, whoHas } from '../desk.ts';
import { said, waitingModal } from '../modal.ts';
import { replaceModal } from '../open.ts';
import { dryRunText, startedText } from '../reply/run.ts';
import { SIGN_MS } from '../sign-ms.ts';
import type { FormAnswer } from '../submit.ts';
import { plainText } from '../text.ts';
import { NOT_KNOWN } from './choices.ts';
import { OWN, type Starting, startingIn } from './start-form.ts';
import { filledIn, State } from './state.ts';

/** A form that starts a playbook was sent: the run makes the plan, and the channel is asked. What is wrong is said at its field. */

const Body = z.looseObject({
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  team: z.looseObject({ id: z.string() }).nullish(),
  view: z.looseObject({ id: z.string(), private_metadata: z.string().max(3000), state: State }),
});
type Body = z.infer<typeof Body>;

const NOT = 'Not started';

/** `started` closes the form, and is told to the one who sent it. */
type Outcome = { readonly started: string } | { readonly errors: { readonly [block: string]: string } } | { readonly title: string; readonly text: string };

/** Takes one form in. Resolves when all is said; `ack` is called once, in time. */
export async function takeStart(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: (answer?: FormAnswer) => Promise<void> }): Promise<void> {
  const read = Body.safeParse(body).data;
  const starting = read === undefined ? undefined : startingIn(read.view.private_metadata);
  if (read === undefined || starting === undefined) {
    desk.log.warn('slack.form-unreadable', {});
    return ack({ response_action: 'update', view: said(NOT, [`${NOT}: this form is older than this version of Salvor\nType the line again.`]) });
  }
  const { user, view } = read;
  desk.log.info('slack.form', { form: 'start', user: user.id, playbook: starting.playbook });
  const work = start(desk, read, starting);
  const first = await inTime(work, { clock: desk.clock, withinMs: SIGN_MS });
  const to = { user: user.id, channel: starting.channel };
  if (first.done) {
    const outcome = first.value;
    if ('errors' in outcome) return ack({ response_action: 'errors', errors: outcome.errors });
    if ('text' in outcome) return ack({ response_action: 'update', view: said(outcome.title, [outcome.text]) });
    await ack();
    return desk.tell(to, outcome.started);
  }
  await ack({
    response_action: 'update',
    view: waitingModal('It is at work; this takes longer than usual. You can close this: what comes of it is told to you.'),
  });
  const outcome = await work;
  const text = 'started' in outcome ? outcome.started : 'text' in outcome ? outcome.text : `${NOT}: ${Object.values(outcome.errors).join('; ')}`;
  try {
    await replaceModal(desk, { id: view.id }, said('title' in outcome ? outcome.title : 'started' in outcome ? 'Started' : NOT, [text]));
  } catch (error) {
    desk.log.info('slack.form-closed', { reason: errorText(error) });
    await desk.tell(to, text);
  }
}

/** Never rejects: every fault is words. */
async function start(desk: Desk, { user, team, view }: Body, { playbook, channel }: Starting): Promise<Outcome> {
  const visit: Visit = {
    user: { id: user.id, teamId: user.team_id ?? team?.id ?? '' },
    place: { id: channel, name: '' },
    inForm: true,
    reads: false,
    about: undefined,
    who: whoHas(desk, 'run'),
    tried: { not: NOT, line: `salvor run ${playbook} …` },
  };
  const filled = filledIn(view.state);
  const unknown = filled.filter(({ value }) => value === NOT_KNOWN);
  if (unknown.length > 0) return { errors: Object.fromEntries(unknown.map(({ block }) => [block, 'The cluster does not say what there is: type the name'])) };
  try {
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return { title: NOT, text: visitor.text };
    const own: readonly string[] = Object.values(OWN);
    const valueOf = (name: string): string | undefined => filled.find(({ field }) => field === name)?.value;
    const cluster = valueOf(OWN.cluster);
    const request = {
      playbook,
      params: Object.fromEntries(filled.filter(({ field }) => !own.includes(field)).map(({ field, value }) => [field, value])),
      reason: valueOf(OWN.reason) ?? 'started in Slack',
      ...(cluster === undefined ? {} : { cluster }),
    };
    if (valueOf(OWN.look) !== undefined) return { title: 'What it would do', text: dryRunText(await desk.commands.dryRun(visitor.caller, request)) };
    return { started: startedText(await desk.commands.startRun(visitor.caller, { ...request, idempotencyKey: view.id })) };
  } catch (error) {
    const errors = atFields(error, Object.keys(view.state.values));
    return errors ?? { title: NOT, text: await desk.refuse(error, visit) };
  }
}

/** What Commands found wrong with single parameters, at the blocks that they stand in. */
function atFields(error: unknown, blocks: readonly string[]): { readonly errors: { readonly [block: string]: string } } | undefined {
  if (!(error instanceof SalvorError) || error.code !== 'request.invalid') return undefined;
  const errors = Object.entries(error.details).flatMap(([name, text]) => {
    const block = blocks.find((one) => `params.${one.replace(/~\d+$/, '')}` === name);
    return block === undefined ? [] : [[block, plainText(String(text), 300)] as const];
  });
  return errors.length === 0 ? undefined : { errors: Object.fromEntries(errors) };
}
