import { z } from 'zod';
import { inTime } from '../port/in-time.ts';
import { answerLine } from './command.ts';
import { type Desk, type Visit, whoHas } from './desk.ts';
import { takeChoice } from './form/choose.ts';
import { CHOOSE } from './form/start-form.ts';
import { AGAIN, FORM } from './menu.ts';
import { said } from './modal.ts';
import { openModal } from './open.ts';
import { takePress } from './press.ts';
import type { Said } from './reply/said.ts';
import { openStartForm } from './start.ts';
import { mrkdwn } from './text.ts';

/** A form must be asked for within 3 s of the press. */
const OPEN_MS = 1500;

const Body = z.looseObject({
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  team: z.looseObject({ id: z.string() }).nullish(),
  channel: z.looseObject({ id: z.string(), name: z.string().default('') }).optional(),
  trigger_id: z.string(),
  response_url: z.string().optional(),
  actions: z.array(z.looseObject({ action_id: z.string(), value: z.string().max(2000).optional() })).min(1),
});
type Body = z.infer<typeof Body>;

/** Takes in whatever was pressed or chosen, by the name of its element. Resolves when all is said; `ack` is called once, in time. */
export async function takeAction(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: () => Promise<void> }): Promise<void> {
  const read = Body.safeParse(body).data;
  const [action] = read?.actions ?? [];
  const [name = ''] = action?.action_id.split(':') ?? [];
  if (name === CHOOSE) return takeChoice(desk, { body, ack });
  if (read === undefined || action?.value === undefined || (name !== AGAIN && name !== FORM)) return takePress(desk, { body, ack });
  desk.log.info('slack.pressed', { verb: name, user: read.user.id });
  const work = name === AGAIN ? lineAgain(desk, read, action.value) : openForm(desk, read, action.value);
  const first = await inTime(work, { clock: desk.clock, withinMs: OPEN_MS });
  // In the App Home there is no conversation to say anything in: a form says it.
  if (first.done && first.value !== undefined && read.channel === undefined) {
    await openModal(desk, read.trigger_id, said('Salvor', [first.value.text]));
    return ack();
  }
  await ack();
  const answer = await work;
  if (answer !== undefined) await desk.tell({ user: read.user.id, channel: read.channel?.id, responseUrl: read.response_url }, answer);
}

/** A line that a button carries: only what looks is done by it, whatever it says. */
function lineAgain(desk: Desk, { user, team, channel, trigger_id }: Body, text: string): Promise<Said | undefined> {
  const line = {
    text,
    user_id: user.id,
    team_id: user.team_id ?? team?.id ?? '',
    channel_id: channel?.id ?? '',
    channel_name: channel?.name ?? '',
    trigger_id,
  };
  return answerLine(desk, line, { readsOnly: true });
}

/** The form of a playbook, empty. */
async function openForm(desk: Desk, { user, team, channel, trigger_id: trigger }: Body, id: string): Promise<Said | undefined> {
  const visit: Visit = {
    user: { id: user.id, teamId: user.team_id ?? team?.id ?? '' },
    place: { id: channel?.id ?? '', name: channel?.name ?? '' },
    reads: false,
    about: undefined,
    who: whoHas(desk, 'run'),
    tried: { not: 'Not started', line: `salvor run ${id} …` },
  };
  try {
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return { text: visitor.text };
    const { caller } = visitor;
    const playbook = await desk.commands.playbook(caller, id);
    const why = await openStartForm(desk, { caller, playbook, given: new Map(), channel: channel?.id ?? '', trigger });
    return why === undefined ? undefined : { text: `Not started: the form did not open (${mrkdwn(why, 200)})\nPress again, or type the line.` };
  } catch (error) {
    return { text: await desk.refuse(error, visit) };
  }
}
