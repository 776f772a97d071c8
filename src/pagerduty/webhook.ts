import express, { type RequestHandler, Router } from 'express';
import { errorCode, errorText } from '../model/error.ts';
import type { Log } from '../port/log.ts';
import type { PagerNews } from '../port/pager.ts';
import { newsIn } from './news.ts';
import { isSigned } from './signature.ts';

export type WebhookDeps = {
  /** Signing secrets as they are now; one that cannot be read is left out. */
  readonly secrets: () => readonly string[];
  /** Durable when it resolves. Rejects where it could not be taken now. */
  readonly heard: (news: PagerNews) => Promise<void>;
  readonly log: Log;
};

const BODY_LIMIT = '512kb';
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
