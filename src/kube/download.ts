import { pipeline, Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { SalvorError } from '../model/error.ts';

export type Download = { readonly text: string; readonly cut: boolean };

type Limits = { readonly limitBytes: number; readonly deadlineMs: number };

const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * Fetches what a signed URL points to, at most `limitBytes` of its text. Undefined: the object was never written (404).
 * The URL carries a signature: it is in no log, no message and no cause. Redirects are not followed.
 */
export async function fetchSigned(signed: string, { limitBytes, deadlineMs }: Limits): Promise<Download | undefined> {
  const url = URL.parse(signed);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new SalvorError('kube.invalid', 'the download URL is neither http nor https');
  const signal = AbortSignal.timeout(deadlineMs);
  const response = await fetch(url, { redirect: 'manual', signal }).catch(() => {
    throw new SalvorError('storage.unavailable', `the object storage at ${url.host} does not answer`, { retry: 'later' });
  });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new SalvorError('storage.unavailable', `the object storage at ${url.host} answered ${response.status}`, {
      retry: isPassing(response.status) ? 'later' : 'never',
      details: { status: response.status },
    });
  }
  try {
    return await unpack(response.body, limitBytes);
  } catch (error) {
    if (isDamage(error)) throw new SalvorError('kube.invalid', `the object in the storage at ${url.host} is damaged: it is not whole gzip`);
    throw new SalvorError('storage.unavailable', `the object storage at ${url.host} broke off`, { retry: 'later' });
  }
}

/** What a storage says that is in trouble or busy. Everything else it means: a refusal stays one. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** The first `limitBytes` of the text; what is packed is unpacked as it comes, so a small archive of a huge text costs no more than the limit. */
export async function unpack(body: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, limitBytes: number): Promise<Download> {
  const source = Readable.from(body);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of await maybeGunzip(source)) {
    if (!(chunk instanceof Uint8Array)) continue;
    chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    sizeBytes += chunk.byteLength;
    if (sizeBytes > limitBytes) break;
  }
  source.destroy();
  const cut = sizeBytes > limitBytes;
  // A character that the limit cuts in two is left out.
  return { text: new TextDecoder().decode(Buffer.concat(chunks).subarray(0, limitBytes), { stream: cut }), cut };
}

/** Velero's objects are gzip without a Content-Encoding; some storages unpack them on the way. The first bytes tell. */
async function maybeGunzip(source: Readable): Promise<Readable> {
  const pieces = source[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  let sizeBytes = 0;
  while (sizeBytes < GZIP_MAGIC.length) {
    const { value, done } = await pieces.next();
    if (done === true) break;
    if (!(value instanceof Uint8Array)) continue;
    head.push(Buffer.from(value));
    sizeBytes += value.byteLength;
  }
  const first = Buffer.concat(head);
  const whole = Readable.from(chain(first, pieces));
  if (!GZIP_MAGIC.every((byte, at) => first[at] === byte)) return whole;
  // Errors of either end destroy the other; the reader of the unpacked end sees them.
  return pipeline(whole, createGunzip(), () => undefined);
}

async function* chain(first: Buffer, rest: AsyncIterator<unknown>): AsyncGenerator<unknown> {
  if (first.length > 0) yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
