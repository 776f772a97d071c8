import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { errorText } from '../../model/error.ts';
import { parseJson } from '../../model/json.ts';
import { inTime } from '../../port/in-time.ts';
import type { IncidentSummary } from '../../port/view/incident.ts';
import { short } from '../../port/view/run-words.ts';
import type { Desk } from '../desk.ts';
import { optionOf } from '../form/option.ts';
import { filledIn, State } from '../form/state.ts';
import { NOTE } from '../manifest.ts';
import { said, waitingModal } from '../modal.ts';
import { openModal, replaceModal } from '../open.ts';
import { SIGN_MS } from '../sign-ms.ts';
import type { FormAnswer } from '../submit.ts';
import { code, mrkdwn } from '../text.ts';
import { addNote, type Noted } from './add.ts';
import { At } from './message.ts';

/** "Add to timeline" in the menu of a message. */

const FIELD = 'incident';
/** The form is asked for while its trigger is good. */
const OPEN_MS = 1500;

const Person = {
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  team: z.looseObject({ id: z.string() }).nullish(),
};
const Shortcut = z.looseObject({
  ...Person,
  channel: z.looseObject({ id: z.string() }),
  message: z.looseObject({ ts: z.string() }),
  trigger_id: z.string(),
  response_url: z.string().optional(),
});
const Form = z.looseObject({ ...Person, view: z.looseObject({ id: z.string(), private_metadata: z.string().max(3000), state: State }) });

export async function takeShortcut(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: () => Promise<void> }): Promise<void> {
  const read = Shortcut.safeParse(body).data;
  await ack();
  if (read === undefined) return desk.log.warn('slack.shortcut-unreadable', {});
  const { user, team, channel, message, trigger_id: trigger, response_url: responseUrl } = read;
  const at = { channel: channel.id, ts: message.ts };
  const to = { user: user.id, channel: channel.id, responseUrl };
  const work = addNote(desk, { user: { id: user.id, teamId: user.team_id ?? team?.id ?? '' }, at });
  const first = await inTime(work, { clock: desk.clock, withinMs: OPEN_MS });
  if (first.done && 'ask' in first.value) {
    const { items } = await desk.commands.incidents(first.value.ask, { state: ['open', 'mitigated'], limit: 100 });
    const opened = await openModal(desk, trigger, whichIncidentModal(items, at));
    if ('why' in opened)
      await desk.tell(to, `Not noted: the form did not open (${mrkdwn(opened.why, 200)})\nPress again, or: ${code('/dr note INCIDENT TEXT', 60)}`);
    return;
  }
  await desk.tell(to, wordsOf(await work));
}

/** Asks which incident a message is about, where its place does not say. */
export function whichIncidentModal(items: readonly IncidentSummary[], at: At): ModalView {
  const options = items.slice(0, 100).flatMap(({ id, title, severity, cluster }) => {
    const option = optionOf({ value: id, note: `${severity} on ${cluster}, ${short(id)}` });
    const named = optionOf({ value: title.slice(0, 150) });
    return option === undefined || named === undefined ? [] : [{ ...option, text: named.text }];
  });
  if (options.length === 0) return said('Add to timeline', ['Not noted: no incident is open, and this message hangs on none.']);
  return {
    type: 'modal',
    callback_id: NOTE,
    private_metadata: JSON.stringify(at),
    title: { type: 'plain_text', text: 'Add to timeline' },
    submit: { type: 'plain_text', text: 'Add' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      {
        type: 'input',
        block_id: FIELD,
        label: { type: 'plain_text', text: 'Which incident is it about?' },
        element: { type: 'static_select', action_id: FIELD, options },
      },
    ],
  };
}

/** The form was sent: which incident is known now. */
export async function takeNoteForm(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: (answer?: FormAnswer) => Promise<void> }): Promise<void> {
  const read = Form.safeParse(body).data;
  const at = read === undefined ? undefined : At.safeParse(parseJson(read.view.private_metadata)).data;
  const incident = read === undefined ? undefined : filledIn(read.view.state).find(({ field }) => field === FIELD)?.value;
  if (read === undefined || at === undefined || incident === undefined) return ack();
  const { user, team, view } = read;
  const work = addNote(desk, { user: { id: user.id, teamId: user.team_id ?? team?.id ?? '' }, at, incident });
  const first = await inTime(work, { clock: desk.clock, withinMs: SIGN_MS });
  if (first.done) return ack({ response_action: 'update', view: said('Add to timeline', [wordsOf(first.value)]) });
  await ack({ response_action: 'update', view: waitingModal('It is at work; this takes longer than usual.') });
  try {
    await replaceModal(desk, { id: view.id }, said('Add to timeline', [wordsOf(await work)]));
  } catch (error) {
    desk.log.info('slack.form-closed', { reason: errorText(error) });
  }
}

export function wordsOf(noted: Noted): string {
  return 'said' in noted
    ? noted.said
    : 'Not noted: this message hangs on no incident\nUse its shortcut, Add to timeline, which asks which one; or: `/dr note INCIDENT TEXT`';
}
