import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { quantile } from './table.ts';

/** What the figures depend on: without it they say nothing. */
export const Machine = z.strictObject({
  at: z.iso.datetime(),
  cpu: z.string(),
  cores: z.int(),
  memoryGb: z.number(),
  /** Of the last minute, before anything was measured. */
  load: z.number(),
  node: z.string(),
  sqlite: z.string(),
  redis: z.string().optional(),
  /** Of 1 kB, in the folder where the stores are. */
  fdatasyncMs: z.strictObject({ p50: z.number(), p99: z.number() }),
});
export type Machine = z.infer<typeof Machine>;

export function lookAtMachine(): Machine {
  const redis = /v=(\S+)/.exec(spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
  return {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    load: loadavg()[0] ?? 0,
    node: process.versions.node,
    sqlite: process.versions['sqlite'] ?? 'unknown',
    ...(redis === undefined ? {} : { redis }),
    fdatasyncMs: timeOfSync(),
  };
}

function timeOfSync(): Machine['fdatasyncMs'] {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-sync-'));
  const file = openSync(join(folder, 'file'), 'a');
  try {
    const bytes = Buffer.alloc(1000, 'x');
    const tookMs = Array.from({ length: 300 }, () => {
      const startedMs = performance.now();
      writeSync(file, bytes);
      fdatasyncSync(file);
      return performance.now() - startedMs;
    });
    return { p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99) };
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  }
}

export function machineText({ at, cpu, cores, memoryGb, load, node, sqlite, redis, fdatasyncMs }: Machine): string {
  const programs = `Node ${node}, SQLite ${sqlite}, ${redis === undefined ? 'no Redis' : `Redis ${redis}`}`;
  const sync = `fdatasync of 1 kB: ${fdatasyncMs.p50.toFixed(2)} ms (p99 ${fdatasyncMs.p99.toFixed(2)})`;
  return `${at.slice(0, 16).replace('T', ' ')} UTC, ${cores} cores (${cpu}), ${memoryGb} GB, load before ${load.toFixed(1)}\n${programs}; ${sync}\nSender, servers and what they are compared with share the cores.`;
}
