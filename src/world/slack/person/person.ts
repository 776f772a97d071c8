import { isObject, type Json, type JsonObject } from '../../../model/json.ts';
import { directMessages } from '../api/find.ts';
import { Refusal } from '../api/method.ts';
import { topModal } from '../api/views.ts';
import type { Option } from '../blocks/texts.ts';
import type { Core } from '../core.ts';
import type { Events } from '../deliver/events.ts';
import type { Letter, Outcome, Way } from '../deliver/outcome.ts';
import type { ResponseUrls } from '../deliver/response-urls.ts';
import { type Channel, findChannel, findUser, type Message, shownTo, type User, type View } from '../workspace.ts';
import { elementsOf, findElement, type Given, type Placed, stateOf, valuesOf } from './elements.ts';
import { fill } from './fill.ts';
import { blockSuggestion, commandPayload, messageAction, messageShortcut, viewAction, viewClosed, viewSubmission } from './payloads.ts';
import { afterSubmission, afterSuggestion, failed, notSent, type Seen } from './seen.ts';
import { contains, escaped } from './typed.ts';

/** Which message is meant: by its time, or the newest one that this text stands in. A press means the newest that has its button. */
export type Which = { readonly channel?: string | undefined; readonly ts?: string | undefined; readonly text?: string | undefined };
export type Where = { readonly channel?: string | undefined; readonly thread?: string | undefined };

export type Press = Which & {
  /** The action id, or what is written on the button. */
  readonly action: string;
  /** The choice, where the element has some. */
  readonly value?: Given | undefined;
  /** The answer to the question before; without one, a press on an element that asks is not sent. */
  readonly confirm?: boolean | undefined;
  /** In the open modal, or in the home, instead of a message. */
  readonly in?: 'modal' | 'home' | undefined;
};

/** One person in front of Slack. */
export type Person = {
  readonly id: string;
  readonly name: string;
  /** A slash command as it is typed, such as `/dr status`. */
  type(text: string, where?: Where): Promise<Seen>;
  press(what: Press): Promise<Seen>;
  /** Fills the open modal, each field by its action id, block id or label, and sends it. */
  submit(values?: { readonly [field: string]: Given }): Promise<Seen>;
  close(how?: { readonly all?: boolean }): Promise<Seen>;
  /** Types into a select whose choices the app gives. What it gives can be chosen from then on. */
  suggest(what: { readonly action: string; readonly typed?: string | undefined } & Which): Promise<Seen>;
  /** Chooses the app's own action in the menu of a message. */
  shortcut(callback: string, which: Which): Promise<Seen>;
  openHome(): Promise<Seen>;
  say(text: string, where?: Where): Promise<Seen>;
  react(name: string, which: Which): Promise<Seen>;
  /** Sends again, byte for byte, what this person sent last: an attacker's replay, or a proxy that tries twice. */
  redeliver(): Promise<Outcome | undefined>;
  /** The choices that the app gave for a select. */
  readonly offers: (action: string) => readonly Option[];
  /** Asks the app for the choices of every select of the open modal that has none yet, as a person who opens each. */
  loadChoices(): Promise<void>;
  /** The modal on top, if any. */
  modal(): View | undefined;
  home(): View | undefined;
  /** All messages of a channel that this person sees, in posted order. */
  sees(channel?: string): readonly Message[];
};

export type People = { readonly core: Core; readonly way: () => Way; readonly events: Events; readonly responseUrls: ResponseUrls };

