import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster, Component } from '../cluster.ts';

/** Freezes a component, or lets it go on. */
export function signal({ dir }: Cluster, component: Component, which: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(-Number(readFileSync(join(dir, 'pid', component), 'utf8')), which);
}
