import { createServer } from 'node:http';
import type { Stage } from './stage.ts';

/** What Prometheus scrapes in place of a program that cannot run here. */
export type Exporter = { readonly host: string };

/** Answers each scrape with metrics in Prometheus's text format, one a line. */
export async function openExporter(stage: Stage, metrics: () => string | Promise<string>): Promise<Exporter> {
  const server = createServer((_request, response) => {
    void Promise.resolve()
      .then(metrics)
      .then(
        (text) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
        () => response.writeHead(500).end(),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.onClose(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('a listening server has no port');
  return { host: `127.0.0.1:${at.port}` };
}
