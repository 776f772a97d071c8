import { errorText } from '../model/error.ts';
import type { Needed } from '../playbook/permissions.ts';
import type { Cluster } from '../port/kube.ts';
import type { Finding } from './live-reach.ts';

/** Does the Prometheus of a cluster answer a query, and does it know Velero where playbooks look at it. */
export async function lookAtPrometheus(cluster: Cluster, needs: readonly Needed[]): Promise<readonly Finding[]> {
  try {
    const known = await cluster.access.metrics('velero_backup_total');
    if (known.length > 0 || !needs.some(({ permission }) => permission.group === 'velero.io')) return [];
    const message = `the Prometheus of ${cluster.name} answers, and has no velero_backup_total: the metrics of Velero (port 8085, /metrics) are not scraped`;
    return [{ code: 'live.prometheus', message: `${message}; alerts about backups cannot fire`, warning: true }];
  } catch (error) {
    return [{ code: 'live.prometheus', message: `${cluster.name}: ${errorText(error)}` }];
  }
}
