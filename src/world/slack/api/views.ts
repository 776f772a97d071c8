import { z } from 'zod';
import { checkView } from '../blocks/check.ts';
import type { Core } from '../core.ts';
import { TIER } from '../limits.ts';
import type { View } from '../workspace.ts';
import { userOf } from './find.ts';
import { inJson, method, refuse } from './method.ts';
import { viewJson } from './shapes.ts';

const MOST_STACKED = 3;
const Given = inJson(z.unknown());

type Place = Pick<View, 'user'> & Partial<Pick<View, 'id' | 'rootId' | 'previousId'>>;

/** A view made of what the app sends; refuses `invalid_arguments` with Slack's messages. */
export function viewOf(core: Core, given: unknown, { user, id = core.newId('V'), rootId = id, previousId }: Place): View {
  const checked = checkView(given, () => core.newId(''));
  if (!checked.ok) return refuse(checked.error, { response_metadata: { messages: checked.messages } });
  return { ...checked.value, id, hash: `${core.nextTs()}.${core.newId('')}`, rootId, previousId, user };
}

/** The modal that lies on top for this user. */
export function topModal({ workspace }: Core, user: string): View | undefined {
  return workspace.modals.get(user)?.at(-1);
}

/** Puts a modal on top of those that are open. Refuses `push_limit_reached`. */
export function pushModal(core: Core, given: unknown, user: string): View {
  const stack = core.workspace.modals.get(user) ?? [];
  const below = stack.at(-1);
  if (stack.length >= MOST_STACKED) return refuse('push_limit_reached');
  const view = viewOf(core, given, below === undefined ? { user } : { user, rootId: below.rootId, previousId: below.id });
  core.workspace.modals.set(user, [...stack, view]);
  core.changed();
  return view;
}

/** Puts another content into an open modal. */
export function replaceModal(core: Core, old: View, given: unknown): View {
  const next = viewOf(core, given, old);
  if (next.type !== old.type) return refuse('invalid_arguments');
  const { modals, homes } = core.workspace;
  if (old.type === 'home') homes.set(old.user, next);
  else
    modals.set(
      old.user,
      (modals.get(old.user) ?? []).map((one) => (one.id === old.id ? next : one)),
    );
  core.changed();
  return next;
}

function userOfTrigger(core: Core, id: string | undefined): string {
  const used = core.triggers.use(id ?? '');
  return 'error' in used ? refuse(used.error) : used.user;
}

const triggered = z.looseObject({ trigger_id: z.string().optional(), view: Given });

const open = method({
  rate: TIER.four,
  args: triggered,
  run(core, { trigger_id: trigger, view: given }) {
    const user = userOfTrigger(core, trigger);
    // Slack has one stack of modals for each person: a new one starts again.
    core.workspace.modals.delete(user);
    return { view: viewJson(core, pushModal(core, given, user)) };
  },
});

const push = method({
  rate: TIER.four,
  args: triggered,
  run: (core, { trigger_id: trigger, view: given }) => ({ view: viewJson(core, pushModal(core, given, userOfTrigger(core, trigger))) }),
});

const update = method({
  rate: TIER.four,
  args: z.looseObject({ view_id: z.string().optional(), external_id: z.string().optional(), hash: z.string().optional(), view: Given }),
  run(core, { view_id: id, external_id: externalId, hash, view: given }) {
    const { modals, homes } = core.workspace;
    const all = [...modals.values()].flat().concat([...homes.values()]);
    const old = all.find((one) => (id === undefined ? one.external_id === externalId : one.id === id)) ?? refuse('not_found');
    if (hash !== undefined && hash !== old.hash) return refuse('hash_conflict');
    return { view: viewJson(core, replaceModal(core, old, given)) };
  },
});

const publish = method({
  rate: TIER.four,
  args: z.looseObject({ user_id: z.string(), hash: z.string().optional(), view: Given }),
  run(core, { user_id: userId, hash, view: given }) {
    const user = userOf(core, userId);
    const old = core.workspace.homes.get(user.id);
    if (hash !== undefined && old !== undefined && hash !== old.hash) return refuse('hash_conflict');
    const view = viewOf(core, given, old ?? { user: user.id });
    if (view.type !== 'home') return refuse('invalid_arguments');
    core.workspace.homes.set(user.id, view);
    core.changed();
    return { view: viewJson(core, view) };
  },
});

export const VIEWS = { 'views.open': open, 'views.push': push, 'views.update': update, 'views.publish': publish };
