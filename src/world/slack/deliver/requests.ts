import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Json, parseJson } from '../../../model/json.ts';
import type { Core } from '../core.ts';
import { PATIENCE_MS } from '../triggers.ts';
import type { Letter, Outcome, Way } from './outcome.ts';

/** The headers by which the app knows that a body is Slack's. Source  Slack documentation, "Verifying requests from Slack". */
export function signed(body: string, { secret, nowMs }: { readonly secret: string; readonly nowMs: number }): { readonly [name: string]: string } {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'X-Slack-Request-Timestamp': timestamp, 'X-Slack-Signature': `v0=${signature}` };
}

/** A letter as its body on the wire: commands are forms, presses a form around JSON, events JSON. */
export function bodyOf({ kind, payload }: Letter): { readonly type: string; readonly text: string } {
  const form = 'application/x-www-form-urlencoded';
  if (kind === 'events_api') return { type: 'application/json', text: JSON.stringify(payload) };
  if (kind === 'interactive') return { type: form, text: new URLSearchParams({ payload: JSON.stringify(payload) }).toString() };
  const fields = Object.entries(payload).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  return { type: form, text: new URLSearchParams(fields).toString() };
}

/** HTTP mode: signed posts to the app's address. */
export function requests(core: Core): Way {
  return {
    async send(letter) {
      const { clock, workspace } = core;
      const url = workspace.app.requestUrl;
      const sinceMs = clock.monotonicMs();
      if (url === undefined) return { acknowledged: false, afterMs: 0, why: 'nobody listens' };
      const { type, text } = bodyOf(letter);
      const retry = letter.attempt === undefined ? {} : { 'X-Slack-Retry-Num': String(letter.attempt.number), 'X-Slack-Retry-Reason': letter.attempt.reason };
      const headers = { 'Content-Type': type, ...signed(text, { secret: workspace.app.signingSecret, nowMs: clock.nowMs() }), ...retry };
      const tooLate = new AbortController();
      const cancel = clock.after(PATIENCE_MS, () => tooLate.abort());
      const after = (): number => clock.monotonicMs() - sinceMs;
      try {
        const response = await fetch(url, { method: 'POST', headers, body: text, signal: tooLate.signal, redirect: 'manual' });
        const answer = await response.text();
        if (response.ok) return { acknowledged: true, afterMs: after(), answer: answerOf(answer) };
        return { acknowledged: false, afterMs: after(), why: `http ${response.status}` } satisfies Outcome;
      } catch {
        // What broke is not for the person to see; whether it was time is.
        return tooLate.signal.aborted
          ? { acknowledged: false, afterMs: PATIENCE_MS, why: 'no answer within 3 s' }
          : { acknowledged: false, afterMs: after(), why: 'nobody listens' };
      } finally {
        cancel();
      }
    },
  };
}

function answerOf(text: string): Json | undefined {
  if (text === '') return undefined;
  const read = z.json().safeParse(parseJson(text));
  return read.success ? read.data : text;
}
