import { systemClock } from '../../../src/port/clock.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { serveWorld } from '../../../src/world/http.ts';
import { kubeconfig } from '../../../src/world/kubeconfig.ts';
import { type SimulatedWorld, simulatedWorld, type WorldScenario } from '../../../src/world/world.ts';
import type { Stage } from './stage.ts';

/** The simulated cluster with Velero, over HTTP, in real time. */
export type TestCluster = {
  readonly world: SimulatedWorld;
  readonly kubeconfigFile: string;
  readonly metrics: { readonly host: string; readonly path: string };
  /** Base address of the simulated PagerDuty. */
  readonly pagerduty: string;
  /** Base address of the simulated Slack's Web API. */
  readonly slack: string;
  /** The backups that Salvor made. */
  readonly retries: () => readonly string[];
};

const HOUR_MS = 3_600_000;

/** A cron that came round an hour ago, so that no scheduled backup is due while a test runs, whenever it runs. */
export function anHourAgo(): string {
  return dailyAt(Date.now() - HOUR_MS);
}

/** A cron that comes round in an hour. */
export function inAnHour(): string {
  return dailyAt(Date.now() + HOUR_MS);
}

function dailyAt(atMs: number): string {
  const then = new Date(atMs);
  return `${then.getUTCMinutes()} ${then.getUTCHours()} * * *`;
}

/** The night before, for each of these schedules: a good backup, and one that failed because a connection was reset. The next one works. */
export function failedNight(schedules: readonly string[]): WorldScenario {
  return {
    namespaces: ['shop'],
    schedules: schedules.map((name) => ({ name, cron: anHourAgo(), template: { includedNamespaces: ['shop'] } })),
    backups: schedules.flatMap((name) => [
      { name: `${name}-before`, schedule: name, phase: 'Completed' as const, ago: '25h', items: 210, volumes: 3 },
      { name: `${name}-tonight`, schedule: name, phase: 'Failed' as const, reason: 'connection-reset' as const, ago: '58m' },
    ]),
    next: schedules.map((schedule) => ({ outcome: 'completed' as const, schedule, items: 214, volumes: 3, takes: '2s' })),
  };
}

export async function openCluster(stage: Stage, scenario: WorldScenario): Promise<TestCluster> {
  const world = simulatedWorld({ clock: systemClock, ids: systemIds, clusters: [{ name: 'prod', scenario }] });
  const served = await serveWorld(world);
  stage.onClose(() => served.close());
  const { host } = new URL(served.url);
  return {
    world,
    kubeconfigFile: stage.write('kubeconfig', kubeconfig({ url: served.url, cluster: 'prod' })),
    metrics: { host, path: '/metrics' },
    pagerduty: served.pagerdutyUrl,
    slack: `${served.slackUrl}/api/`,
    retries: () => world.writes().filter((line) => /^create Backup\/velero\/.*-retry-/.test(line)),
  };
}
