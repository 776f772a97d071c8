import type { IncomingMessage } from 'node:http';

const LARGEST_BODY_BYTES = 3 * 1024 * 1024;

/** The whole body of a request; undefined where it is larger than 3 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    sizeBytes += piece.byteLength;
    if (sizeBytes > LARGEST_BODY_BYTES) return undefined;
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}
