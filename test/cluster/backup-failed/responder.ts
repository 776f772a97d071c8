import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../../src/model/digest.ts';
import type { RunView } from '../../../src/port/view/run.ts';
import { openSite, type Salvor, type SiteOptions } from '../../e2e/stage/salvor.ts';
import { openStage, ROOT } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Cluster } from '../cluster.ts';

/** Salvor as it is served, beside a real cluster: alerts come in as Alertmanager posts them, and it is looked at as people do. */
export type Responder = Pick<Salvor, 'api' | 'as' | 'operationsUrl' | 'program'> & {
  /** VeleroBackupFailed of these schedules, as one group. */
  readonly alert: (schedules: readonly string[], status?: 'firing' | 'resolved') => Promise<void>;
  /** The run for a schedule, once it is in one of these states; a run that ends otherwise is told at once. */
  readonly run: (schedule: string, ...states: readonly RunView['state'][]) => Promise<RunView>;
  /** What people read of an incident's life, line by line. */
  readonly told: (run: Pick<RunView, 'incident'>) => Promise<readonly string[]>;
};

const Body = z.looseObject({
  alerts: z.tuple([z.looseObject({ labels: z.record(z.string(), z.string()) })]),
  commonLabels: z.record(z.string(), z.string()),
});
/** Exactly as Alertmanager 0.33.1 posted it once; the schedule, the cluster and the times are ours. */
const CAPTURED = readFileSync(join(ROOT, 'test', 'fixtures', 'alertmanager', 'v0.33.1', 'by-alertname', 'VeleroBackupFailed.json'), 'utf8');
const OPEN = new Set<RunView['state']>(['queued', 'diagnosing', 'waiting', 'proposed', 'executing', 'verifying', 'closing']);

export async function openResponder(cluster: Cluster, options: SiteOptions = {}): Promise<Responder> {
  const stage = openStage();
  const site = await openSite(stage, { kubeconfigFile: cluster.kubeconfig }, options);
  const { api, as, operationsUrl, program, url } = await site.start();
  const [token = ''] = site.secrets;
  const startsAtMs = Date.now();
  return {
    api,
    as,
    operationsUrl,
    program,
    async alert(schedules, status = 'firing') {
      const response = await fetch(`${url}/api/v1/alertmanager`, {
        method: 'POST',
        body: alertBody({ schedules, status, startsAtMs }),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      });
      if (response.status !== 200) throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
    },
    async run(schedule, ...states) {
      const found = await until(
        `the run for ${schedule} is ${states.join(' or ')}`,
        async () => {
          const run = (await api.runs()).find(({ target }) => target === schedule);
          return run !== undefined && (states.includes(run.state) || !OPEN.has(run.state)) ? run : undefined;
        },
        { withinMs: 120_000, everyMs: 200 },
      );
      if (!states.includes(found.state)) throw new Error(`the run for ${schedule} ended ${found.state}: ${found.end ?? 'without a reason'}`);
      return found;
    },
    async told({ incident }) {
      const found = (await api.incidents()).find(({ id }) => incident.includes(id));
      return (found?.timeline ?? []).flatMap(({ text }) => (text === undefined || text === '' ? [] : [text]));
    },
  };
}

type Group = { readonly schedules: readonly string[]; readonly status: 'firing' | 'resolved'; readonly startsAtMs: number };

function alertBody({ schedules, status, startsAtMs }: Group): string {
  const body = Body.parse(JSON.parse(CAPTURED));
  const [alert] = body.alerts;
  const alerts = schedules.map((schedule) => ({
    ...alert,
    status,
    labels: { ...alert.labels, cluster: 'prod', schedule },
    fingerprint: sha256(schedule).slice(0, 16),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: status === 'resolved' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
  }));
  return JSON.stringify({ ...body, status, alerts, commonLabels: { ...body.commonLabels, cluster: 'prod' } });
}