/** A person by name or id. Throws a plain error where there is none: that is a mistake of the test. */
export function person({ core, way, events, responseUrls }: People, who: string): Person {
  const { workspace } = core;
  const found = findUser(workspace, who);
  if (found === undefined)
    throw new Error(`no such user in the simulated Slack: ${who}; there are ${[...workspace.users.values()].map(({ name }) => name).join(', ')}`);
  const { id } = found;
  const me = (): User => workspace.users.get(id) ?? found;
  const offered = new Map<string, readonly Option[]>();
  let last: Letter | undefined;

  const channelOf = (given = 'dr'): Channel | undefined =>
    findChannel(workspace, given) ?? (given === workspace.app.userId ? directMessages(core, id) : undefined);
  const canSee = (channel: Channel): boolean => channel.kind === 'public' || channel.members.has(id);
  const messageOf = ({ channel: given, ts, text }: Which, action?: string): { readonly channel: Channel; readonly message: Message } | undefined => {
    const places = given === undefined ? [...workspace.channels.values()] : [channelOf(given)].filter((one) => one !== undefined);
    const all = places.filter(canSee).flatMap((channel) => shownTo(channel, id).map((message) => ({ channel, message })));
    const meant = all.filter(({ message }) => (ts === undefined ? text === undefined || contains(message, text) : message.ts === ts));
    return (action === undefined ? undefined : meant.findLast(({ message }) => findElement(elementsOf(message.blocks), action) !== undefined)) ?? meant.at(-1);
  };
  const send = (letter: Letter): Promise<Outcome> => {
    last = letter;
    return way().send(letter);
  };
  const interact = async (payload: JsonObject): Promise<Seen> => {
    const outcome = await send({ kind: 'interactive', payload });
    return outcome.acknowledged ? { acknowledged: true, afterMs: outcome.afterMs } : failed(outcome, 'This');
  };

  const act = async (
    placed: readonly Placed[],
    { action, value, confirm }: Press,
    payload: (acted: { action: JsonObject; values: JsonObject }) => JsonObject,
  ): Promise<Seen> => {
    const wanted = findElement(placed, action);
    if (wanted === undefined)
      return notSent(`there is no ${action} here; there are ${placed.map(({ label, element }) => element.action_id ?? label).join(', ') || 'no buttons'}`);
    const { element, blockId } = wanted;
    if ('confirm' in element && element.confirm !== undefined && confirm !== true) {
      if (confirm === false) return notSent('denied at the question');
      return { ...notSent(`asked first: ${element.confirm.title.text}: ${element.confirm.text.text}`), asks: true };
    }
    const state = stateOf(element, value, offered.get(element.action_id ?? ''));
    if (state === undefined) return notSent(`${action} has no choice ${String(value)}`);
    const written = element.type === 'button' ? { text: element.text } : {};
    const values = valuesOf(
      placed.flatMap((one) =>
        one.element.type === 'button' || one.element.type === 'overflow'
          ? []
          : [{ placed: one, state: stateOf(one.element, one === wanted ? value : undefined, offered.get(one.element.action_id ?? '')) ?? {} }],
      ),
    );
    return interact(payload({ action: { ...copy(written), ...state, action_id: element.action_id ?? '', block_id: blockId }, values }));
  };

  return {
    id,
    name: found.name,
    async type(text, { channel: given, thread } = {}) {
      const [, command = '', rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec(text) ?? [];
      const declared = workspace.app.commands.find((one) => one.command === command);
      if (declared === undefined) return notSent(`${command || text} is not a valid command.`);
      if (thread !== undefined) return notSent(`${command} is not supported in threads. Sorry!`);
      const channel = channelOf(given);
      if (channel === undefined || !canSee(channel)) return notSent('channel_not_found');
      const responseUrl = responseUrls.make({ channel, user: id });
      const payload = commandPayload(core, me(), { channel, command, text: declared.escape ? escaped(workspace, rest) : rest, responseUrl });
      const outcome = await send({ kind: 'slash_commands', payload });
      if (!outcome.acknowledged) return failed(outcome, command);
      const { afterMs, answer } = outcome;
      const reply: Json | undefined = typeof answer === 'string' ? { text: answer } : answer;
      if (reply === undefined || !isObject(reply)) return { acknowledged: true, afterMs };
      try {
        const said = responseUrls.say(reply, { channel, user: id });
        return { acknowledged: true, afterMs, ...(said === undefined ? {} : { said: said.text }) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { acknowledged: true, afterMs, error: `${command} failed with the error "${error.error}"` };
      }
    },
    async press(what) {
      if (what.in !== undefined) {
        const view = what.in === 'modal' ? topModal(core, id) : workspace.homes.get(id);
        if (view === undefined) return notSent(`no ${what.in} is open`);
        return act(elementsOf(view.blocks), what, (acted) => viewAction(core, me(), { view, ...acted }));
      }
      const found = messageOf(what, what.action);
      if (found === undefined) return notSent('there is no such message');
      if (found.channel.isArchived) return notSent('this channel is archived');
      const responseUrl = responseUrls.make({ ...found, user: id });
      return act(elementsOf(found.message.blocks), what, (acted) => messageAction(core, me(), { ...found, ...acted, responseUrl }));
    },
    async submit(values = {}) {
      const view = topModal(core, id);
      if (view === undefined) return notSent('no modal is open');
      if (view.type !== 'modal' || view.submit === undefined) return notSent('this modal has nothing to submit');
      const filled = fill(view.blocks, values, (action) => offered.get(action) ?? []);
      if ('unknown' in filled) return notSent(filled.unknown);
      // These Slack finds by itself: the app is not asked.
      if (Object.keys(filled.errors).length > 0) return { ...notSent('Please complete this form'), errors: filled.errors };
      const outcome = await send({ kind: 'interactive', payload: viewSubmission(core, me(), { view, values: filled.values }) });
      if (!outcome.acknowledged) return failed(outcome, 'This');
      return afterSubmission(core, view, outcome);
    },
    async close({ all: isAll = false } = {}) {
      const stack = workspace.modals.get(id) ?? [];
      const view = stack.at(-1);
      if (view === undefined) return notSent('no modal is open');
      const isCleared = isAll || (view.type === 'modal' && view.clear_on_close === true);
      workspace.modals.set(id, isCleared ? [] : stack.slice(0, -1));
      core.changed();
      if (view.type !== 'modal' || view.notify_on_close !== true) return { acknowledged: true, afterMs: 0 };
      return interact(viewClosed(core, me(), { view, isCleared }));
    },
    async suggest({ action, typed = '', ...which }) {
      const view = topModal(core, id);
      const blocks = view?.blocks ?? messageOf(which, action)?.message.blocks ?? [];
      const wanted = findElement(elementsOf(blocks), action);
      if (wanted === undefined) return notSent(`there is no ${action} here`);
      const actionId = wanted.element.action_id ?? '';
      const outcome = await send({ kind: 'interactive', payload: blockSuggestion(core, me(), { typed, actionId, blockId: wanted.blockId, view }) });
      if (!outcome.acknowledged) return failed(outcome, 'This');
      const seen = afterSuggestion(outcome);
      offered.set(actionId, seen.options ?? []);
      return seen;
    },
    async shortcut(callback, which) {
      const found = messageOf(which);
      if (found === undefined) return notSent('there is no such message');
      const responseUrl = responseUrls.make({ ...found, user: id });
      return interact(messageShortcut(core, me(), { ...found, callback, responseUrl }));
    },
    async openHome() {
      const channel = directMessages(core, id);
      return told(await events.tell({ type: 'app_home_opened', user: id, channel: channel.id, tab: 'home' }));
    },
    async say(text, { channel: given, thread } = {}) {
      if (core.faults.isDown()) return notSent('Slack cannot be reached');
      const channel = channelOf(given);
      if (channel === undefined || !canSee(channel)) return notSent('channel_not_found');
      if (channel.isArchived) return notSent('this channel is archived');
      channel.members.add(id);
      const message = core.post({ channel, user: id, isOurs: false, text: escaped(workspace, text), threadTs: thread });
      const event = { user: id, text: message.text, ts: message.ts, channel: channel.id, ...(thread === undefined ? {} : { thread_ts: thread }) };
      if (message.text.includes(`<@${workspace.app.userId}`)) return told(await events.tell({ type: 'app_mention', ...event }));
      if (channel.kind === 'im') return told(await events.tell({ type: 'message', channel_type: 'im', ...event }));
      return { acknowledged: true, afterMs: 0 };
    },
    async react(name, which) {
      if (core.faults.isDown()) return notSent('Slack cannot be reached');
      const found = messageOf(which);
      if (found === undefined) return notSent('there is no such message');
      const { channel, message } = found;
      message.reactions.set(name, [...(message.reactions.get(name) ?? []), id]);
      core.changed();
      return told(
        await events.tell({
          type: 'reaction_added',
          user: id,
          reaction: name,
          item_user: message.user,
          item: { type: 'message', channel: channel.id, ts: message.ts },
        }),
      );
    },
    redeliver: async () => (last === undefined ? undefined : way().send(last)),
    offers: (action) => offered.get(action) ?? [],
    async loadChoices() {
      const placed = elementsOf(topModal(core, id)?.blocks ?? []);
      for (const { element } of placed) {
        const action = element.action_id ?? '';
        if (element.type.endsWith('external_select') && !offered.has(action)) await this.suggest({ action });
      }
    },
    modal: () => topModal(core, id),
    home: () => workspace.homes.get(id),
    sees(given) {
      const channel = channelOf(given);
      return channel === undefined || !canSee(channel) ? [] : shownTo(channel, id);
    },
  };
}

/** A person does not see whether the app took an event. */
function told({ afterMs }: Outcome): Seen {
  return { acknowledged: true, afterMs };
}

function copy(value: unknown): JsonObject {
  const copied: JsonObject = JSON.parse(JSON.stringify(value));
  return copied;
}
