import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Scenario } from '../src/world/scenario.ts';

/** A simulated cluster in a process of its own, by the clock of the machine. */
export type World = {
  readonly kubeconfig: string;
  /** Changes it while it runs. */
  readonly apply: (scenario: Scenario) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export async function startWorld(scenario: Scenario): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-world-'));
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, JSON.stringify(scenario));
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'src', 'main.ts'), 'world', '--json', '--scenario', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const ready = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
    void ended.then(() => reject(new Error('the simulated cluster did not start')));
  });
  const { url, kubeconfig } = z.object({ url: z.string(), kubeconfig: z.string() }).parse(JSON.parse(ready));
  return {
    kubeconfig,
    async apply(change) {
      const answer = await fetch(`${url}/world/apply`, { method: 'POST', body: JSON.stringify(change) });
      if (!answer.ok) throw new Error(`the simulated cluster refuses: ${await answer.text()}`);
    },
    async stop() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
