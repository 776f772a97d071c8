import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Problem } from './problem.ts';

export type ReadBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** The other side went away: there is nobody to answer. */
  | { readonly kind: 'gone' };

/** What a body may be, told from its headers alone: JSON, as it is, in UTF-8. */
export function mediaProblem(headers: IncomingHttpHeaders): Problem | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity')
    return { status: 415, code: 'request.media-type', detail: 'Send the body uncompressed: no Content-Encoding is accepted' };
  const type = headers['content-type'] ?? '';
  if (/^\s*application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.test(type)) return undefined;
  return { status: 415, code: 'request.media-type', detail: 'Expected Content-Type: application/json, in UTF-8' };
}

type Reading = {
  readonly limitBytes: number;
  /** Told of every piece as it arrives; answers why it cannot be kept. */
  readonly take?: (bytes: number) => Problem | undefined;
};

/** Reads a body and counts while it arrives: what is too large is refused then, not when it lies in memory. */
export function readBody(request: IncomingMessage, { limitBytes, take = () => undefined }: Reading): Promise<ReadBody> {
  const tooLarge: ReadBody = {
    kind: 'refused',
    problem: { status: 413, code: 'request.too-large', detail: `The body is larger than ${limitBytes} bytes: set max_alerts: 500 at the webhook receiver` },
  };
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve(tooLarge);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const end = (answer: ReadBody): void => {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('error', onGone);
      request.off('close', onGone);
      // A fault of the connection behind the answer has nobody to hear it.
      request.on('error', () => {});
      resolve(answer);
    };
    const onData = (chunk: Buffer): void => {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) return end(tooLarge);
      const problem = take(chunk.length);
      if (problem === undefined) chunks.push(chunk);
      else end({ kind: 'refused', problem });
    };
    const onEnd = (): void => end(decode(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
    const onGone = (): void => end({ kind: 'gone' });
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('error', onGone);
    request.on('close', onGone);
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Buffer): ReadBody {
  try {
    return { kind: 'text', text: utf8.decode(bytes) };
  } catch {
    return { kind: 'refused', problem: { status: 400, code: 'request.invalid', detail: 'The body is no valid UTF-8' } };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether lists and objects are nested deeper than this. Jumps over texts, of which a large body is made, and keeps nothing but a number. */
export function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfText(text, at);
    else if (char === 0x5b || char === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
  return false;
}

/** Where the text that begins here ends: at the next quote that is not escaped, behind an even number of backslashes. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}
