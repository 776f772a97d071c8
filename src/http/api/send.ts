import { once } from 'node:events';
import type { Response } from 'express';
import type { Clock } from '../../port/clock.ts';
import type { Following } from '../../port/commands.ts';
import type { Reply } from './endpoint.ts';

/** Proxies and clients take a connection without a byte for dead after about a minute. */
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2000;

export type Sending = { readonly res: Response; readonly clock: Clock; readonly signal: AbortSignal };

/** Writes an answer. */
export async function send(reply: Reply, sending: Sending): Promise<void> {
  switch (reply.kind) {
    case 'json':
      return end(sending.res, { status: reply.status, contentType: 'application/json', text: JSON.stringify(reply.body) });
    case 'text':
      return end(sending.res, { status: 200, contentType: reply.contentType, text: reply.text });
    case 'lines':
      return sendLines(reply.lines, sending);
    case 'stream':
      return sendChanges(reply.following, sending);
  }
}

function end(res: Response, { status, contentType, text }: { readonly status: number; readonly contentType: string; readonly text: string }): void {
  res.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  res.end(text);
}

async function sendLines(lines: AsyncIterable<unknown>, { res, signal }: Sending): Promise<void> {
  const reader = lines[Symbol.asyncIterator]();
  // The first line decides whether this is an answer or a problem.
  let next = await reader.next();
  res.writeHead(200, { 'content-type': 'application/jsonl; charset=utf-8' });
  while (next.done !== true && !signal.aborted) {
    await write(res, `${JSON.stringify(next.value)}\n`, signal);
    next = await reader.next();
  }
  res.end();
}

/** Ends when the other side hangs up or the server stops; the client comes back with the id of its last line. */
async function sendChanges({ from, changes }: Following, { res, clock, signal }: Sending): Promise<void> {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
  if (res.req.method === 'HEAD') {
    res.end();
    return;
  }
  let cancel = (): void => {};
  const beat = (): void => {
    cancel = clock.after(HEARTBEAT_MS, () => {
      // A reader that does not keep up gets no heartbeats on top.
      if (!signal.aborted && !res.writableNeedDrain) res.write(': still here\n\n');
      beat();
    });
  };
  try {
    // An id without data moves the place that the client comes back to, and nothing else.
    await write(res, `retry: ${RETRY_MS}\nid: ${from}\n\n`, signal);
    beat();
    for await (const change of changes) {
      if (signal.aborted) break;
      // JSON has no line breaks of its own, so one data line holds it.
      await write(res, `id: ${change.cursor}\ndata: ${JSON.stringify(change)}\n\n`, signal);
    }
  } finally {
    cancel();
  }
  res.end();
}

/** Waits while the other side is slow, so that nothing piles up here. */
async function write(res: Response, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || res.write(text)) return;
  try {
    await once(res, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
