import { createHmac } from 'node:crypto';
import type { JsonObject } from '../../model/json.ts';
import { type Clock, sleep } from '../../port/clock.ts';
import type { PagedHappening } from './incidents.ts';
import { webhookJson } from './show.ts';

export type Subscription = { readonly id: string; readonly url: string; readonly secrets: readonly string[]; active: boolean };

export type SentWebhook = { readonly id: string; readonly type: string; readonly url: string; readonly status: number | 'no answer'; readonly atMs: number };

/** How a webhook gets to an address: what it is answered with. */
export type SendWebhook = (
  url: string,
  request: { readonly headers: { readonly [name: string]: string }; readonly body: string },
) => Promise<SentWebhook['status']>;

export type Webhooks = {
  subscribe(of: { readonly url: string; readonly secrets: readonly string[] }): Subscription;
  subscriptions(): readonly Subscription[];
  happened(what: PagedHappening): void;
  /** Every try, oldest first. */
  sent(): readonly SentWebhook[];
  /** Sends one that was sent before again, as PagerDuty does where an answer got lost. */
  again(id: string): Promise<void>;
  /** Answers when nothing is on its way. */
  quiet(): Promise<void>;
};

const ANSWER_WITHIN_MS = 5000;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;
const GIVE_UP_MS = 48 * 3_600_000;
const MOST_DROPS = 3;

/**
 * Webhooks v3, signed with every secret of their subscription: an answer within 5 s; no answer, 5xx and 429 are tried again for 48 hours; another 4xx
 * drops the webhook, and three of those in a row turn the subscription off.
 * Source  PagerDuty developer documentation, "Webhooks Overview" and "Verifying Signatures".
 */
export function pagedWebhooks(clock: Clock, send: SendWebhook = overHttp): Webhooks {
  const subscriptions: Subscription[] = [];
  const sent: SentWebhook[] = [];
  const bodies = new Map<string, { readonly type: string; readonly body: JsonObject }>();
  const drops = new Map<Subscription, number>();
  const inHand = new Set<Promise<void>>();

  const post = async (to: Subscription, id: string): Promise<number | 'no answer'> => {
    const known = bodies.get(id);
    const bytes = JSON.stringify(known?.body ?? {});
    const signature = to.secrets.map((secret) => `v1=${createHmac('sha256', secret).update(bytes).digest('hex')}`).join(',');
    const headers = { 'content-type': 'application/json', 'user-agent': 'PagerDuty-Webhook/V3.0', 'x-pagerduty-signature': signature };
    const status = await send(to.url, { headers, body: bytes });
    sent.push({ id, type: known?.type ?? '', url: to.url, status, atMs: clock.nowMs() });
    return status;
  };

  const deliver = async (to: Subscription, id: string): Promise<void> => {
    const untilMs = clock.nowMs() + GIVE_UP_MS;
    for (let pauseMs = FIRST_PAUSE_MS; to.active && clock.nowMs() < untilMs; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 3)) {
      const status = await post(to, id);
      const isDropped = status !== 'no answer' && status >= 400 && status < 500 && status !== 429;
      const isDone = status !== 'no answer' && status < 300;
      drops.set(to, isDropped ? (drops.get(to) ?? 0) + 1 : 0);
      if ((drops.get(to) ?? 0) >= MOST_DROPS) to.active = false;
      if (isDone || isDropped) return;
      await sleep(clock, pauseMs);
    }
  };
  const start = (work: Promise<void>): Promise<void> => {
    inHand.add(work);
    return work.finally(() => inHand.delete(work));
  };

  return {
    subscribe({ url, secrets }) {
      const made: Subscription = { id: `PW${subscriptions.length + 1}`, url, secrets, active: true };
      subscriptions.push(made);
      return made;
    },
    subscriptions: () => subscriptions,
    happened(what) {
      const id = `E${bodies.size + 1}`;
      bodies.set(id, { type: what.type, body: webhookJson(id, what, clock.nowMs()) });
      for (const to of subscriptions.filter(({ active }) => active)) void start(deliver(to, id));
    },
    sent: () => sent,
    again: (id) => start(Promise.all(subscriptions.map((to) => post(to, id))).then(() => undefined)),
    async quiet() {
      while (inHand.size > 0) await Promise.allSettled(inHand);
    },
  };
}

const overHttp: SendWebhook = async (url, { headers, body }) => {
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.status ?? 'no answer';
};
