/** The Grafana dashboard: what an operator looks at first is on top. */
type Panel = {
  readonly title: string;
  readonly description: string;
  readonly type: 'timeseries' | 'stat';
  readonly unit: 's' | 'short' | 'reqps' | 'percentunit';
  /** Expression and legend. */
  readonly shows: readonly (readonly [expr: string, legend: string])[];
  /** From this value on it is red. */
  readonly red?: number;
};
type Row = { readonly title: string; readonly panels: readonly Panel[] };

const AT = 'namespace=~"$namespace"';
/** Replicas that share a Redis show the same gauges. */
const most = (metric: string, by = 'namespace', matchers = ''): string => `max by (${by}) (${metric}{${AT}${matchers}})`;
const rate = (metric: string, by: string, matchers = ''): string => `sum by (${by}) (rate(${metric}{${AT}${matchers}}[$__rate_interval]))`;
const quantile = (q: number, metric: string, by = ''): string => `histogram_quantile(${q}, sum by (le${by}) (rate(${metric}_bucket{${AT}}[$__rate_interval])))`;

const ROWS: readonly Row[] = [
  {
    title: 'Is it well?',
    panels: [
      stat('Alerts waiting', 'Stored, and not taken up yet.', 'short', [[most('salvor_inbox_pending'), '']], 1000),
      stat('Oldest alert', 'How long it has waited.', 's', [[most('salvor_inbox_oldest_seconds'), '']], 60),
      stat('Run overdue', 'Should have gone on so long ago.', 's', [[most('salvor_run_overdue_seconds'), '']], 60),
      stat('Runs held', 'By a pause, a freeze, a window, a lock or the blast radius.', 'short', [
        [`sum by (namespace) (${most('salvor_runs', 'namespace, state', ',held="true"')})`, ''],
      ]),
      stat('Oldest page', 'Not delivered to PagerDuty yet.', 's', [[most('salvor_outbox_oldest_seconds', 'namespace', ',to="pager"'), '']], 120),
      stat('Watchdog', 'Since the last one, by cluster.', 's', [[most('salvor_watchdog_age_seconds', 'cluster'), '{{cluster}}']], 300),
      stat('Copy of the store', 'Since a server last made one.', 's', [[`min by (namespace) (salvor_store_backup_age_seconds{${AT}})`, '']], 93_600),
      stat('Version', 'What runs.', 'short', [[`count by (version) (salvor_build_info{${AT}})`, '{{version}}']]),
    ],
  },
  {
    title: 'Alerts in',
    panels: [
      graph('Requests of Alertmanager', 'By what became of them: full, unavailable and draining are sent again.', 'reqps', [
        [rate('salvor_webhooks_total', 'outcome'), '{{outcome}}'],
      ]),
      graph('Alerts', 'By what became of them.', 'reqps', [[rate('salvor_alerts_total', 'outcome'), '{{outcome}}']]),
      graph('Until the durable answer', 'From a request to its 200.', 's', [
        [quantile(0.5, 'salvor_webhook_duration_seconds'), 'half'],
        [quantile(0.99, 'salvor_webhook_duration_seconds'), '99 of 100'],
      ]),
    ],
  },
  {
    title: 'Runs',
    panels: [
      graph('Open runs', 'By state.', 'short', [[`sum by (state) (${most('salvor_runs', 'namespace, state, held')})`, '{{state}}']]),
      graph('Steps', 'By outcome.', 'reqps', [[rate('salvor_steps_total', 'outcome'), '{{outcome}}']]),
      graph('Approvals', 'By outcome.', 'reqps', [[rate('salvor_approvals_total', 'outcome'), '{{outcome}}']]),
      graph('Holds', 'By the gate that began to hold.', 'reqps', [[rate('salvor_holds_total', 'gate'), '{{gate}}']]),
      graph('Where the time goes', 'Half of the ended runs were faster, by phase.', 's', [
        [quantile(0.5, 'salvor_run_duration_seconds', ', phase'), '{{phase}}'],
      ]),
      graph('Commits after a lost lease', 'Refused: nothing is done twice.', 'reqps', [[rate('salvor_fenced_total', 'namespace'), '{{namespace}}']]),
    ],
  },
  {
    title: 'Messages and store',
    panels: [
      graph('Messages waiting', 'For Slack and PagerDuty.', 'short', [[most('salvor_outbox_pending', 'to'), '{{to}}']]),
      graph('Commits', 'Until they are durable.', 's', [
        [quantile(0.5, 'salvor_store_commit_seconds'), 'half'],
        [quantile(0.99, 'salvor_store_commit_seconds'), '99 of 100'],
      ]),
      graph('Store', 'Answers (1 or 0); settings by which Redis may lose something.', 'short', [
        [`min by (namespace) (salvor_store_up{${AT}})`, 'answers'],
        [most('salvor_store_risks'), 'risks'],
      ]),
    ],
  },
];

function stat(title: string, description: string, ...[unit, shows, red]: [Panel['unit'], Panel['shows'], number?]): Panel {
  return { title, description, type: 'stat', unit, shows, ...(red === undefined ? {} : { red }) };
}

function graph(title: string, description: string, ...[unit, shows]: [Panel['unit'], Panel['shows']]): Panel {
  return { title, description, type: 'timeseries', unit, shows };
}

const WIDTH = 24;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** `dashboard.json` */
export function dashboard(): string {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: shown } of ROWS) {
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 }, panels: [] });
    y += 1;
    const perLine = shown[0]?.type === 'stat' ? 8 : 3;
    const [w, h] = [WIDTH / perLine, shown[0]?.type === 'stat' ? 4 : 8];
    for (const [index, panel] of shown.entries()) {
      const gridPos = { x: (index % perLine) * w, y: y + Math.floor(index / perLine) * h, w, h };
      panels.push({ id: panels.length + 1, gridPos, ...shownAs(panel) });
    }
    y += Math.ceil(shown.length / perLine) * h;
  }
  const board = {
    uid: 'salvor',
    title: 'Salvor',
    description: 'Made by scripts/generate-docs.ts; edits are lost.',
    tags: ['salvor'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        {
          name: 'namespace',
          type: 'query',
          label: 'Namespace',
          datasource: DATASOURCE,
          query: 'label_values(salvor_build_info, namespace)',
          includeAll: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
          refresh: 2,
        },
      ],
    },
    panels,
  };
  return `${JSON.stringify(board, undefined, 2)}\n`;
}

function shownAs({ title, description, type, unit, shows, red }: Panel): object {
  const steps = [{ color: 'green', value: null }, ...(red === undefined ? [] : [{ color: 'red', value: red }])];
  return {
    type,
    title,
    description,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    targets: shows.map(([expr, legendFormat], index) => ({ refId: String.fromCodePoint(65 + index), datasource: DATASOURCE, expr, legendFormat })),
  };
}
