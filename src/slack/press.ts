import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { errorText, SalvorError } from '../model/error.ts';
import { inTime } from '../port/in-time.ts';
import type { RunView } from '../port/view/run.ts';
import { short, standing } from '../port/view/run-words.ts';
import { DEEDS } from './deed.ts';
import { type Desk, type Subject, type Visit, whoDecides, whoHas, whoHolds } from './desk.ts';
import { type About, approveModal, askModal, holdModal, rejectModal, said, showModal, waitingModal } from './modal.ts';
import { openModal, replaceModal } from './open.ts';
import { SIGN_MS } from './sign-ms.ts';
import { code, mrkdwn } from './text.ts';

/** A button of a card. Its value names what it is about, and for a run exactly which plan; it is never a command. */

export const PRESSES = ['approve', 'reject', 'hold', 'release', 'withdraw', 'ask', 'show', 'acknowledge', 'lead'] as const;
type Verb = (typeof PRESSES)[number];
/** Those that no form opens for. */
const AT_ONCE: ReadonlySet<Verb> = new Set(['release', 'withdraw', 'acknowledge', 'lead']);

/** A form must be asked for within 3 s of the press: when what it would show is not there by then, an empty one opens. */
const OPEN_MS = 1200;

const RUN_VALUE = /^(?:run\/)?([0-9a-f]{16}-\d{1,9}):([0-9a-f]{64})$/;
const INCIDENT_VALUE = /^(?:incident\/)?([0-9a-f]{16}-\d{1,9})$/;

const Body = z.looseObject({
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  team: z.looseObject({ id: z.string() }).nullish(),
  /** Absent in the App Home. */
  channel: z.looseObject({ id: z.string(), name: z.string().default('') }).optional(),
  view: z.looseObject({ type: z.string() }).nullish(),
  trigger_id: z.string(),
  response_url: z.string().optional(),
  actions: z.array(z.looseObject({ action_id: z.enum(PRESSES), value: z.string().max(2000) })).min(1),
});
type Body = z.infer<typeof Body>;

/** What a press comes to: words for the one who pressed, a form, or something to do that may take its time. */
type Prepared = { readonly say: string } | { readonly open: ModalView } | { readonly act: () => Promise<string> };

const NOT: { readonly [V in Verb]: string } = {
  approve: 'Not approved',
  reject: 'Not rejected',
  hold: 'Not held',
  release: 'Not released',
  withdraw: 'Not taken back',
  ask: 'Not asked',
  show: 'Not shown',
  acknowledge: 'Not acknowledged',
  lead: 'Not changed',
};

/** Takes one press in. Resolves when all is said; `ack` is called once, in time, and after what it did is durable where that is possible in time. */
export async function takePress(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: () => Promise<void> }): Promise<void> {
  const read = Body.safeParse(body);
  const action = read.data?.actions[0];
  if (!read.success || action === undefined || (read.data.channel === undefined && read.data.view?.type !== 'home')) {
    desk.log.warn('slack.press-unreadable', {});
    await ack();
    return;
  }
  const { data: press } = read;
  const startMs = desk.clock.monotonicMs();
  const to = { user: press.user.id, channel: press.channel?.id, responseUrl: press.response_url };
  desk.log.info('slack.pressed', { verb: action.action_id, user: press.user.id });

  const work = prepare(desk, press, action);
  // In the App Home there is no conversation to say anything in: a form says it.
  if (press.channel === undefined) return late(desk, { press, verb: action.action_id, work, ack });
  const first = await inTime(work, { clock: desk.clock, withinMs: OPEN_MS });
  if (!first.done) return late(desk, { press, verb: action.action_id, work, ack });
  const prepared = first.value;
  if ('say' in prepared) {
    await ack();
    await desk.tell(to, prepared.say);
  } else if ('open' in prepared) {
    const opened = await openModal(desk, press.trigger_id, prepared.open);
    await ack();
    if ('why' in opened) await desk.tell(to, notOpened(opened.why, action));
  } else {
    const acting = prepared.act();
    const left = SIGN_MS - (desk.clock.monotonicMs() - startMs);
    await inTime(acting, { clock: desk.clock, withinMs: Math.max(0, left) });
    await ack();
    await desk.tell(to, await acting);
  }
}

