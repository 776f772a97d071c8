import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startOnFreePorts } from './free-port.ts';
import type { Line } from './line.ts';
import { type Program, startProgram } from './program.ts';
import { rewrite } from './rewrite.ts';
import { ROOT, type Stage } from './stage.ts';
import { until } from './until.ts';

/** One Alertmanager of Debian, with the configuration that we ship, at its own pace. */
export type Alertmanager = {
  readonly program: Program;
  readonly url: string;
  readonly port: number;
  /** Where its peers find it; empty where it has none. */
  readonly clusterAddress: string;
  readonly post: (alerts: readonly SentAlert[]) => Promise<void>;
};

/** What is sent to it. `endsAtMs` in the past: it is over. */
export type SentAlert = { readonly labels: { readonly [name: string]: string }; readonly startsAtMs: number; readonly endsAtMs: number };

export type AlertmanagerOptions = {
  readonly name?: string;
  readonly line: Line;
  readonly tokenFile: string;
  /** Together with other peers. `peers` are those that are there already. */
  readonly peers?: readonly string[];
  readonly maxAlerts?: number;
  readonly groupWait?: string;
};

/** The file we ship, with our address and token, and minutes made seconds. */
function configuration({ line, tokenFile, maxAlerts = 500, groupWait = '0s' }: AlertmanagerOptions): string {
  return rewrite(readFileSync(join(ROOT, 'deploy', 'alertmanager.yml'), 'utf8'), [
    ['http://salvor.salvor.svc:8080/', `http://127.0.0.1:${line.port}/`],
    ['/etc/alertmanager/secrets/salvor/token', tokenFile],
    ['max_alerts: 500', `max_alerts: ${maxAlerts}`],
    ['group_wait: 10s', `group_wait: ${groupWait}`],
    ['group_interval: 1m', 'group_interval: 2s'],
  ]);
}

/** Each start has an empty memory: as after a restart that lost its disk. */
export async function startAlertmanager(stage: Stage, options: AlertmanagerOptions): Promise<Alertmanager> {
  const { name = 'alertmanager', peers } = options;
  const file = stage.write(`${name}.yml`, configuration(options));
  let clusterAddress = '';
  const { program, ports } = await startOnFreePorts(
    ([port = 0, clusterPort = 0]) => {
      clusterAddress = peers === undefined ? '' : `127.0.0.1:${clusterPort}`;
      const cluster =
        peers === undefined
          ? []
          : [
              `--cluster.advertise-address=${clusterAddress}`,
              '--cluster.settle-timeout=1s',
              '--cluster.peer-timeout=1s',
              ...peers.map((peer) => `--cluster.peer=${peer}`),
            ];
      const url = `http://127.0.0.1:${port}`;
      const args = [
        `--config.file=${file}`,
        `--storage.path=${stage.makeFolder(`${name}-${port}`)}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--cluster.listen-address=${clusterAddress}`,
        '--log.level=debug',
        ...cluster,
      ];
      return { program: startProgram(name, 'prometheus-alertmanager', args), readyUrl: `${url}/-/ready` };
    },
    { ports: 2 },
  );
  stage.watch(program);
  const [port = 0] = ports;
  const url = `http://127.0.0.1:${port}`;
  return {
    program,
    url,
    port,
    clusterAddress,
    async post(alerts) {
      const body = alerts.map(({ labels, startsAtMs, endsAtMs }) => ({
        labels,
        annotations: { summary: 'The last backup failed' },
        startsAt: new Date(startsAtMs).toISOString(),
        endsAt: new Date(endsAtMs).toISOString(),
      }));
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
      if (!response.ok) throw new Error(`Alertmanager answers ${response.status}: ${await response.text()}`);
    },
  };
}

const Status = z.object({ cluster: z.object({ status: z.string(), peers: z.array(z.unknown()) }) });

/** Until both know each other, and have settled who is first. */
export async function untilPaired(pair: readonly Alertmanager[]): Promise<void> {
  for (const { url } of pair) {
    await until('the Alertmanagers know each other', async () => {
      const { cluster } = Status.parse(await (await fetch(`${url}/api/v2/status`)).json());
      return cluster.status === 'ready' && cluster.peers.length === pair.length;
    });
  }
}

const HOUR_MS = 3_600_000;

/** VeleroBackupFailed of one schedule, as our rule and Prometheus make it. */
export function backupFailed(schedule: string, { endsAtMs = Date.now() + HOUR_MS, startsAtMs = Date.now() - 60_000 } = {}): SentAlert {
  return { labels: { alertname: 'VeleroBackupFailed', cluster: 'prod', schedule, severity: 'critical' }, startsAtMs, endsAtMs };
}
