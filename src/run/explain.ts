import { requirementFor } from '../approval/require.ts';
import { admitWrite } from '../gate/admit.ts';
import { readWebhook } from '../ingest/alertmanager.ts';
import type { Alert } from '../model/alert.ts';
import { errorText, SalvorError } from '../model/error.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { changeJson } from '../model/plan.ts';
import { isAwait, isSteps, type Playbook } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import type { Route } from '../route/choose.ts';
import { explain as explainRoute } from '../route/explain.ts';
import { dryRun } from './dry-run.ts';
import type { Engine } from './engine.ts';
import { type Intake, routeContext } from './intake.ts';
import { stoppedByHand } from './pauses.ts';

type Asking = {
  readonly intake: Pick<Intake, 'catalog' | 'clusters' | 'policy' | 'watchdog' | 'store'>;
  /** Where clusters can be asked: what would be sent is planned, too. */
  readonly engine?: Engine;
};

/**
 * What would happen to the alerts of a webhook body at a moment: the playbook chosen, why the others were not, gates as they stand, who would
 * approve, what would be sent. Reads only.
 */
export async function explainBody({ intake, engine }: Asking, { body, atMs }: { readonly body: Json; readonly atMs: number }): Promise<JsonObject> {
  if (!isObject(body)) throw new SalvorError('request.invalid', 'Expected a body as Alertmanager posts it: a JSON object with version "4" and alerts');
  const clusters = intake.clusters().map(({ name }) => name);
  const fallback = intake.clusters().find(({ isDefault }) => isDefault === true)?.name ?? clusters[0];
  const webhook = { sender: 'explain', clusters: ['*'], receivedMs: atMs, body: JSON.stringify(body), alerts: 0 };
  const read = readWebhook(webhook, { clusters, ...(fallback === undefined ? {} : { fallback }) });
  const alerts: JsonObject[] = [];
  for (const alert of read.alerts) alerts.push(await explainAlert({ intake, ...(engine === undefined ? {} : { engine }) }, alert, atMs));
  return {
    at: new Date(atMs).toISOString(),
    alerts,
    quarantined: read.quarantined.map(({ reason, excerpt }) => ({ reason, excerpt: excerpt.slice(0, 200) })),
    truncated: read.truncated,
  };
}

async function explainAlert({ intake, engine }: Asking, alert: Alert, atMs: number): Promise<JsonObject> {
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
        ...(await whatFollows({ intake, ...(engine === undefined ? {} : { engine }) }, { alert, route: routed, atMs })),
      };
  }
}

type Following = { readonly alert: Alert; readonly route: Route; readonly atMs: number };

async function whatFollows({ intake, engine }: Asking, { alert, route, atMs }: Following): Promise<JsonObject> {
  const { playbook, target } = route;
  const policy = intake.policy();
  const stopped = await stoppedByHand(intake.store, alert.cluster, playbook.id);
  const gate = admitWrite({ run: { id: '', playbook: playbook.id }, cluster: alert.cluster, nowMs: atMs, policy, ...stopped, undo: false });
  const gates =
    gate.kind === 'hold'
      ? [{ gate: gate.gate, reason: gate.reason, until: gate.untilMs === undefined ? undefined : new Date(gate.untilMs).toISOString() }]
      : [];
  const planned = engine === undefined || target === undefined ? undefined : await plannedBy(engine, { alert, route, target, atMs });
  return { gates, approvals: approvalsOf(playbook, policy), ...(planned === undefined ? {} : { dryRun: planned }) };
}

/** Who would approve each stage, if all of its actions write. */
function approvalsOf(playbook: Playbook, policy: Policy): readonly JsonObject[] {
  return playbook.stages.map((stage) => {
    if (isAwait(stage)) return { stage: stage.id, waits: stage.await.action };
    if (!isSteps(stage)) return { stage: stage.id, asks: stage.ask.text, role: stage.ask.role };
    const steps = stage.steps.map(({ id, action }) => ({
      step: id,
      action,
      cluster: '',
      params: {},
      stepKey: '',
      risk: 'reversible' as const,
      summary: '',
      changes: [{ verb: 'patch' as const, object: '' }],
      undo: [],
      facts: {},
    }));
    const requirement = requirementFor({
      plan: { risk: 'reversible', steps },
      playbook: playbook.id,
      stageApproval: stage.approval,
      policy,
      targetWord: '',
      nowMs: 0,
    });
    const words =
      requirement.kind === 'people'
        ? requirement.words
        : requirement.kind === 'hold'
          ? requirement.reason
          : requirement.kind === 'auto'
            ? 'automatic, within its limit'
            : 'nobody';
    return { stage: stage.id, actions: stage.steps.map(({ action }) => action), needs: words };
  });
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
