import { type Clock, sleep } from '../../../src/port/clock.ts';
import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';

const DEADLINE_MS = 10_000;

type Wired = { readonly slack: SimulatedSlack; readonly clock: Clock };

/** HTTP as the SDK sees it, without a network; what never answers ends with the deadline of the clock. */
export async function wire({ slack, clock }: Wired, url: string | URL, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  const { pathname, searchParams } = new URL(url);
  const [, file] = /\/upload\/(\w+)$/.exec(pathname) ?? [];
  if (file !== undefined) {
    const { code, text } = slack.upload(file, Buffer.from(typeof init?.body === 'string' ? init.body : ''));
    return new Response(text, { status: code });
  }
  const asked = {
    method: pathname.replace('/api/', ''),
    contentType: headers.get('content-type') ?? '',
    authorization: headers.get('authorization') ?? undefined,
    query: searchParams,
    body: typeof init?.body === 'string' ? init.body : '',
  };
  const late = sleep(clock, DEADLINE_MS).then(() => 'late' as const);
  const answered = await Promise.race([slack.call(asked), late]);
  if (answered === 'late' || answered.kind === 'silence') {
    await late;
    throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  }
  if (answered.kind === 'reset') throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
  const { code, body } = answered;
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status: code,
    headers: { 'content-type': 'application/json', ...answered.headers },
  });
}
