import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { errorText } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { ReceiverEvent } from './app.ts';
import { signatures } from './signature.ts';

export type EventsDeps = {
  /** The signing secret as it is now; undefined: Slack does not post to us. */
  readonly secret: () => string | undefined;
  readonly take: (event: ReceiverEvent) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

const readBytes = express.raw({ type: () => true, limit: '1mb', inflate: false });
const BodyFault = z.looseObject({ status: z.int().min(400).max(499) });

const Envelope = z.looseObject({ type: z.string(), challenge: z.string().max(500).optional() });

/**
 * `POST /slack/events`: events, presses, forms and lines of HTTP mode, all at one address. It reads its own body, because the signature is over the bytes
 * as they came. 401 for what is not Slack's; a repeat of a request is answered 200 and does nothing.
 */
export function slackEvents({ secret, take, clock, log }: EventsDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const judge = signatures({ clock });
  const counts = new Map<string, number>();

  const handle: RequestHandler = async (req, res, next) => {
    const signing = secret();
    if (signing === undefined) return next();
    const fault = await new Promise<unknown>((resolve) => readBytes(req, res, resolve));
    if (fault !== undefined) {
      const status = BodyFault.safeParse(fault).data?.status ?? 400;
      log.warn('slack.unreadable', { status });
      res.status(status).end();
      return;
    }
    const body: unknown = req.body;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    const [signature, timestamp] = [single(req.headers['x-slack-signature']), single(req.headers['x-slack-request-timestamp'])];
    const judged = judge({ signature, timestamp, body: bytes }, signing);
    if (judged !== 'ok' && judged !== 'again') {
      const count = (counts.get(judged) ?? 0) + 1;
      counts.set(judged, count);
      log.warn('slack.unsigned', { why: judged, count, bytes: bytes.length });
      res.status(401).end();
      return;
    }
    if (judged === 'again') {
      log.info('slack.repeated', {});
      res.status(200).end();
      return;
    }
    const payload = payloadIn(bytes.toString('utf8'), req.headers['content-type'] ?? '');
    const envelope = Envelope.safeParse(payload).data;
    if (envelope?.type === 'url_verification') {
      res.status(200).json({ challenge: envelope.challenge ?? '' });
      return;
    }
    if (payload === undefined) {
      res.status(400).end();
      return;
    }
    const acknowledge = (answer: unknown): void => {
      if (res.headersSent) return;
      if (answer === undefined || answer === '') res.status(200).end();
      else res.status(200).json(typeof answer === 'string' ? { text: answer } : answer);
    };
    try {
      await take({
        body: payload,
        ack: async (answer) => acknowledge(answer),
        ...(req.headers['x-slack-retry-num'] === undefined ? {} : { retryNum: Number(req.headers['x-slack-retry-num']) }),
      });
      // What nobody listens to is nothing that Slack should send again.
      acknowledge(undefined);
    } catch (error) {
      log.error('slack.not-taken', { reason: errorText(error) });
      if (!res.headersSent) res.status(503).setHeader('retry-after', '1').end();
    }
  };

  router.post('/slack/events', handle);
  return router;
}

/** JSON, or a form with JSON in its field `payload`, or a form of a command. */
function payloadIn(text: string, type: string): ReceiverEvent['body'] | undefined {
  const Payload = z.record(z.string(), z.unknown());
  if (type.startsWith('application/json')) return Payload.safeParse(parseJson(text)).data;
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  if (payload !== null) return Payload.safeParse(parseJson(payload)).data;
  return form.size === 0 ? undefined : Object.fromEntries(form);
}

/** Two headers of one name are none. */
function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
