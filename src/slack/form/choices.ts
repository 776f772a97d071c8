import type { PlainTextOption } from '@slack/types';
import { z } from 'zod';
import { errorText } from '../../model/error.ts';
import { distance } from '../../model/when.ts';
import { inTime } from '../../port/in-time.ts';
import type { ChoiceList } from '../../port/view/choice.ts';
import type { Desk } from '../desk.ts';
import { SIGN_MS } from '../sign-ms.ts';
import { lookerAt } from './looker.ts';
import { optionOf } from './option.ts';
import { CHOOSE, fieldOf, OWN, type Starting, startingIn } from './start-form.ts';

/** Choices of a field while somebody types in it: answered in time whatever the cluster does. */

const MOST_OPTIONS = 100;
/** What is no name of anything, and says that the cluster is not asked. */
export const NOT_KNOWN = '?';
const NAME = /^[a-z0-9]([a-z0-9./-]*[a-z0-9])?$/;

const Body = z.looseObject({
  user: z.looseObject({ id: z.string(), team_id: z.string().optional() }),
  team: z.looseObject({ id: z.string() }).nullish(),
  action_id: z.string(),
  block_id: z.string(),
  value: z.string().default(''),
  view: z.looseObject({ private_metadata: z.string().max(3000) }),
});

export type OptionsAnswer = { readonly options: PlainTextOption[] };

/** Takes one question for choices in. Resolves when it is answered; `ack` is called once, in time. */
export async function takeSuggestion(
  desk: Desk,
  { body, ack }: { readonly body: unknown; readonly ack: (answer: OptionsAnswer) => Promise<void> },
): Promise<void> {
  const read = Body.safeParse(body).data;
  const starting = read === undefined ? undefined : startingIn(read.view.private_metadata);
  if (read === undefined || starting === undefined || !read.action_id.startsWith(`${CHOOSE}:`)) {
    desk.log.warn('slack.choices-unreadable', {});
    return ack({ options: [] });
  }
  const typed = read.value.trim().slice(0, 150);
  const asking = ask(desk, { read, starting, typed });
  const first = await inTime(asking, { clock: desk.clock, withinMs: SIGN_MS });
  await ack({ options: first.done ? first.value : unknown('it takes too long', typed) });
}

type Asking = { readonly read: z.infer<typeof Body>; readonly starting: Starting; readonly typed: string };

/** Never rejects: whatever fails is said as a choice that is none. */
async function ask(desk: Desk, { read, starting, typed }: Asking): Promise<PlainTextOption[]> {
  try {
    const visitor = await lookerAt(desk, read, starting);
    if (!visitor.ok) return unknown('you may not look', '');
    const { [OWN.cluster]: cluster, ...params } = starting.chosen;
    const list = await desk.commands.choices(visitor.caller, {
      playbook: starting.playbook,
      param: fieldOf(read.block_id),
      params,
      typed,
      limit: MOST_OPTIONS,
      ...(cluster === undefined ? {} : { cluster }),
    });
    return optionsOf(list, typed, desk.clock.nowMs());
  } catch (error) {
    desk.log.warn('slack.no-choices', { reason: errorText(error) });
    return unknown(errorText(error), typed);
  }
}

function optionsOf({ items, exact, open, asOf, unknown: why }: ChoiceList, typed: string, nowMs: number): PlainTextOption[] {
  if (why !== undefined) return unknown(why, typed);
  const old = asOf !== undefined && nowMs - asOf > 60_000 ? `as of ${distance(asOf, nowMs)}` : undefined;
  const found = items.flatMap(
    ({ value, note = '' }) => optionOf({ value, note: [...(old === undefined ? [] : [old]), ...(note === '' ? [] : [note])].join(', ') }) ?? [],
  );
  const own = open && !exact ? asTyped(typed, 'as you typed it; nothing has this name now') : [];
  return [...found.slice(0, MOST_OPTIONS - own.length), ...own];
}

/** The cluster cannot be asked: what is typed goes, and is checked when the plan is made. */
function unknown(why: string, typed: string): PlainTextOption[] {
  const own = asTyped(typed, 'as you typed it; not checked');
  if (own.length > 0) return own;
  return [optionOf({ value: NOT_KNOWN, note: why })].flatMap((one) =>
    one === undefined ? [] : { ...one, text: { type: 'plain_text' as const, text: 'Nobody knows what there is now: type the name', emoji: false } },
  );
}

function asTyped(typed: string, note: string): PlainTextOption[] {
  const option = NAME.test(typed) ? optionOf({ value: typed, note }) : undefined;
  return option === undefined ? [] : [option];
}
