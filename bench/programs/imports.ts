/** A process that imports everything that the server imports, and does nothing: the memory below which no run of it can be. */
await import('../../src/serve/serve.ts');
process.send?.({ is: 'imported' });
// The server loads it after it listens.
await import('@kubernetes/client-node');
await new Promise((resolve) => setTimeout(resolve, 500));
process.send?.({ is: 'usage', rssBytes: process.memoryUsage.rss(), cpuMs: 0 });
process.disconnect?.();
