import type { JsonObject } from '../../../model/json.ts';
import { sleep } from '../../../port/clock.ts';
import type { Core } from '../core.ts';
import { PATIENCE_MS } from '../triggers.ts';
import type { Outcome, Way } from './outcome.ts';

/** When Slack tries an event again that was not acknowledged. */
const AGAIN_AFTER_MS = [0, 60_000, 300_000];

export type Events = {
  /** Tells the app, and again where it does not acknowledge. Answers how the first try went. */
  readonly tell: (event: JsonObject) => Promise<Outcome>;
  /** The last event once more, as a retry of Slack's. */
  readonly again: () => Promise<Outcome | undefined>;
};

/** The Events API, over either way. */
export function events(core: Core, way: () => Way): Events {
  let last: JsonObject | undefined;

  const retry = async (payload: JsonObject, first: Outcome): Promise<void> => {
    let outcome = first;
    for (const [index, afterMs] of AGAIN_AFTER_MS.entries()) {
      if (outcome.acknowledged) return;
      await sleep(core.clock, afterMs);
      outcome = await way().send({ kind: 'events_api', payload, attempt: { number: index + 1, reason: reasonOf(outcome) } });
    }
  };

  return {
    async tell(event) {
      const { app, team } = core.workspace;
      const payload = {
        token: 'verification',
        team_id: team.id,
        api_app_id: app.id,
        event: { event_ts: core.nextTs(), ...event },
        type: 'event_callback',
        event_id: core.newId('Ev'),
        event_time: Math.floor(core.clock.nowMs() / 1000),
        authorizations: [{ enterprise_id: null, team_id: team.id, user_id: app.userId, is_bot: true, is_enterprise_install: false }],
        is_ext_shared_channel: false,
      };
      last = payload;
      const outcome = await way().send({ kind: 'events_api', payload });
      if (!outcome.acknowledged) void retry(payload, outcome);
      return outcome;
    },
    async again() {
      return last === undefined ? undefined : way().send({ kind: 'events_api', payload: last, attempt: { number: 1, reason: 'timeout' } });
    },
  };
}

function reasonOf(outcome: Outcome): string {
  if (outcome.acknowledged) return '';
  if (outcome.why.startsWith('http')) return 'http_error';
  return outcome.afterMs >= PATIENCE_MS ? 'http_timeout' : 'connection_failed';
}
