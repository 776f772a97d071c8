/** Webhooks as Alertmanager 0.33 sends them: the same fields in the same order, about 1.2 KB for one alert. */
export type Mark = { readonly name: string; readonly mark: string };

export function webhookBody(group: string, marks: readonly Mark[]): string {
  const [first] = marks;
  const shared = { alertname: first?.name ?? '', cluster: 'prod', job: 'velero', namespace: 'velero', service: 'velero', severity: 'warning' };
  const annotations = {
    description: 'velero_backup_failure_total grew in the last hour.',
    runbook_url: 'https://runbooks.example.test/velero-backup-failed',
    summary: 'Velero backup failed',
  };
  const groupLabels = { alertname: shared.alertname, group };
  return JSON.stringify({
    receiver: 'salvor',
    status: 'firing',
    alerts: marks.map(({ name, mark }) => ({
      status: 'firing',
      labels: { ...shared, alertname: name, group, mark },
      annotations,
      startsAt: '2026-11-20T23:44:40.593Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example.test:9090/graph?g0.expr=increase%28velero_backup_failure_total%5B1h%5D%29+%3E+0&g0.tab=1',
      fingerprint: fingerprintOf(mark),
    })),
    notification_reason: 'first notification',
    groupLabels,
    commonLabels: { ...shared, group },
    commonAnnotations: annotations,
    externalURL: 'http://alertmanager.example.test:9093',
    version: '4',
    groupKey: `{}/{cluster="prod"}:{alertname="${shared.alertname}", group="${group}"}`,
    truncatedAlerts: 0,
  });
}

/** One group of node alerts, with the labels that kube-state-metrics gives them. */
export function nodesBody(name: string, nodes: readonly string[]): string {
  const shared = {
    alertname: name,
    cluster: 'prod',
    container: 'kube-state-metrics',
    instance: '10.244.0.7:8080',
    job: 'kube-state-metrics',
    severity: 'warning',
  };
  return JSON.stringify({
    receiver: 'salvor',
    status: 'firing',
    alerts: nodes.map((node) => ({
      status: 'firing',
      labels: { ...shared, node },
      annotations: { description: `${node} has been unready for more than 15 minutes.`, summary: 'Node is not ready.' },
      startsAt: '2026-11-20T23:44:40.593Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example.test:9090/graph?g0.expr=kube_node_status_condition&g0.tab=1',
      fingerprint: fingerprintOf(`${name}/${node}`),
    })),
    notification_reason: 'first notification',
    groupLabels: { alertname: name },
    commonLabels: shared,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.test:9093',
    version: '4',
    groupKey: `{}/{cluster="prod"}:{alertname="${name}", node=~"${nodes[0] ?? ''}.*"}`,
    truncatedAlerts: 0,
  });
}

/** 16 hexadecimal digits, another for every mark (FNV-1a over two seeds). */
function fingerprintOf(mark: string): string {
  const half = (seed: number): string => {
    let hash = seed;
    for (let at = 0; at < mark.length; at += 1) hash = Math.imul(hash ^ mark.charCodeAt(at), 0x01000193) >>> 0;
    return hash.toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x9dc5811c);
}
