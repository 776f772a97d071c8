import { z } from 'zod';
import { type JsonObject, parseJson } from '../../../model/json.ts';
import { blocksOf } from '../api/find.ts';
import { Refusal } from '../api/method.ts';
import type { Core } from '../core.ts';
import type { Channel, Message } from '../workspace.ts';

const MOST_USES = 5;
const GOOD_FOR_MS = 30 * 60_000;

type Address = { readonly channel: Channel; readonly user: string; readonly message?: Message | undefined; readonly untilMs: number; uses: number };
type Of = { readonly channel: Channel; readonly user: string; readonly message?: Message | undefined };

const Reply = z.looseObject({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  response_type: z.enum(['in_channel', 'ephemeral']).optional(),
  replace_original: z.boolean().optional(),
  delete_original: z.boolean().optional(),
  thread_ts: z.string().optional(),
});

export type ResponseUrls = {
  readonly make: (of: Of) => string;
  /** What is posted to one. */
  readonly take: (id: string, body: string) => { readonly code: number; readonly body: JsonObject | string };
  /** What an acknowledgement says, or undefined where it says nothing. */
  readonly say: (body: unknown, of: Of) => Message | undefined;
};

/** The addresses that payloads carry for later answers: five uses in half an hour, at this Slack's own host. */
export function responseUrls(core: Core): ResponseUrls {
  const made = new Map<string, Address>();

  const say = (given: unknown, { channel, user, message }: Of): Message | undefined => {
    const { text = '', blocks, response_type: type, replace_original: replaces, delete_original: deletes, thread_ts: threadTs } = Reply.parse(given);
    const { workspace } = core;
    if (deletes && message !== undefined) {
      channel.messages.splice(channel.messages.indexOf(message), 1);
      core.changed();
      return undefined;
    }
    if (text === '' && blocks === undefined) return undefined;
    const checked = blocks === undefined ? [] : blocksOf(core, blocks);
    // Slack replaces the message that was pressed unless it is told not to; an answer to a command has nothing to replace.
    if (message !== undefined && replaces !== false && type === undefined) {
      Object.assign(message, { text, blocks: checked, editedTs: core.nextTs(), edits: message.edits + 1 });
      core.changed();
      return message;
    }
    const onlyFor = type === 'in_channel' ? undefined : user;
    return core.post({ channel, user: workspace.app.userId, isOurs: true, text, blocks: checked, onlyFor, threadTs: threadTs ?? message?.threadTs });
  };

  return {
    make(of) {
      const id = core.secret();
      made.set(id, { ...of, untilMs: core.clock.monotonicMs() + GOOD_FOR_MS, uses: 0 });
      return `${core.baseUrl()}/respond/${id}`;
    },
    take(id, body) {
      const address = made.get(id);
      if (address === undefined || core.clock.monotonicMs() > address.untilMs) return { code: 404, body: { ok: false, error: 'expired_url' } };
      if (address.uses >= MOST_USES) return { code: 404, body: { ok: false, error: 'used_url' } };
      address.uses += 1;
      try {
        say(parseJson(body), address);
        return { code: 200, body: 'ok' };
      } catch (error) {
        const why = error instanceof Refusal ? error.error : 'invalid_payload';
        return { code: error instanceof Refusal ? 200 : 400, body: { ok: false, error: why } };
      }
    },
    say,
  };
}
