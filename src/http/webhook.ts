import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { alertProblem, bindingProblem, checkBody, clusterLabel } from '../domain/alertmanager/body.ts';
import { LIMITS } from '../domain/alertmanager/limits.ts';
import type { Webhook } from '../model/alert.ts';
import { errorCode, errorText } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { Admission, Place, Refusal } from './admission.ts';
import { isDeeperThan, mediaProblem, readBody } from './body.ts';
import { type Problem, sendProblem } from './problem.ts';
import type { Sender } from './sender.ts';

/** `late`, `crowded`: as the admission says. `full`: the inbox or the disk. `gone`: nobody was there any more to be answered. */
export const WEBHOOK_OUTCOMES = ['accepted', 'unauthorized', 'refused', 'late', 'crowded', 'full', 'unavailable', 'draining', 'gone'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/** One request, for the metrics. `status` 0: nobody was there to be answered. */
export type WebhookSeen = { readonly outcome: WebhookOutcome; readonly status: number; readonly durationMs: number; readonly alerts: number };

export type WebhookDeps = {
  /** Answers once the webhook is durable. */
  readonly accept: (webhook: Webhook) => Promise<unknown>;
  readonly authenticate: (request: IncomingMessage) => Sender | undefined;
  readonly admission: Admission;
  readonly draining: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly seen?: (seen: WebhookSeen) => void;
  readonly bodyBytes?: number;
  readonly deadlineMs?: number;
};

/** Below Alertmanager's shortest patience of 10 s, and the 15 s behind which its peer sends the same again. */
const DEADLINE_MS = 5000;
/** What is left for storing a body that arrived slowly. */
const LEAST_MS = 1000;
/** When a sender does well to come again to a store that does not store now. */
const AGAIN_MS = 5000;
/** How long what a refused sender still sends is thrown away, so that it hears the answer. */
const LINGER_MS = 2000;

/**
 * `POST /api/v1/alertmanager`. 200 means: durable. 503 means: send it again, Alertmanager will. It is never another 4xx for overload, which
 * Alertmanager would not repeat soon, and never a redirect, which it would follow without the body.
 */
export function webhook(deps: WebhookDeps): RequestListener {
  const { clock, log } = deps;
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedMs = clock.monotonicMs();
    const answer = await answerOf(deps, request, startedMs);
    const status = send(deps, { request, response, answer });
    deps.seen?.({ outcome: answer.outcome, status, durationMs: clock.monotonicMs() - startedMs, alerts: answer.kind === 'accepted' ? answer.accepted : 0 });
  };
  return (request, response) => {
    answerTo(request, response).catch((error: unknown) => {
      log.error('webhook.not-answered', { code: errorCode(error), reason: errorText(error) });
      response.destroy();
    });
  };
}

type Answer =
  | { readonly kind: 'accepted'; readonly outcome: 'accepted'; readonly accepted: number; readonly quarantined: number }
  | { readonly kind: 'problem'; readonly outcome: WebhookOutcome; readonly problem: Problem }
  | { readonly kind: 'gone'; readonly outcome: 'gone' };

async function answerOf(deps: WebhookDeps, request: IncomingMessage, startedMs: number): Promise<Answer> {
  try {
    return await judge(deps, request, startedMs);
  } catch (error) {
    // Whatever breaks here, the alert is not stored, and Alertmanager has to send it again.
    deps.log.error('webhook.failed', { code: errorCode(error), reason: errorText(error) });
    return { kind: 'problem', outcome: 'unavailable', problem: { status: 503, code: 'internal', detail: 'The webhook could not be stored. Send it again' } };
  }
}

async function judge(deps: WebhookDeps, request: IncomingMessage, startedMs: number): Promise<Answer> {
  if (request.method !== 'POST')
    return refuse({ status: 405, code: 'request.method', detail: 'Alertmanager posts here; nothing else is answered', headers: { allow: 'POST' } });
  const sender = deps.authenticate(request);
  if (sender === undefined) {
    const detail =
      'Send a token of the cluster as Authorization: Bearer, or as the password of Basic. Without tokens in the configuration only this machine itself may post';
    const problem = { status: 401, code: 'request.unauthorized', detail, headers: { 'www-authenticate': 'Bearer realm="salvor"' } } as const;
    return { kind: 'problem', outcome: 'unauthorized', problem };
  }
  if (deps.draining())
    return {
      kind: 'problem',
      outcome: 'draining',
      problem: { status: 503, code: 'server.draining', detail: 'Shutting down. Send it again', headers: { connection: 'close' } },
    };
  const media = mediaProblem(request.headers);
  if (media !== undefined) return refuse(media);
  const place = deps.admission.enter(sender.name);
  if ('why' in place) return busy(place);
  let read: Read | Answer | undefined;
  try {
    read = await readInto(place, request, deps);
  } finally {
    if (read?.kind !== 'read') place.leave();
  }
  if (read.kind !== 'read') return read;
  const { body, alerts } = read;
  place.store();
  const accepted: Webhook = { sender: sender.name, clusters: sender.clusters, receivedMs: deps.clock.nowMs(), body, alerts: alerts.length };
  const refused = await store(deps, accepted, { startedMs, settled: place.leave });
  return refused ?? { kind: 'accepted', outcome: 'accepted', accepted: alerts.length, quarantined: countBad(alerts, accepted) };
}

