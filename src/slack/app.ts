import type { App, ReceiverEvent } from '@slack/bolt';
import { errorText } from '../model/error.ts';
import type { Log } from '../port/log.ts';
import { takeAction } from './action.ts';
import type { BoardKeeper } from './board/board.ts';
import { takeLine } from './command.ts';
import type { Desk } from './desk.ts';
import { takeMention, takeReaction } from './events.ts';
import { takeSuggestion } from './form/choices.ts';
import { START } from './form/start-form.ts';
import { takeStart } from './form/start-submit.ts';
import { boltLogger } from './logger.ts';
import { NOTE } from './manifest.ts';
import { takeNoteForm, takeShortcut } from './note/shortcut.ts';
import { FORMS, takeForm } from './submit.ts';

export type { ReceiverEvent };

/** Bolt, which knows what each payload is and how it is acknowledged on either way in. */
export type Bolt = {
  readonly app: App;
  /** Presses, forms and lines in hand: settles when all of them are answered. */
  readonly idle: () => Promise<void>;
};

/**
 * Builds Bolt without asking Slack anything: by itself it would check the token when it is built, and end the process where Slack is away. It holds no
 * token and calls nothing; our own client does. Ways in give it payloads by `processEvent`.
 */
export async function openBolt(desk: Desk, boards: BoardKeeper): Promise<Bolt> {
  const { log } = desk;
  const { App: BoltApp } = await import('@slack/bolt');
  const app = new BoltApp({
    receiver: { init: () => {}, start: () => Promise.resolve(), stop: () => Promise.resolve() },
    authorize: () => Promise.resolve({}),
    tokenVerificationEnabled: false,
    convoStore: false,
    ignoreSelf: false,
    logger: boltLogger(log),
    clientOptions: { retryConfig: { retries: 0 } },
  });
  const hands = new Set<Promise<void>>();
  const inHand = (work: Promise<void>): Promise<void> => {
    const kept = work.catch((error: unknown) => log.error('slack.handler-failed', { reason: errorText(error) })).finally(() => hands.delete(kept));
    hands.add(kept);
    return kept;
  };

  app.action(/./, ({ body, ack }) => inHand(takeAction(desk, { body, ack: () => said(log, ack()) }).then(() => boards.pressed(body))));
  app.event('app_home_opened', ({ body }) => inHand(boards.opened(body)));
  app.options(/./, ({ body, ack }) => inHand(takeSuggestion(desk, { body, ack: (answer) => said(log, ack(answer)) })));
  app.view(START, ({ body, ack }) => inHand(takeStart(desk, { body, ack: (answer) => said(log, answer === undefined ? ack() : ack(answer)) })));
  app.view(new RegExp(`^(${FORMS.join('|')})$`), ({ body, ack }) =>
    inHand(takeForm(desk, { body, ack: (answer) => said(log, answer === undefined ? ack() : ack(answer)) })),
  );
  app.command('/dr', ({ body, ack }) =>
    inHand(takeLine(desk, { body, ack: (answer) => said(log, answer === undefined ? ack() : ack({ response_type: 'ephemeral', ...answer })) })),
  );
  app.shortcut({ type: 'message_action', callback_id: NOTE }, ({ body, ack }) => inHand(takeShortcut(desk, { body, ack: () => said(log, ack()) })));
  app.view(NOTE, ({ body, ack }) => inHand(takeNoteForm(desk, { body, ack: (answer) => said(log, answer === undefined ? ack() : ack(answer)) })));
  app.event('app_mention', ({ body }) => inHand(takeMention(desk, body)));
  app.event('reaction_added', ({ body }) => inHand(takeReaction(desk, body)));
  app.error(async (error) => log.warn('slack.not-handled', { reason: errorText(error) }));
  return { app, idle: async () => void (await Promise.all(hands)) };
}

/** An acknowledgement that no longer finds its way hurts nobody: what was done is done, and is told by another. */
async function said(log: Log, acknowledging: Promise<void>): Promise<void> {
  try {
    await acknowledging;
  } catch (error) {
    log.info('slack.not-acknowledged', { reason: errorText(error) });
  }
}