/** What the press would show is not there in time: an empty form opens, and is filled when it is. Presses without a form are answered later. */
async function late(
  desk: Desk,
  { press, verb, work, ack }: { readonly press: Body; readonly verb: Verb; readonly work: Promise<Prepared>; readonly ack: () => Promise<void> },
): Promise<void> {
  const to = { user: press.user.id, channel: press.channel?.id, responseUrl: press.response_url };
  const opened = AT_ONCE.has(verb)
    ? undefined
    : await openModal(desk, press.trigger_id, waitingModal('It is looked up; this takes longer than usual. Nothing is decided yet.'));
  await ack();
  const prepared = await work;
  const text = 'act' in prepared ? await prepared.act() : 'say' in prepared ? prepared.say : undefined;
  const view = 'open' in prepared ? prepared.open : said(text?.startsWith('Not ') === true ? 'Not done' : 'Done', [text ?? '']);
  if (opened === undefined || 'why' in opened) return desk.tell(to, text ?? notOpened('the press took too long', press.actions[0]));
  try {
    await replaceModal(desk, opened, view);
  } catch (error) {
    desk.log.warn('slack.form-not-filled', { reason: errorText(error) });
    await desk.tell(to, text ?? notOpened('Slack did not take it', press.actions[0]));
  }
}

/** Never rejects: every fault is words. */
async function prepare(desk: Desk, press: Body, { action_id: verb, value }: Body['actions'][number]): Promise<Prepared> {
  const about = subjectOf(verb, value);
  const run = about !== undefined && 'run' in about ? about : undefined;
  const visit: Visit = {
    user: { id: press.user.id, teamId: press.user.team_id ?? press.team?.id ?? '' },
    place: press.channel ?? { id: '', name: '' },
    // Everybody hears of it in the thread: the App Home is as good a place as the card.
    ...(press.channel === undefined ? { inForm: true as const } : {}),
    reads: verb === 'show',
    about: about === undefined ? undefined : 'run' in about ? { run: about.run } : about,
    who: whoCan(desk, verb, run?.run),
    tried: { not: NOT[verb], ...linesFor(verb, about) },
  };
  if (about === undefined) {
    desk.log.warn('slack.press-foreign', { user: press.user.id, verb });
    return { say: `${NOT[verb]}: this button says nothing that Salvor knows\nUse the newest card, or /dr status.` };
  }
  try {
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return { say: visitor.text };
    const { caller } = visitor;
    const act = (name: 'approve' | 'release' | 'withdraw' | 'acknowledge' | 'lead', given: ReadonlyMap<string, string>): Prepared => ({
      act: async () => {
        try {
          return (await DEEDS[name]?.act(given, { caller, commands: desk.commands, nowMs: desk.clock.nowMs(), key: press.trigger_id })) ?? '';
        } catch (error) {
          return desk.refuse(error, visit);
        }
      },
    });
    if (!('run' in about))
      return verb === 'lead'
        ? act(
            'lead',
            new Map([
              ['incident', about.incident],
              ['person', caller.person ?? ''],
            ]),
          )
        : act('acknowledge', new Map([['incident', about.incident]]));

    const view = await desk.commands.run(caller, about.run);
    if (verb === 'show') return { open: showModal(view, view.digest === about.plan ? undefined : about.plan) };
    const form: About = { run: about.run, plan: about.plan, channel: press.channel?.id ?? '' };
    if (verb === 'ask') return { open: askModal(view, form) };
    if (verb === 'hold') {
      assertHoldable(view);
      return { open: holdModal(view, form) };
    }
    if (verb !== 'approve') assertCurrent(view, about.plan);
    if (verb === 'reject') return { open: rejectModal(view, form) };
    if (verb === 'release' || verb === 'withdraw') return act(verb, new Map([['run', about.run]]));
    // Where nothing has to be typed, and where the answer is no anyway, Commands decide at once.
    const types =
      view.state === 'proposed' &&
      view.digest === about.plan &&
      view.approval?.confirmation !== undefined &&
      !(view.approval.notRequester && view.requestedBy === caller.person) &&
      !view.approvals.some(({ by }) => by === caller.person);
    return types
      ? { open: approveModal(view, form) }
      : act(
          'approve',
          new Map([
            ['run', about.run],
            ['plan', about.plan],
          ]),
        );
  } catch (error) {
    return { say: await desk.refuse(error, visit) };
  }
}

