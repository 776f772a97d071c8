import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { readBody } from '../../../../src/world/http/body.ts';
import type { Stage } from './stage.ts';

/** A payload as the app hears it. */
export type Heard = { readonly type?: string; readonly trigger_id?: string; readonly [field: string]: unknown };

/** An app in HTTP mode that keeps what it hears and answers what it is told to. */
export async function answering({ slack }: Pick<Stage, 'slack'>, heard: Heard[], answer: (payload: Heard) => unknown = () => undefined): Promise<void> {
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await readBody(request))?.toString('utf8') ?? '';
    const form = new URLSearchParams(body);
    const inForm = form.get('payload');
    const payload: Heard =
      request.headers['content-type'] === 'application/json' ? JSON.parse(body) : inForm === null ? Object.fromEntries(form) : JSON.parse(inForm);
    heard.push(payload);
    const said = await answer(payload);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(said === undefined ? '' : JSON.stringify(said));
  };
  const server = createServer((request, response) => void hear(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const at = server.address();
  slack.apply({ app: { requestUrl: `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}/slack/events` } });
}
