import { renderText } from '../world/slack/page/render-text.ts';
import type { SimulatedSlack } from '../world/slack/slack.ts';
import type { Message } from '../world/slack/workspace.ts';

/** The channel in the simulated Slack, as ana sees it. */
export type DemoChannel = {
  /** Its page: whoever opens it may read, press and type as one of the people. */
  readonly url: string;
  /** The approval as Slack shows it, once it is there; undefined: it is not there in time. */
  readonly approval: () => Promise<string | undefined>;
  /** Ana presses Approve. False: there is nothing to press. */
  readonly approve: () => Promise<boolean>;
  /** Everything in it, once the thread tells `words`; what is there when the patience ends, if it does not. */
  readonly whole: (words: string) => Promise<string>;
};

/** Messages come at the pace that Slack takes: about one a second. */
const PATIENCE_MS = 20_000;

export function demoChannel(slack: SimulatedSlack, url: string): DemoChannel {
  const show = (message: Message): string => renderText(message, slack.workspace);
  const asked = (): Message | undefined => slack.messages().find(({ blocks }) => JSON.stringify(blocks).includes('"action_id":"approve"'));
  const patient = <T>(what: string, read: () => T | undefined | false): Promise<T | undefined> => slack.until(what, read, PATIENCE_MS).catch(() => undefined);
  return {
    url,
    async approval() {
      const message = await patient('the approval', asked);
      return message === undefined ? undefined : show(message);
    },
    async approve() {
      const message = await patient('the approval', asked);
      return message !== undefined && (await slack.user('ana').press({ ts: message.ts, action: 'approve' })).acknowledged;
    },
    async whole(words) {
      await patient(words, () => slack.messages().some((message) => show(message).includes(words)));
      return slack.messages().map(show).join('\n');
    },
  };
}