/** A no is for the plan that was seen, too: Commands cannot know which that was. Of a run that waits for no decision they say themselves what is. */
export function assertCurrent({ id, state, digest }: Pick<RunView, 'id' | 'state' | 'digest'>, plan: string): void {
  if (state !== 'proposed' || digest === undefined || digest === plan) return;
  throw new SalvorError('approval.plan-changed', `${short(plan)} is not the current plan; ${short(digest)} is`, { details: { digest, run: id } });
}

/** Nobody writes a reason for what cannot be held any more. What is proposed by now is what is shown, and held. */
function assertHoldable(run: RunView): void {
  const { id, state, approval } = run;
  if (state !== 'proposed') {
    const stop = state === 'executing' || state === 'verifying' ? `. To stop it: /dr cancel ${short(id)}` : '';
    throw new SalvorError('approval.not-waiting', `The run ${standing(run)}; there is nothing to hold${stop}`);
  }
  if (approval?.held !== undefined) throw new SalvorError('request.conflict', `${approval.held.by} holds it already: ${approval.held.reason}`);
}

function whoCan(desk: Desk, verb: Verb, run: string | undefined): () => Promise<string> {
  if (verb === 'ask') return whoHas(desk, 'read');
  if (run === undefined) return whoHas(desk, 'run');
  return verb === 'hold' || verb === 'release' ? whoHolds(desk, run) : whoDecides(desk, run);
}

type Pressed = { readonly run: string; readonly plan: string } | { readonly incident: string };

function subjectOf(verb: Verb, value: string): Pressed | undefined {
  if (verb === 'acknowledge' || verb === 'lead') {
    const [, incident] = INCIDENT_VALUE.exec(value) ?? [];
    return incident === undefined ? undefined : { incident };
  }
  const [, run, plan] = RUN_VALUE.exec(value) ?? [];
  return run === undefined || plan === undefined ? undefined : { run, plan };
}

/** How the same is done without Slack, and how it is looked at. */
export function linesFor(verb: Verb, about: Subject | Pressed): { readonly line?: string; readonly look?: string } {
  if (about === undefined) return {};
  if ('incident' in about)
    return { line: `salvor ${verb} ${short(about.incident)}${verb === 'lead' ? ' NAME' : ''}`, look: `/dr incident ${short(about.incident)}` };
  const name = short(about.run);
  const plan = 'plan' in about && verb === 'approve' ? ` --plan ${short(about.plan)}` : '';
  const what = verb === 'ask' ? 'show' : verb;
  return { line: `salvor ${what} ${name}${plan}${verb === 'reject' || verb === 'hold' ? ' --reason TEXT' : ''}`, look: `/dr show ${name}` };
}

function notOpened(why: string, action: Body['actions'][number] | undefined): string {
  const { line = '' } = action === undefined ? {} : linesFor(action.action_id, subjectOf(action.action_id, action.value));
  return `Nothing was decided: the form did not open (${mrkdwn(why, 200)})\nPress again, or: ${code(line, 200)}`;
}
