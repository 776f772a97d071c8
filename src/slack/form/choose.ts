import { z } from 'zod';
import { errorText } from '../../model/error.ts';
import type { Desk } from '../desk.ts';
import { propertiesOf } from '../line/params.ts';
import { replaceModal } from '../open.ts';
import { openedFor } from '../start.ts';
import { lookerAt } from './looker.ts';
import { fieldOf, isChosen, OWN, startForm, startingIn } from './start-form.ts';
import { filledIn, State } from './state.ts';

/**
 * Something was chosen that other choices depend on: the form is put there again, with what it knows now. Slack says nothing of it when it asks for the
 * choices of another field (slackapi/bolt-js issue 1146), and keeps choices that it loaded: so it travels in the form, and the fields get new names.
 */

const Body = z.looseObject({
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  team: z.looseObject({ id: z.string() }).nullish(),
  view: z.looseObject({ id: z.string(), hash: z.string(), private_metadata: z.string().max(3000), state: State }),
  actions: z.array(z.looseObject({ block_id: z.string() })).min(1),
});

/** Takes one choice in. Nothing is decided by it: where it fails, the form stays as it is. */
export async function takeChoice(desk: Desk, { body, ack }: { readonly body: unknown; readonly ack: () => Promise<void> }): Promise<void> {
  await ack();
  const read = Body.safeParse(body).data;
  const starting = read === undefined ? undefined : startingIn(read.view.private_metadata);
  if (read === undefined || starting === undefined) return desk.log.warn('slack.choice-unreadable', {});
  const { view } = read;
  try {
    const visitor = await lookerAt(desk, read, starting);
    if (!visitor.ok) return;
    const playbook = await desk.commands.playbook(visitor.caller, starting.playbook);
    const changed = fieldOf(read.actions[0]?.block_id ?? '');
    const forgets = propertiesOf(playbook).filter(
      (property) => isChosen(property) && property.name !== changed && (changed === OWN.cluster || property.format === 'backup'),
    );
    const given = new Map(filledIn(view.state).flatMap(({ field, value }) => (forgets.some(({ name }) => name === field) ? [] : [[field, value] as const])));
    const next = await openedFor(desk, { caller: visitor.caller, playbook, given, channel: starting.channel, round: starting.round + 1 });
    await replaceModal(desk, view, startForm(next));
  } catch (error) {
    // They closed it, or chose again meanwhile.
    desk.log.info('slack.choice-not-taken', { reason: errorText(error) });
  }
}
