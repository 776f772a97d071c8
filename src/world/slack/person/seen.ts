import { z } from 'zod';
import { type Json, textIn } from '../../../model/json.ts';
import { Refusal } from '../api/method.ts';
import { pushModal, replaceModal } from '../api/views.ts';
import type { Option } from '../blocks/texts.ts';
import { OptionGroup, Option as OptionShape } from '../blocks/texts.ts';
import type { Core } from '../core.ts';
import type { Outcome } from '../deliver/outcome.ts';
import type { View } from '../workspace.ts';

/** What a person sees of what they did, at the moment in which Slack knows. What the app says later is on the channel. */
export type Seen = {
  readonly acknowledged: boolean;
  /** From the press to the acknowledgement; 0 where nothing was sent. */
  readonly afterMs: number;
  /** What Slack tells the person: why nothing happened, or that the app does not answer. */
  readonly error?: string;
  /** The element asks first, and nobody answered yet. */
  readonly asks?: true;
  /** By block: what is wrong with what was filled in. */
  readonly errors?: { readonly [block: string]: string };
  /** Choices of an external select. */
  readonly options?: readonly Option[];
  /** What the acknowledgement said to this person alone, or to all. */
  readonly said?: string;
};

/** Slack itself did not let it happen; the app was not asked. */
export function notSent(error: string): Seen {
  return { acknowledged: false, afterMs: 0, error };
}

/** What a person is told where the app does not acknowledge. */
export function failed(outcome: Extract<Outcome, { readonly acknowledged: false }>, what: string): Seen {
  const error = outcome.why === 'no answer within 3 s' ? 'operation_timeout' : outcome.why.startsWith('http') ? 'dispatch_unknown_error' : 'dispatch_failed';
  return { acknowledged: false, afterMs: outcome.afterMs, error: `${what} failed with the error "${error}"` };
}

const ResponseAction = z.discriminatedUnion('response_action', [
  z.looseObject({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.looseObject({ response_action: z.literal('update'), view: z.unknown() }),
  z.looseObject({ response_action: z.literal('push'), view: z.unknown() }),
  z.looseObject({ response_action: z.literal('clear') }),
]);

/** What happens to a modal whose submission was acknowledged so. */
export function afterSubmission(core: Core, view: View, { answer, afterMs }: { readonly answer: Json | undefined; readonly afterMs: number }): Seen {
  const { modals } = core.workspace;
  const read = ResponseAction.safeParse(answer);
  const seen: Seen = { acknowledged: true, afterMs };
  try {
    if (!read.success) {
      const stack = modals.get(view.user) ?? [];
      modals.set(
        view.user,
        stack.filter(({ id }) => id !== view.id),
      );
    } else if (read.data.response_action === 'errors') {
      const blocks = new Set(view.blocks.map((block) => textIn(block['block_id'])));
      const stray = Object.keys(read.data.errors).find((block) => !blocks.has(block));
      if (stray !== undefined) return { ...seen, error: `the app names an error at ${stray}, which is no block of the view: nobody sees it` };
      return { ...seen, errors: read.data.errors };
    } else if (read.data.response_action === 'update') replaceModal(core, view, read.data.view);
    else if (read.data.response_action === 'push') pushModal(core, read.data.view, view.user);
    else modals.delete(view.user);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...seen, error: `We had some trouble connecting. Try again? (${error.error}: ${JSON.stringify(error.extra)})` };
  }
  core.changed();
  return seen;
}

const Suggested = z.union([
  z.looseObject({ options: z.array(OptionShape).max(100) }),
  z
    .looseObject({ option_groups: z.array(OptionGroup).max(100) })
    .transform(({ option_groups: groups }) => ({ options: groups.flatMap(({ options }) => options) })),
]);

/** The choices that an acknowledgement gives, or why they are none. */
export function afterSuggestion({ answer, afterMs }: { readonly answer: Json | undefined; readonly afterMs: number }): Seen {
  const read = Suggested.safeParse(answer);
  return read.success
    ? { acknowledged: true, afterMs, options: read.data.options }
    : { acknowledged: true, afterMs, error: 'the app gives no choices that Slack could show' };
}
