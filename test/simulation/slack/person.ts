import { aboutIn, INPUT } from '../../../src/slack/modal.ts';
import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';
import type { Press } from '../watch/watch.ts';
import { approveButtons, type Button, placesIn } from './posts.ts';

export type SlackPress = 'approve' | 'reject' | 'acknowledge' | 'lead' | 'show' | 'again';

type PersonOptions = {
  readonly slack: SimulatedSlack;
  readonly presses: Press[];
  readonly nowMs: () => number;
  readonly targetOf: (run: string) => string | undefined;
};

/** What people do who sit before Slack: they press what stands there, which may be old by the time it arrives. */
export type InSlack = {
  /** `back`: so many cards above the newest; `typed`: what is asked to be typed is typed right. */
  press(by: string, what: SlackPress, how: { readonly back: number; readonly typed: boolean }): Promise<void>;
  /** Approves every card that asks; what they have approved once only where they are impatient. */
  approveAll(by: string, impatient: boolean): Promise<void>;
};

export function inSlack({ slack, presses, nowMs, targetOf }: PersonOptions): InSlack {
  const voted = new Set<string>();
  const note = (by: string, plan: string, confirmation?: string): void =>
    void presses.push({ by, plan, ...(confirmation === undefined ? {} : { confirmation }), atMs: nowMs() });

  /** In the one place for all, and in those of incidents: the same question may stand in both. */
  const cardsOf = (by: string): readonly Button[] => approveButtons(placesIn(slack).flatMap(({ id }) => slack.user(by).sees(id)));

  /** Presses a button, and fills the form that may open. */
  const act = async (by: string, action: string, { button, typed }: { readonly button: Button; readonly typed: boolean }): Promise<void> => {
    const me = slack.user(by);
    await me.close({ all: true });
    if (action === 'approve') note(by, button.plan);
    await me.press({ channel: button.channel, ts: button.ts, action });
    const view = me.modal();
    const form = view?.type === 'modal' && view.submit !== undefined ? aboutIn(view.private_metadata ?? '') : undefined;
    if (form === undefined) return;
    const right = action === 'approve' ? targetOf(button.run) : 'because';
    const text = typed ? (right ?? '') : 'something else';
    if (action === 'approve') note(by, form.plan, text);
    await me.submit({ [INPUT.action]: text });
  };

  return {
    async press(by, what, { back, typed }) {
      const me = slack.user(by);
      if (what === 'again') return void (await me.redeliver());
      if (what === 'acknowledge' || what === 'lead') return void (await me.press({ channel: 'dr', action: what }));
      const buttons = cardsOf(by);
      const button = buttons.at(-1 - back) ?? buttons.at(-1);
      if (button !== undefined) await act(by, what, { button, typed });
    },
    async approveAll(by, impatient) {
      for (const button of cardsOf(by)) {
        const name = `${by} ${button.plan}`;
        if (voted.has(name) && !impatient) continue;
        voted.add(name);
        await act(by, 'approve', { button, typed: true });
      }
    },
  };
}
