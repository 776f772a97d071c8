import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clocks } from '../model/clocks.ts';
import type { Entry } from '../model/entry.ts';
import type { Run } from '../model/run.ts';
import type { Gauges } from '../port/gauges.ts';

export type MetricsDeps = {
  readonly version: string;
  /** What is read from the store whenever Prometheus asks. */
  readonly gauges?: () => Promise<Gauges>;
  /** Settings of the store by which it may lose what it acknowledged. */
  readonly storeRisks?: number;
  /** Told when the gauges could not be read; the rest is answered anyway. */
  readonly failed?: (error: unknown) => void;
};

/** What can become of an alert. */
export type AlertOutcome = 'accepted' | 'handled' | 'quarantined' | 'refused';

/** What can become of one request of Alertmanager; `late` to `draining` are 503: it sends again. */
export type RequestOutcome = (typeof REQUESTS)[number];
const REQUESTS = ['accepted', 'unauthorized', 'refused', 'late', 'crowded', 'full', 'unavailable', 'draining', 'gone'] as const;

/** Every metric, counted from what happened. Labels are of fixed sets or of the configuration; no text of an alert becomes one. */
export type SalvorMetrics = {
  alerts(outcome: AlertOutcome, count: number): void;
  /** One request: how long until its durable answer, and what became of it. */
  webhook(durationMs: number, outcome: RequestOutcome): void;
  /** Journal lines of a run that became durable. */
  entries(run: Pick<Run, 'steps'>, entries: readonly Pick<Entry, 'type' | 'data'>[]): void;
  /** Where the time of an ended run went. */
  runEnded(playbook: string, clocks: Clocks): void;
  commit(durationMs: number, kind: 'done' | 'fenced' | 'conflict' | 'full' | 'failed'): void;
  text(): Promise<{ readonly contentType: string; readonly text: string }>;
};

const APPROVALS: ReadonlyMap<string, string> = new Map([
  ['approval.granted', 'granted'],
  ['approval.rejected', 'rejected'],
  ['approval.expired', 'expired'],
  ['approval.refused', 'refused'],
  ['approval.escalated', 'escalated'],
  ['approval.widened', 'widened'],
  ['approval.glass-broken', 'glass-broken'],
  ['run.voided', 'voided'],
]);

const STEPS: ReadonlyMap<string, string> = new Map([
  ['step.done', 'done'],
  ['step.failed', 'failed'],
  ['step.unknown', 'unknown'],
  ['undo.done', 'undone'],
  ['undo.impossible', 'not-undone'],
  ['undo.failed', 'undo-failed'],
  ['undo.written-off', 'written-off'],
]);

const MEASURED = ['detect', 'decide', 'act', 'prove'] as const;

