import { errorText, SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';

type Query = {
  /** Of the configuration. Never one that a webhook names. */
  readonly url: string;
  /** As the webhook names it: a pattern already. */
  readonly receiver: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
  readonly limitBytes?: number;
};

/** Asks an Alertmanager for every alert that it holds for one receiver, silenced and inhibited ones too; the answer is not checked here. */
export async function fetchAlerts({ url, receiver, clock, timeoutMs = 10_000, limitBytes = 64 * 1024 * 1024 }: Query): Promise<unknown> {
  const asked = new URL(`${url.replace(/\/+$/, '')}/api/v2/alerts`);
  for (const state of ['active', 'silenced', 'inhibited', 'unprocessed']) asked.searchParams.set(state, 'true');
  if (receiver !== '') asked.searchParams.set('receiver', receiver);
  const abort = new AbortController();
  const cancel = clock.after(timeoutMs, () => abort.abort(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    const response = await fetch(asked, { redirect: 'error', signal: abort.signal, headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new Error(`it answers ${response.status}`);
    return JSON.parse(await textOf(response, limitBytes));
  } catch (error) {
    throw new SalvorError('server.unreachable', `Alertmanager at ${asked.host} could not be asked: ${reasonOf(error)}`, { retry: 'later', cause: error });
  } finally {
    cancel();
  }
}

async function textOf(response: Response, limitBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) throw new Error(`its answer is larger than ${limitBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Node says why only in the cause of a failed fetch. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? errorText(error.cause) : errorText(error);
}
