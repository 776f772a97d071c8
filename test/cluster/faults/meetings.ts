import type { Fault, Passing } from '../fault-proxy.ts';

/** What a request can meet between Salvor and the API server, and which requests. */

export const any = (): boolean => true;
export const creating =
  (plural: string) =>
  ({ method, path }: Passing): boolean =>
    method === 'POST' && path.split('?')[0]?.endsWith(`/${plural}`) === true;
export const reading = ({ method, isWatch }: Passing): boolean => method === 'GET' && !isWatch;

/** The server does what it is asked, and its answer is lost. */
export const loseReply: Fault = async ({ answer, forward }) => {
  (await forward()).resume();
  answer.destroy();
};

/** No byte and no end: a half-open connection. */
export const silence: Fault = () => undefined;

export const say =
  (status: number, body: string, headers: { readonly [name: string]: string } = { 'content-type': 'text/plain' }): Fault =>
  ({ answer }) =>
    void answer.writeHead(status, headers).end(body);

/** The first half of the answer, and a proper end: JSON that is cut. */
export const half: Fault = async ({ answer, forward }) => {
  const text = await whole(forward);
  answer.writeHead(200, { 'content-type': 'application/json' }).end(text.slice(0, text.length / 2));
};

/** Every time that the server tells is off by so many ms: its Date, and what it wrote into its objects. */
export const clockOff =
  (byMs: number): Fault =>
  async ({ answer, forward }) => {
    const upstream = await forward();
    const { 'content-length': _length, date, ...headers } = upstream.headers;
    answer.writeHead(upstream.statusCode ?? 502, { ...headers, date: new Date(Date.parse(date ?? '') + byMs).toUTCString() }).flushHeaders();
    let rest = '';
    for await (const chunk of upstream.setEncoding('utf8')) {
      // A watch is told line by line; a time never crosses the end of one.
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) answer.write(`${shifted(line, byMs)}\n`);
    }
    answer.end(shifted(rest, byMs));
  };

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;

function shifted(text: string, byMs: number): string {
  return text.replace(TIME, (time) => `${new Date(Date.parse(time) + byMs).toISOString().slice(0, 19)}Z`);
}

async function whole(forward: Parameters<Fault>[0]['forward']): Promise<string> {
  let text = '';
  for await (const chunk of (await forward()).setEncoding('utf8')) text += String(chunk);
  return text;
}

/** When each try began: what is asked together, or one right behind the other, is one. In ms since 1970. */
export function tries(seen: readonly Passing[]): readonly number[] {
  return seen.flatMap(({ atMs }, at) => (atMs - (seen[at - 1]?.atMs ?? 0) > 500 ? [atMs] : []));
}