type Read = { readonly kind: 'read'; readonly body: string; readonly alerts: readonly unknown[] };

/** Reads the body as far as it has to be read before the answer: that it is a webhook, and how many alerts it holds. */
async function readInto(place: Place, request: IncomingMessage, { bodyBytes = LIMITS.bodyBytes }: WebhookDeps): Promise<Read | Answer> {
  let crowded: Refusal | undefined;
  const take = (bytes: number): Problem | undefined => {
    crowded = place.take(bytes);
    return crowded === undefined ? undefined : problemOf(crowded);
  };
  const body = await readBody(request, { limitBytes: bodyBytes, take });
  if (body.kind === 'gone') return { kind: 'gone', outcome: 'gone' };
  if (body.kind === 'refused') return crowded === undefined ? refuse(body.problem) : busy(crowded);
  if (isDeeperThan(body.text, LIMITS.depth)) return invalid(`The body nests deeper than ${LIMITS.depth} levels`);
  const parsed = parseJson(body.text);
  if (parsed === undefined) return invalid('The body is no JSON');
  const checked = checkBody(parsed);
  if (!checked.ok) return checked.tooMany ? refuse({ status: 413, code: 'request.too-large', detail: checked.reason }) : invalid(checked.reason);
  return { kind: 'read', body: body.text, alerts: checked.body.alerts };
}

/** How many alerts are known not to be readable, before they are read. */
function countBad(alerts: readonly unknown[], webhook: Webhook): number {
  let bad = 0;
  for (const alert of alerts) {
    const cluster = clusterLabel(alert);
    if (alertProblem(alert) !== undefined || (cluster !== undefined && bindingProblem(cluster, webhook) !== undefined)) bad += 1;
  }
  return bad;
}

/** Waits for the store, but not for ever. A commit that comes after the answer is harmless: the webhook is then stored twice, and folded once. */
async function store(
  deps: WebhookDeps,
  accepted: Webhook,
  { startedMs, settled }: { readonly startedMs: number; readonly settled: () => undefined },
): Promise<Answer | undefined> {
  const { clock } = deps;
  const leftMs = Math.max(LEAST_MS, (deps.deadlineMs ?? DEADLINE_MS) - (clock.monotonicMs() - startedMs));
  let cancel = (): void => {};
  const late = new Promise<Answer>((resolve) => {
    cancel = clock.after(leftMs, () =>
      resolve(unavailable('unavailable', { code: 'store.unavailable', detail: 'The store did not answer in time. Send it again' })),
    );
  });
  const stored = deps.accept(accepted).then(
    (): undefined => settled(),
    (error: unknown): Answer => {
      settled();
      const code = errorCode(error);
      if (code === 'store.full') return unavailable('full', { code, detail: 'The inbox or the disk is full. Send it again' });
      deps.log.warn('webhook.not-stored', { code, reason: errorText(error) });
      return unavailable('unavailable', { code: 'store.unavailable', detail: 'The store cannot be written now. Send it again' });
    },
  );
  const answer = await Promise.race([stored, late]);
  cancel();
  return answer;
}

function busy(refusal: Refusal): Answer {
  return { kind: 'problem', outcome: refusal.why, problem: problemOf(refusal) };
}

function problemOf({ detail, retryAfterMs }: Refusal): Problem {
  return { status: 503, code: 'server.busy', detail, headers: retryAfter(retryAfterMs) };
}

function retryAfter(ms: number): { readonly 'retry-after': string } {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) };
}

function unavailable(outcome: WebhookOutcome, problem: Pick<Problem, 'code' | 'detail'>): Answer {
  return { kind: 'problem', outcome, problem: { status: 503, headers: retryAfter(AGAIN_MS), ...problem } };
}

function refuse(problem: Problem): Answer {
  return { kind: 'problem', outcome: 'refused', problem };
}

function invalid(detail: string): Answer {
  return refuse({ status: 400, code: 'request.invalid', detail });
}

type Sending = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly answer: Answer };

function send({ clock }: WebhookDeps, { request, response, answer }: Sending): number {
  if (answer.kind === 'gone') return 0;
  if (answer.kind === 'accepted') {
    const body = JSON.stringify({ accepted: answer.accepted, quarantined: answer.quarantined });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
    return 200;
  }
  sendProblem(response, answer.problem);
  if (!request.complete) {
    request.resume();
    const cancel = clock.after(LINGER_MS, () => {
      if (!request.complete) request.socket.destroy();
    });
    request.once('close', cancel);
  }
  return answer.problem.status;
}
