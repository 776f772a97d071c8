import type { ServerResponse } from 'node:http';
import type { Json } from '../../model/json.ts';
import type { Answer } from '../status.ts';

/** Sends an answer as the API server does: JSON, or a text as it is. */
export function respond(response: ServerResponse, { code, body, headers }: Answer, type?: string): void {
  const isText = typeof body === 'string';
  const text = isText ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(code, {
    'Content-Type': type ?? (isText ? 'text/plain; charset=utf-8' : 'application/json'),
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-cache, private',
    ...headers,
  });
  response.end(text);
}

export function respondJson(response: ServerResponse, body: Json, code = 200): void {
  respond(response, { code, body });
}

/** Breaks the connection as a dying server does. */
export function breakOff(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}
