import { Agent, request } from 'node:http';
import type { z } from 'zod';

/** Posts and gets over connections that stay open, as Alertmanager does. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** From the request until its answer was read, in ms; anything but 200 is a fault. */
export function post(url: string, body: string): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - startedMs);
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Posts until it is answered 200, as Alertmanager does, to wherever the server is by then; false: never within the patience. */
export async function insist(url: () => string, body: string, patienceMs: number): Promise<boolean> {
  const untilMs = performance.now() + patienceMs;
  for (let waitMs = 50; performance.now() < untilMs; waitMs = Math.min(1000, waitMs * 2)) {
    const isTaken = await post(url(), body).then(
      () => true,
      () => false,
    );
    if (isTaken) return true;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return false;
}

/** What was answered, on a connection of its own. */
export function get(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

type Asked<T> = { readonly url: string; readonly token: string; readonly schema: z.ZodType<T>; readonly body?: object };

/** Asks the API as a person's program does. */
export async function ask<T>({ url, token, schema, body }: Asked<T>): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(url, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text.slice(0, 300)}`);
  return schema.parse(JSON.parse(text));
}

/** Calls at an even pace, whatever an answer takes: who waits for an answer before the next request does not see the queue. */
export async function atRate(perSecond: number, count: number, call: (turn: number) => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  const calls: Promise<unknown>[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const waitMs = startedMs + (turn * 1000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    calls.push(call(turn));
  }
  await Promise.all(calls);
}

/** Calls as fast as so many callers get answers. */
export async function closedLoop(callers: number, count: number, call: (turn: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let turn = next++; turn < count; turn = next++) await call(turn);
  };
  await Promise.all(Array.from({ length: callers }, loop));
}
