import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { errorCode, errorText } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import type { Log } from '../port/log.ts';
import { isSigned } from './signature.ts';

/** What somebody did with an incident in PagerDuty. */
export type PagerNews = {
  /** The same for a repeat. */
  readonly id: string;
  /** The dedup key of the page. */
  readonly key: string;
  readonly what: 'acknowledged' | 'resolved' | 'annotated' | 'reopened';
  /** Id of the PagerDuty user. */
  readonly user: string;
  /** What a person wrote, where they wrote something. */
  readonly text?: string;
};

export type WebhookDeps = {
  /** Signing secrets as they are now; one that cannot be read is left out. */
  readonly secrets: () => readonly string[];
  /** Durable when it resolves. Rejects where it could not be taken now. */
  readonly heard: (news: PagerNews) => Promise<void>;
  readonly log: Log;
};

const BODY_LIMIT = '512kb';
const WHAT: ReadonlyMap<string, PagerNews['what']> = new Map([
  ['incident.acknowledged', 'acknowledged'],
  ['incident.resolved', 'resolved'],
  ['incident.annotated', 'annotated'],
  ['incident.reopened', 'reopened'],
]);

const Body = z.looseObject({
  event: z.looseObject({
    id: z.string().min(1),
    event_type: z.string(),
    agent: z.looseObject({ id: z.string(), type: z.string() }).nullish(),
    data: z.looseObject({
      incident_key: z.string().nullish(),
      content: z.string().nullish(),
      incident: z.looseObject({ incident_key: z.string().nullish() }).nullish(),
    }),
  }),
});

/**
 * `POST /pagerduty/webhooks`, webhooks v3. What is signed is answered 2xx whatever it says: three refusals in a row and PagerDuty sends nothing for a
 * day. 503 only where the news could not be stored: it comes again for 48 hours.
 */
export function pagerdutyWebhook({ secrets, heard, log }: WebhookDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const take: RequestHandler = async (req, res) => {
    const body: unknown = req.body;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const signature = req.headers['x-pagerduty-signature'];
    if (!isSigned([signature].flat().join(','), bytes, secrets())) {
      log.warn('pagerduty.unsigned', { bytes: bytes.length });
      res.status(401).end();
      return;
    }
    const news = newsIn(bytes.toString('utf8'));
    try {
      if (news !== undefined) await heard(news);
    } catch (error) {
      log.error('pagerduty.not-heard', { id: news?.id ?? '', code: errorCode(error), reason: errorText(error) });
      res.status(503).setHeader('retry-after', '5').end();
      return;
    }
    res.status(202).end();
  };
  router.post('/pagerduty/webhooks', express.raw({ type: () => true, limit: BODY_LIMIT }), take);
  return router;
}

/** Undefined for what is not for us: another type, no incident of ours, nobody who did it. What our own pages cause has no user as its agent: no loop. */
function newsIn(text: string): PagerNews | undefined {
  const read = Body.safeParse(parseJson(text));
  if (!read.success) return undefined;
  const { id, event_type: type, agent, data } = read.data.event;
  const what = WHAT.get(type);
  const key = data.incident_key ?? data.incident?.incident_key;
  if (what === undefined || key === undefined || key === null || agent?.type !== 'user_reference') return undefined;
  const note = data.content;
  return { id, key, what, user: agent.id, ...(note === undefined || note === null ? {} : { text: note }) };
}
