import type { Json } from '../../../src/model/json.ts';
import { bodyAlert, sampleBody } from '../../unit/ingest/samples.ts';

/** Three zones of six nodes with 80 pods each; at 11:44 everything in zone b goes silent. */
const ZONES = ['a', 'b', 'c'];
const SIX = [1, 2, 3, 4, 5, 6];
export const LOST = SIX.map((index) => `b-${index}`);

export function cluster(more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  const nodes = ZONES.flatMap((zone) => SIX.map((index) => ({ name: `${zone}-${index}`, zone, ...(zone === 'b' ? { ready: false, since: '16m' } : {}) })));
  const pods = ZONES.flatMap((zone) => SIX.map((index) => ({ name: `shop/api-7d4-${zone}${index}`, node: `${zone}-${index}` })));
  return { namespaces: ['shop'], nodes, pods: [...pods, { name: 'shop/db-0', node: 'b-2' }], ...more };
}

/** The zone is back, or one node of it. */
export const back = (...names: readonly string[]): { readonly [name: string]: Json } => ({ nodes: names.map((name) => ({ name, ready: true })) });

type Labels = { readonly [name: string]: string };
type Group = { readonly alertname: string; readonly alerts: readonly Labels[] };

const METRICS = { job: 'kube-state-metrics', instance: '10.0.0.7:8080', namespace: 'monitoring', pod: 'kube-state-metrics-0', severity: 'warning' };

export const nodeAlert = (alertname: string, node: string): Labels => ({ ...METRICS, alertname, node });

/** 500 alerts about zone b, in the groups that Alertmanager makes of them by name: two about each node, and those of what ran there. */
export function zoneAlerts(): readonly Group[] {
  const group = (alertname: string, count: number, labels: (index: number) => Labels): Group => ({
    alertname,
    alerts: Array.from({ length: count }, (_, index) => ({ ...METRICS, alertname, ...labels(index) })),
  });
  return [
    group('KubePodNotReady', 380, (index) => ({ namespace: 'shop', pod: `api-7d4-${index}` })),
    group('KubeDeploymentReplicasMismatch', 60, (index) => ({ namespace: 'shop', deployment: `web-${index}` })),
    group('KubeNodeNotReady', 6, (index) => ({ node: LOST[index] ?? '' })),
    group('KubeNodeUnreachable', 6, (index) => ({ node: LOST[index] ?? '', key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' })),
    group('KubeStatefulSetReplicasMismatch', 30, (index) => ({ namespace: 'shop', statefulset: `db-${index}` })),
    group('KubeDaemonSetRolloutStuck', 12, (index) => ({ namespace: 'kube-system', daemonset: `agent-${index}` })),
    group('TargetDown', 6, (index) => ({ namespace: 'monitoring', service: `exporter-${index}` })),
  ];
}

/** A group as it comes over the wire. */
export function bodyOf({ alertname, alerts }: Group, status: 'firing' | 'resolved' = 'firing', atMs = Date.UTC(2026, 10, 21, 12)): string {
  const over = new Date(atMs).toISOString();
  return sampleBody({
    alerts: alerts.map((labels) => bodyAlert(labels, status === 'resolved' ? { status, endsAt: over } : {})),
    groupKey: `{}:{alertname="${alertname}"}`,
    groupLabels: { alertname },
  });
}