export function createMetrics({ version, gauges, storeRisks = 0, failed = () => {} }: MetricsDeps): SalvorMetrics {
  const registry = new Registry();
  const registers = [registry];
  const alerts = new Counter({
    name: 'salvor_alerts_total',
    help: 'Alerts by what became of them; the exact account is the ledger.',
    labelNames: ['outcome'],
    registers,
  });
  const webhook = new Histogram({
    name: 'salvor_webhook_duration_seconds',
    help: 'From a request of Alertmanager to its durable answer.',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const webhooks = new Counter({
    name: 'salvor_webhooks_total',
    help: 'Requests of Alertmanager by what became of them; late, crowded (more than the store takes in time), full, unavailable and draining were answered 503.',
    labelNames: ['outcome'],
    registers,
  });
  const inboxPending = new Gauge({ name: 'salvor_inbox_pending', help: 'Alerts that are stored and not handled yet.', registers });
  const inboxOldest = new Gauge({ name: 'salvor_inbox_oldest_seconds', help: 'Age of the oldest webhook in the inbox.', registers });
  const runs = new Gauge({ name: 'salvor_runs', help: 'Open runs.', labelNames: ['state', 'held'], registers });
  const overdue = new Gauge({
    name: 'salvor_run_overdue_seconds',
    help: 'How long the open run that is due longest has waited for somebody to drive it.',
    registers,
  });
  const runDuration = new Histogram({
    name: 'salvor_run_duration_seconds',
    help: 'Where the time of ended runs went; waiting for people is not in it.',
    labelNames: ['playbook', 'phase'],
    buckets: [1, 5, 15, 60, 300, 900, 1800, 3600, 14_400, 86_400],
    registers,
  });
  const steps = new Counter({ name: 'salvor_steps_total', help: 'Steps by action and outcome.', labelNames: ['action', 'outcome'], registers });
  const holds = new Counter({ name: 'salvor_holds_total', help: 'Times that a gate began to hold a run.', labelNames: ['gate'], registers });
  const approvals = new Counter({ name: 'salvor_approvals_total', help: 'Approvals by outcome.', labelNames: ['outcome'], registers });
  const fenced = new Counter({ name: 'salvor_fenced_total', help: 'Commits of a holder that had lost its lease.', registers });
  const outboxPending = new Gauge({ name: 'salvor_outbox_pending', help: 'Messages that are not delivered yet.', labelNames: ['to'], registers });
  const outboxOldest = new Gauge({
    name: 'salvor_outbox_oldest_seconds',
    help: 'Age of the oldest message that is not delivered yet.',
    labelNames: ['to'],
    registers,
  });
  const commits = new Histogram({
    name: 'salvor_store_commit_seconds',
    help: 'Until a commit is durable.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const storeUp = new Gauge({
    name: 'salvor_store_up',
    help: 'Whether the store answered just now; 0: what is counted in it is of an earlier moment.',
    registers,
  });
  // It is shown once there is a copy: a gauge of prom-client begins at 0, which would mean a fresh one.
  const backup = new Gauge({ name: 'salvor_store_backup_age_seconds', help: 'Since a running server last copied the store.', registers: [] });
  const watchdog = new Gauge({ name: 'salvor_watchdog_age_seconds', help: 'Since the last Watchdog of a cluster.', labelNames: ['cluster'], registers });
  const build = new Gauge({ name: 'salvor_build_info', help: 'The version that runs.', labelNames: ['version'], registers });

  const risks = new Gauge({
    name: 'salvor_store_risks',
    help: 'Settings of Redis by which the store may lose what it acknowledged, allowed by store.allowUnsafe.',
    registers,
  });

  build.set({ version }, 1);
  risks.set(storeRisks);
  // A counter that begins at zero tells the first increase from no series.
  for (const outcome of ['accepted', 'handled', 'quarantined', 'refused']) alerts.inc({ outcome }, 0);
  for (const outcome of REQUESTS) webhooks.inc({ outcome }, 0);
  for (const outcome of APPROVALS.values()) approvals.inc({ outcome }, 0);

  const show = (read: Gauges): void => {
    inboxPending.set(read.inboxPending);
    inboxOldest.set(read.inboxOldestMs / 1000);
    overdue.set(read.runsOverdueMs / 1000);
    // What is gone since the last look must not stay.
    for (const gauge of [runs, outboxPending, outboxOldest, watchdog]) gauge.reset();
    for (const { state, held, count } of read.runs) runs.set({ state, held: String(held) }, count);
    for (const { to, pending, oldestMs } of read.outbox) {
      outboxPending.set({ to }, pending);
      outboxOldest.set({ to }, oldestMs / 1000);
    }
    if (read.storeBackupAgeMs !== undefined) {
      backup.set(read.storeBackupAgeMs / 1000);
      registry.registerMetric(backup);
    }
    for (const { cluster, ageMs } of read.watchdogs) watchdog.set({ cluster }, ageMs / 1000);
  };

  return {
    alerts: (outcome, count) => alerts.inc({ outcome }, count),
    webhook(durationMs, outcome) {
      webhook.observe(durationMs / 1000);
      webhooks.inc({ outcome });
    },
    entries(run, entries) {
      for (const { type, data } of entries) {
        const approval = APPROVALS.get(type);
        if (approval !== undefined) approvals.inc({ outcome: approval });
        if (type === 'run.held' && typeof data['gate'] === 'string') holds.inc({ gate: data['gate'] });
        const outcome = STEPS.get(type);
        if (outcome !== undefined) steps.inc({ action: actionOf(run, data['step']), outcome });
      }
    },
    runEnded(playbook, clocks) {
      for (const phase of MEASURED) runDuration.observe({ playbook, phase }, clocks[phase] / 1000);
    },
    commit(durationMs, kind) {
      commits.observe(durationMs / 1000);
      if (kind === 'fenced') fenced.inc();
    },
    async text() {
      try {
        const read = await gauges?.();
        if (read !== undefined) show(read);
        storeUp.set(1);
      } catch (error) {
        storeUp.set(0);
        failed(error);
      }
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function actionOf({ steps }: Pick<Run, 'steps'>, step: unknown): string {
  return steps.findLast((one) => one.step === step)?.planned.action ?? 'unknown';
}
