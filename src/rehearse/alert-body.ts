import { sha256 } from '../model/digest.ts';
import { canonical } from '../model/json.ts';

type Firing = {
  readonly labels: { readonly [name: string]: string };
  readonly status: 'firing' | 'resolved';
  readonly startsAtMs: number;
  readonly nowMs: number;
  readonly summary?: string;
};

/** One alert as Alertmanager posts it: version 4, one group. */
export function alertBody({ labels, status, startsAtMs, nowMs, summary = 'A rehearsal' }: Firing): string {
  const { alertname = '' } = labels;
  const alert = {
    status,
    labels,
    annotations: { summary },
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: status === 'resolved' ? new Date(nowMs).toISOString() : '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: sha256(canonical(labels)).slice(0, 16),
  };
  const body = {
    receiver: 'salvor',
    status,
    alerts: [alert],
    groupLabels: { alertname },
    commonLabels: labels,
    commonAnnotations: alert.annotations,
    externalURL: 'http://alertmanager.example.test',
    version: '4',
    groupKey: `{}:{alertname="${alertname}"}`,
    truncatedAlerts: 0,
  };
  return `${JSON.stringify(body)}\n`;
}
