import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Alertmanager } from './alertmanager.ts';
import type { Exporter } from './exporter.ts';
import { startOnFreePorts } from './free-port.ts';
import { type Program, startProgram } from './program.ts';
import { rewrite } from './rewrite.ts';
import { ROOT, type Stage } from './stage.ts';
import { until } from './until.ts';

export type Prometheus = {
  readonly program: Program;
  readonly url: string;
  /** The value of an instant query with one result; undefined where it has none. */
  readonly value: (query: string) => Promise<number | undefined>;
  /** Names and schedules of the alerts that fire. */
  readonly firing: () => Promise<readonly string[]>;
};

const Alerts = z.object({ data: z.object({ alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()) })) }) });
const Vector = z.object({ data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) });
const Managers = z.object({ data: z.object({ activeAlertmanagers: z.array(z.unknown()) }) });

/** How far a rule looks back here, in place of an hour: long enough for the second try, short enough to see the alert resolve by itself. */
const WINDOW = '30s';

/** What a backup may take here, in place of an hour: the shortest that Velero's histogram tells apart. */
const SLOW_S = 60;

type Watched = {
  readonly velero: { readonly host: string; readonly path: string };
  /** What tells how full the storage is, where it is to be watched. */
  readonly storage?: Exporter;
  /** What says of Deployments and DaemonSets what kube-state-metrics says. */
  readonly states?: Exporter;
  readonly alertmanager: Alertmanager;
};

const shipped = (file: string): string => readFileSync(join(ROOT, 'deploy', 'rules', file), 'utf8');

/** Prometheus of Debian with the rules that we ship, their days, hours and minutes made seconds; scrapes one Velero each second. */
export async function startPrometheus(stage: Stage, { velero, storage, states, alertmanager }: Watched): Promise<Prometheus> {
  const rules = rewrite(shipped('velero.yml'), [
    ['[1h]', `[${WINDOW}]`],
    ['[1d]', `[${WINDOW}]`],
    ['offset 1d', `offset ${WINDOW}`],
    ['[2h]', `[${WINDOW}]`],
    ['3600([.]0)?', `${SLOW_S}([.]0)?`],
    ['for: 15m', 'for: 20s'],
    ['for: 10m', 'for: 5s'],
  ]);
  const files = [
    stage.write('rules.yml', rules),
    ...(storage === undefined ? [] : [stage.write('storage.yml', rewrite(shipped('storage.yml'), [['for: 5m', 'for: 2s']]))]),
  ];
  const others = Object.entries({ minio: storage, 'kube-state-metrics': states }).flatMap(([job, exporter]) =>
    exporter === undefined ? [] : [`  - { job_name: ${job}, static_configs: [{ targets: [${JSON.stringify(exporter.host)}] }] }\n`],
  );
  const file = stage.write(
    'prometheus.yml',
    `global: { scrape_interval: 1s, evaluation_interval: 1s, external_labels: { cluster: prod } }
rule_files: ${JSON.stringify(files)}
scrape_configs:
  - job_name: velero
    metrics_path: ${velero.path}
    static_configs: [{ targets: [${JSON.stringify(velero.host)}] }]
${others.join('')}alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:${alertmanager.port}'] }] }] }
`,
  );
  const { program, ports } = await startOnFreePorts(([port = 0]) => {
    const args = [
      `--config.file=${file}`,
      `--storage.tsdb.path=${stage.makeFolder(`prometheus-${port}`)}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--rules.alert.resend-delay=5s',
    ];
    return { program: startProgram('prometheus', 'prometheus', args), readyUrl: `http://127.0.0.1:${port}/-/ready` };
  });
  stage.watch(program);
  const url = `http://127.0.0.1:${ports[0]}`;
  const ask = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => schema.parse(await (await fetch(`${url}${path}`)).json());
  await until('Prometheus knows its Alertmanager', async () => {
    const { data } = await ask('/api/v1/alertmanagers', Managers);
    return data.activeAlertmanagers.length === 1;
  });
  return {
    program,
    url,
    async value(query) {
      const { data } = await ask(`/api/v1/query?query=${encodeURIComponent(query)}`, Vector);
      const [only] = data.result;
      return only === undefined ? undefined : Number(only.value[1]);
    },
    async firing() {
      const { data } = await ask('/api/v1/alerts', Alerts);
      return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => `${labels['alertname']}/${labels['schedule'] ?? ''}`);
    },
  };
}
