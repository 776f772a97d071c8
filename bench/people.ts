import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from './scope.ts';
import type { World } from './world.ts';

/** Lines of the configuration that connect Salvor to the Slack and the PagerDuty of the simulated world. */
export function peopleSettings(scope: Scope, { slack, pagerduty }: Pick<World, 'slack' | 'pagerduty'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-people-'));
  scope.onClose(() => rmSync(folder, { recursive: true, force: true }));
  const secret = (name: string, value: string): string => {
    writeFileSync(join(folder, name), `${value}\n`);
    return `{ file: ${JSON.stringify(join(folder, name))} }`;
  };
  return `slack: { mode: socket, botToken: ${secret('bot', 'xoxb-bench')}, appToken: ${secret('app', 'xapp-bench')}, channel: '#dr', apiUrl: ${slack} }
pagerduty: { routingKey: ${secret('pd', 'e93facc04764012d7bfb002500d5d1a6')}, eventsUrl: ${pagerduty} }
`;
}
