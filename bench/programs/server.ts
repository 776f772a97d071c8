/**
 * Salvor as it is served, in a process of its own: `node bench/programs/server.ts <salvor.yaml>`. Tells its parent where it listens, and what it takes.
 */
import { enableCompileCache } from 'node:module';
import { keepHeapSmall } from '../../src/cli/heap.ts';

// As the `salvor` command does it: the second start of a version is quicker, and the heap stays small.
enableCompileCache();
keepHeapSmall();
const { serve } = await import('../../src/serve/serve.ts');

const stop = new AbortController();
process.on('message', (message) => {
  if (message === 'stop') stop.abort();
  if (message === 'usage') process.send?.({ is: 'usage', rssBytes: process.memoryUsage.rss(), cpuMs: cpuMs() });
});
process.on('disconnect', () => stop.abort());

const code = await serve(
  { file: process.argv[2], stop: stop.signal, ready: ({ url, operationsUrl }) => process.send?.({ is: 'ready', url, operationsUrl }) },
  { stdout: (text) => process.stdout.write(text), stderr: (text) => process.stderr.write(text) },
);
process.exitCode = code;
process.disconnect?.();

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
