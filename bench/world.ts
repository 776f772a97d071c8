import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Scenario } from '../src/world/scenario.ts';
import type { WorldScenario } from '../src/world/world.ts';
import type { Scope } from './scope.ts';

/** A simulated cluster in a process of its own, by the clock of the machine. */
export type World = {
  readonly kubeconfig: string;
  /** Base address of its Slack's Web API, and of its PagerDuty. */
  readonly slack: string;
  readonly pagerduty: string;
  /** Turns a switch of its Slack, or does there what a person does; what the person sees. */
  readonly slackSwitch: (name: string, given?: object) => Promise<string>;
  /** Turns a switch of its PagerDuty. */
  readonly pagerdutySwitch: (name: string, given?: object) => Promise<string>;
  /** All that there is in its Slack. */
  readonly slackState: () => Promise<unknown>;
  /** Changes it while it runs. */
  readonly apply: (scenario: WorldScenario) => Promise<void>;
};

export async function startWorld(scope: Scope, scenario: Scenario): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-world-'));
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, JSON.stringify(scenario));
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'src', 'main.ts'), 'world', '--json', '--scenario', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  scope.onClose(async () => {
    // It would wait for requests that hang by order.
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const ready = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
    void ended.then(() => reject(new Error('the simulated cluster did not start')));
  });
  const { url, kubeconfig, slack, pagerduty } = z
    .object({ url: z.string(), kubeconfig: z.string(), slack: z.string(), pagerduty: z.string() })
    .parse(JSON.parse(ready));
  const turn = async (address: string, body: object): Promise<string> => {
    const answer = await fetch(address, { method: 'POST', body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the simulated world refuses: ${text}`);
    return text;
  };
  return {
    kubeconfig,
    slack,
    pagerduty,
    slackSwitch: (name, given = {}) => turn(`${url}/slack/control/${name}`, given),
    pagerdutySwitch: (name, given = {}) => turn(`${pagerduty.replace(/\/+$/, '')}/control/${name}`, given),
    slackState: async () => (await fetch(`${url}/slack/control/state`)).json(),
    apply: async (change) => void (await turn(`${url}/world/apply`, change)),
  };
}
