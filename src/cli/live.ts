import { NEED } from '../action/shape.ts';
import { type Config, loadSite, siteNames } from '../config.ts';
import type { Problem } from '../model/problem.ts';
import { actionsOf } from '../playbook/actions-of.ts';
import type { Clock } from '../port/clock.ts';
import type { Cluster } from '../port/kube.ts';
import { silentLog } from '../port/log.ts';
import { connectClusters } from '../serve/clusters.ts';
import { VERSION } from '../serve/version.ts';

/** What the clusters let us do, against what the enabled playbooks need. Throws where a cluster cannot be reached. */
export async function live(config: Config, clock: Clock): Promise<readonly Problem[]> {
  const { catalog, playbooks } = await loadSite({ ...config, names: siteNames(config) });
  const needs = [...new Set(playbooks.flatMap(actionsOf).flatMap((id) => catalog.get(id)?.needs ?? []))].sort();
  const clusters = connectClusters({ clock, log: silentLog, userAgent: `salvor/${VERSION} (check)` });
  try {
    await clusters.use(config.clusters);
    const problems: Problem[] = [];
    for (const [index, { name }] of config.clusters.entries()) {
      const cluster = clusters.get(name);
      if (cluster === undefined) continue;
      const place = { file: config.file, line: 1, column: 1, field: `clusters[${index}]` };
      // Also asked where nothing is needed: it shows that the cluster answers.
      await cluster.uid();
      for (const need of needs) {
        if (!(await isAllowed(cluster, need)))
          problems.push({ ...place, message: `${name} does not let us ${need}; salvor rbac prints the role that is needed` });
      }
    }
    return problems;
  } finally {
    await clusters.close();
  }
}

async function isAllowed({ access }: Cluster, need: string): Promise<boolean> {
  const [, verb = '', plural = '', below, group = ''] = NEED.exec(need) ?? [];
  const resource = below === undefined ? plural : `${plural}/${below}`;
  return access.mayI({ verb, group, resource });
}
