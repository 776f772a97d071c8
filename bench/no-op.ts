/** An express endpoint that reads a body and answers 200, in a process of its own: what HTTP alone costs on this machine at this moment. */
import express from 'express';
import { createServer } from '../src/http/server.ts';

const site = express();
site.disable('x-powered-by');
site.post('/', (request, response) => {
  request.resume();
  request.on('end', () => response.status(200).json({ accepted: 1, quarantined: 0 }));
});
const server = createServer(site);
server.listen(0, '127.0.0.1', () => {
  const at = server.address();
  if (at !== null && typeof at === 'object') process.send?.({ is: 'ready', url: `http://127.0.0.1:${at.port}/` });
});
process.on('disconnect', () => server.close(() => process.exit()));
