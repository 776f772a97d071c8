import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { errorCode, errorText } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import { INBOX, type Store } from '../port/store.ts';

export type OperationsDeps = {
  readonly store: Pick<Store, 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Names the looks at the store. */
  readonly nextId: () => string;
  /** The server stops: it still answers what it has, and wants nothing new. */
  readonly draining: () => boolean;
  /** The text that Prometheus reads, and its content type. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** How long the store may take; default 2 s. */
  readonly storeMs?: number;
};

/**
 * What answers on the operations port: `/livez`, `/readyz`, `/metrics`. Never authenticated, so never on the public port, and nothing here tells more
 * than counts. `/livez` asks nothing of the store: a restart would not mend it.
 */
export function operationsServer(deps: OperationsDeps): RequestListener {
  return (req, res) => {
    void answer(deps, req, res).catch((error: unknown) => {
      deps.log.error('operations.failed', { path: pathOf(req).slice(0, 100), reason: errorText(error) });
      text(res, { status: 500, body: 'failed; the log says why\n' });
    });
  };
}

async function answer(deps: OperationsDeps, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = pathOf(req);
  const known = path === '/livez' || path === '/readyz' || path === '/metrics';
  if (!known) return text(res, { status: 404, body: 'not here: /livez, /readyz, /metrics\n' });
  if (req.method !== 'GET' && req.method !== 'HEAD') return text(res, { status: 405, body: 'GET or HEAD\n', headers: { allow: 'GET, HEAD' } });
  if (path === '/livez') return text(res, { status: 200, body: 'ok\n' });
  if (path === '/metrics') {
    const { contentType, text: body } = await deps.metrics();
    return text(res, { status: 200, body, headers: { 'content-type': contentType } });
  }
  const problem = deps.draining() ? 'draining' : await storeProblem(deps);
  return text(res, problem === undefined ? { status: 200, body: 'ok\n' } : { status: 503, body: `${problem}\n` });
}

/** Writes nothing into nothing, durably: whether the store takes commits. */
async function storeProblem({ store, clock, nextId, storeMs = 2000 }: OperationsDeps): Promise<string | undefined> {
  const count = 'ready/looks';
  let cancel = (): void => {};
  const late = new Promise<string>((resolve) => {
    cancel = clock.after(storeMs, () => resolve('store: no answer in time'));
  });
  const commit = store
    .commit({ partition: INBOX, opId: nextId(), guards: [{ is: 'room', count, add: 0, limit: 0 }], changes: [{ do: 'count', id: count, add: 0 }] })
    .then(
      ({ kind }) => (kind === 'done' ? undefined : `store: ${kind}`),
      // Whoever reaches this port may read it: the code, not the words.
      (error: unknown) => `store: ${errorCode(error)}`,
    );
  const problem = await Promise.race([commit, late]);
  cancel();
  return problem;
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '').split('?')[0] ?? '';
}

type Text = { readonly status: number; readonly body: string; readonly headers?: { readonly [name: string]: string } };

function text(res: ServerResponse, { status, body, headers = {} }: Text): void {
  if (res.headersSent) return;
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'content-length': Buffer.byteLength(body), ...headers });
  res.end(body);
}
