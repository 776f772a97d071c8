import { sleep } from '../../../src/port/clock.ts';
import type { SlackClient } from '../../../src/slack/client.ts';
import { slackFault, strangeAnswer } from '../../../src/slack/errors.ts';
import type { Answered } from '../../../src/world/slack/api/call.ts';
import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';
import type { Chance } from '../chance.ts';
import { call, type Link } from '../link.ts';

/** What a request meets on its way; `never sent` did not even begin. */
type Met = Answered | { readonly kind: 'never sent' };

/** As the SDK's client is set up: behind that the answer is not waited for, whatever was done. */
const DEADLINE_MS = 10_000;

/**
 * Slack's Web API as one program reaches it: the simulated Slack's own methods behind a link of the simulation, and faults as the SDK throws them, read by
 * the product's own code. The SDK and HTTP alone are left out: they have timers of their own, and no seed could replay them.
 */
export function linkedSlack(link: Link, slack: SimulatedSlack, posted: (by: string, underWayMs: number) => void): SlackClient {
  const { chance, replica, loop } = link;
  return {
    async call(method, args, answer) {
      const sentMs = loop.nowMs();
      const asking = call<Met>(link, {
        what: `slack ${method}`,
        run: async () => {
          const answered = await slack.call({
            method,
            contentType: 'application/json',
            authorization: 'Bearer xoxb-simulation',
            query: new URLSearchParams(),
            body: JSON.stringify(args),
          });
          if (method === 'chat.postMessage') posted(replica.name, loop.nowMs() - sentMs);
          return answered;
        },
        refused: () => notDone(chance),
        lost: () => (chance.yes(0.6) ? { kind: 'reset' } : serverError()),
      });
      const giving = new AbortController();
      const late = sleep(replica.clock, DEADLINE_MS, giving.signal).then((): Met => ({ kind: 'silence' }));
      const met = await Promise.race([asking, late]);
      giving.abort();
      const read = answer.safeParse(bodyOf(method, met));
      if (!read.success) throw strangeAnswer(method);
      return read.data;
    },
  };
}

/** Nothing was done, which Salvor may know or not. */
function notDone(chance: Chance): Met {
  const which = chance.next();
  if (which < 0.35) return { kind: 'answer', code: 429, body: '', headers: { 'Retry-After': String(1 + chance.below(20)) } };
  if (which < 0.6) return { kind: 'never sent' };
  if (which < 0.75) return { kind: 'answer', code: 200, body: { ok: false, error: 'internal_error' }, headers: {} };
  return which < 0.9 ? serverError() : { kind: 'reset' };
}

function serverError(): Met {
  return { kind: 'answer', code: 503, body: '<html><body>Server Error</body></html>', headers: {} };
}

/** The answer, or what the SDK throws in its place. */
function bodyOf(method: string, met: Met): unknown {
  if (met.kind !== 'answer') {
    const original =
      met.kind === 'silence'
        ? new DOMException('The operation was aborted due to timeout', 'TimeoutError')
        : Object.assign(new Error('fetch failed'), { code: met.kind === 'reset' ? 'ECONNRESET' : 'ECONNREFUSED' });
    throw slackFault(method, { code: 'slack_webapi_request_error', original });
  }
  const { code, body, headers } = met;
  if (code === 429) throw slackFault(method, { code: 'slack_webapi_rate_limited_error', retryAfter: Number(headers['Retry-After'] ?? 0) });
  if (code >= 400) throw slackFault(method, { code: 'slack_webapi_http_error', statusCode: code });
  if (typeof body !== 'string' && body['ok'] === false) throw slackFault(method, { code: 'slack_webapi_platform_error', data: body });
  return body;
}
