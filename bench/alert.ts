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

/** 16 hexadecimal digits, another for every mark (FNV-1a over two seeds). */
function fingerprintOf(mark: string): string {
  const half = (seed: number): string => {
    let hash = seed;
    for (let at = 0; at < mark.length; at += 1) hash = Math.imul(hash ^ mark.charCodeAt(at), 0x01000193) >>> 0;
    return hash.toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x9dc5811c);
}
