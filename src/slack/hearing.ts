import type { Router } from 'express';
import { errorText } from '../model/error.ts';
import { sleep } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import { type Bolt, openBolt } from './app.ts';
import { keepBoards } from './board/board.ts';
import { type DeskDeps, openDesk } from './desk.ts';
import { slackEvents } from './http.ts';
import { keepSocket, type SocketSettings } from './socket.ts';

/** How people reach us through Slack. Nothing of Slack is loaded before there is a way. */
export type Hearing = {
  /** `POST /slack/events`; not there where HTTP mode is not configured. */
  readonly events: Router;
  /** Begins to listen; answers at once. Slack may be away, hang or refuse: it is tried for ever. */
  readonly start: () => void;
  /** Lets what is in hand be answered, then closes the connection. */
  readonly stop: () => Promise<void>;
};

export type HearingDeps = DeskDeps & {
  readonly ids: Ids;
  /** Undefined: no Socket Mode is configured. Throws where the token cannot be read. */
  readonly socket: () => SocketSettings | undefined;
  /** Undefined: no HTTP mode is configured. */
  readonly signingSecret: () => string | undefined;
};

const IN_HAND_MS = 5000;
const RESTART_MS = 1000;

export function openHearing(deps: HearingDeps): Hearing {
  const { clock, ids, log, socket, signingSecret } = deps;
  const desk = openDesk(deps);
  const boards = keepBoards(desk);
  const stopping = new AbortController();
  let bolt: Promise<Bolt> | undefined;
  const opened = (): Promise<Bolt> => (bolt ??= openBolt(desk, boards));
  let kept: Promise<void> = Promise.resolve();
  let round = new AbortController();

  /** The SDK leaves rejections that nobody can catch, such as at a frame that is not as it should be. They end one connection, not the process. */
  const rejected = (reason: unknown): void => {
    if (!isOfSlack(reason)) throw reason;
    log.error('slack.broken', { reason: errorText(reason) });
    round.abort();
  };

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      round = new AbortController();
      try {
        await keepSocket({
          settings: socket,
          app: async () => (await opened()).app,
          clock,
          ids,
          log,
          signal: AbortSignal.any([stopping.signal, round.signal]),
        });
      } catch (error) {
        log.error('slack.broken', { reason: errorText(error) });
      }
      await sleep(clock, RESTART_MS, stopping.signal);
    }
  }

  return {
    events: slackEvents({ secret: signingSecret, take: async (event) => (await opened()).app.processEvent(event), clock, log }),
    start() {
      process.on('unhandledRejection', rejected);
      kept = Promise.all([keep(), boards.keep(stopping.signal)]).then(() => {});
    },
    async stop() {
      if (bolt !== undefined) await Promise.race([(await bolt).idle(), sleep(clock, IN_HAND_MS)]);
      stopping.abort();
      await kept;
      process.off('unhandledRejection', rejected);
    },
  };
}

/** Whether something was thrown in Slack's SDK, by where it came from. */
function isOfSlack(reason: unknown): boolean {
  return reason instanceof Error && /[\\/]@slack[\\/]/.test(reason.stack ?? '');
}
