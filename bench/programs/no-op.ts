/**
 * What HTTP alone costs on this machine at this moment, in a process of its own: reads a body, and answers 200. `express`: as an endpoint of express;
 * `node`: of Node alone; `call URL`: of Node alone, which answers and then makes one call to that address, from memory.
 */
import { Agent, request as ask, createServer as createPlain, type RequestListener } from 'node:http';
import express from 'express';
import { createServer } from '../../src/http/server.ts';

const [kind, callUrl = ''] = process.argv.slice(2);
const ANSWER = JSON.stringify({ accepted: 1, quarantined: 0 });
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Makes a ConfigMap named by the mark of the first alert, as the action of the benchmark does. */
function call(body: string): void {
  const { alerts } = JSON.parse(body);
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'bench', name: alerts[0].labels.mark } });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(manifest) };
  ask(`${callUrl}/api/v1/namespaces/bench/configmaps`, { method: 'POST', agent, headers }, (response) => response.resume()).end(manifest);
}

const plain: RequestListener = (request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(ANSWER) }).end(ANSWER);
    if (kind === 'call') call(body);
  });
};

function site(): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.post('/', (request, response) => {
    request.resume();
    request.on('end', () => response.status(200).json(JSON.parse(ANSWER)));
  });
  return app;
}

const server = kind === 'express' ? createServer(site()) : createPlain(plain);
server.listen(0, '127.0.0.1', () => {
  const at = server.address();
  if (at !== null && typeof at === 'object') process.send?.({ is: 'ready', url: `http://127.0.0.1:${at.port}/` });
});
process.on('disconnect', () => server.close(() => process.exit()));
