import { readWebhook } from '../ingest/alertmanager.ts';
import type { Alert } from '../model/alert.ts';
import { errorText, SalvorError } from '../model/error.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { changeJson } from '../model/plan.ts';
import type { Route } from '../route/choose.ts';
import { explain as explainRoute } from '../route/explain.ts';
import { dryRun } from './dry-run.ts';
import type { Engine } from './engine.ts';
import { gatesOf } from './gates-now.ts';
import { type Intake, routeContext } from './intake.ts';
import { whoApproves } from './who-approves.ts';

type Asking = {
  readonly intake: Pick<Intake, 'catalog' | 'clusters' | 'policy' | 'watchdog' | 'store'>;
  readonly actions: Engine['actions'];
  /** Where clusters can be asked: what would be sent is planned, too. */
  readonly engine?: Engine;
};

/**
 * What would happen to the alerts of a webhook body at a moment: the playbook chosen, why the others were not, gates as they stand, who would
 * approve, what would be sent. Reads only.
 */
export async function explainBody(asking: Asking, { body, atMs }: { readonly body: Json; readonly atMs: number }): Promise<JsonObject> {
  const { intake } = asking;
  if (!isObject(body)) throw new SalvorError('request.invalid', 'Expected a body as Alertmanager posts it: a JSON object with version "4" and alerts');
  const clusters = intake.clusters().map(({ name }) => name);
  const fallback = intake.clusters().find(({ isDefault }) => isDefault === true)?.name ?? clusters[0];
  const webhook = { sender: 'explain', clusters: ['*'], receivedMs: atMs, body: JSON.stringify(body), alerts: 0 };
  const read = readWebhook(webhook, { clusters, ...(fallback === undefined ? {} : { fallback }) });
  const alerts: JsonObject[] = [];
  for (const alert of read.alerts) alerts.push(await explainAlert(asking, alert, atMs));
  return {
    at: new Date(atMs).toISOString(),
    alerts,
    quarantined: read.quarantined.map(({ reason, excerpt }) => ({ reason, excerpt: excerpt.slice(0, 200) })),
    truncated: read.truncated,
  };
}

async function explainAlert(asking: Asking, alert: Alert, atMs: number): Promise<JsonObject> {
  const { intake } = asking;
  const { routed, playbooks } = explainRoute(alert, intake.catalog(), routeContext(intake));
  const about = {
    alert: alert.name,
    cluster: alert.cluster,
    status: alert.status,
    labels: alert.labels.map(([name, value]) => [name, value]),
    others: playbooks.filter((one) => routed.kind !== 'route' || one.playbook !== routed.playbook.id).map(({ playbook, why }) => ({ playbook, why })),
  };
  switch (routed.kind) {
    case 'heartbeat':
      return { ...about, answer: 'heartbeat', why: 'it is the Watchdog: that it comes is the news' };
    case 'unrouted':
      return { ...about, answer: routed.answer, why: routed.why };
    case 'hand-over':
      return { ...about, answer: 'hand-over', playbook: routed.playbook.id, why: `${routed.why}; ${routed.reason}` };
    case 'route':
      return {
        ...about,
        answer: 'run',
        playbook: routed.playbook.id,
        why: routed.why,
        target: routed.target?.value,
        params: routed.params,
        ...(await whatFollows(asking, { alert, route: routed, atMs })),
      };
  }
}

type Following = { readonly alert: Alert; readonly route: Route; readonly atMs: number };

async function whatFollows({ intake, actions, engine }: Asking, { alert, route, atMs }: Following): Promise<JsonObject> {
  const { playbook, target } = route;
  const gates = await gatesOf(intake, { playbook: playbook.id, cluster: alert.cluster, atMs });
  const planned = engine === undefined || target === undefined ? undefined : await plannedBy(engine, { alert, route, target, atMs });
  const approvals = [...whoApproves(playbook, { policy: intake.policy(), actions, nowMs: atMs })];
  return { gates: [...gates], approvals, ...(planned === undefined ? {} : { dryRun: planned }) };
}

type Planning = Following & { readonly target: NonNullable<Route['target']> };

async function plannedBy(engine: Engine, { alert, route, target, atMs }: Planning): Promise<JsonObject> {
  const start = { by: 'alert', episode: '', labels: alert.labels, startsAtMs: alert.startsAtMs, receivedMs: atMs } as const;
  try {
    const { finding, evidence, plan } = await dryRun(engine, {
      playbook: route.playbook,
      cluster: alert.cluster,
      target,
      locks: route.locks,
      params: route.params,
      found: {},
      incident: '',
      start,
      nowMs: atMs,
      repeatIntervalMs: 0,
    });
    const changes = plan?.steps.flatMap((step) => step.changes.map(changeJson)) ?? [];
    return { finding: finding.kind, reason: finding.reason, evidence: [...evidence], changes };
  } catch (error) {
    return { finding: 'unknown', reason: errorText(error) };
  }
}
