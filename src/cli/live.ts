import { type Config, loadSite, siteNames } from '../config.ts';
import type { KubeCluster } from '../kube/open-cluster.ts';
import { type PositionOf, type Problem, problemAt } from '../model/problem.ts';
import { type Needed, neededBy } from '../playbook/permissions.ts';
import type { Clock } from '../port/clock.ts';
import { silentLog } from '../port/log.ts';
import { missingIn } from '../run/rights.ts';
import { connectClusters } from '../serve/clusters.ts';
import { VERSION } from '../serve/version.ts';
import type { Live } from './check.ts';
import { liveOidc } from './live-oidc.ts';
import { livePagerDuty } from './live-pagerduty.ts';
import { lookAtPrometheus } from './live-prometheus.ts';
import { awayFinding, type Finding, reach } from './live-reach.ts';
import { rightsFindings } from './live-rights.ts';
import { liveSlack } from './live-slack.ts';
import { lookAtVelero } from './live-velero.ts';

type Asking = { readonly config: Config; readonly positionOf: PositionOf; readonly clock: Clock };

/** Asks every cluster what an alert would ask: does it answer, does it know us, does it let us, does Velero work there. One that is away hides no other. */
export async function live({ config, positionOf, clock }: Asking): Promise<Live> {
  const { catalog, playbooks } = await loadSite({ ...config, names: siteNames(config) });
  const needs = neededBy(playbooks, catalog);
  const clusters = connectClusters({ clock, log: silentLog, userAgent: `salvor/${VERSION} (check)` });
  try {
    await clusters.use(config.clusters);
    const all = config.clusters.map(async ({ name, prometheus }, index): Promise<Live> => {
      const cluster = clusters.get(name);
      const { findings, unreached } = cluster === undefined ? NOTHING : await lookAt(cluster, { needs, clock });
      const metrics = cluster === undefined || prometheus === undefined ? [] : await lookAtPrometheus(cluster, needs);
      const problems = [...findings, ...metrics].map(({ code, message, warning }): Problem => {
        const of = { path: ['clusters', index], message, ...(warning === true ? { warning } : {}) };
        return Object.assign(problemAt(positionOf, of), { code });
      });
      return { problems, unreached: unreached ? [name] : [] };
    });
    const each = await Promise.all([...all, liveSlack({ config, positionOf, clock }), livePagerDuty({ config, positionOf }), liveOidc({ config, positionOf })]);
    return { problems: each.flatMap(({ problems }) => problems), unreached: each.flatMap(({ unreached }) => unreached) };
  } finally {
    await clusters.close();
  }
}

type Looked = { readonly findings: readonly Finding[]; readonly unreached: boolean };
const NOTHING: Looked = { findings: [], unreached: false };

async function lookAt(cluster: KubeCluster, { needs, clock }: { readonly needs: readonly Needed[]; readonly clock: Clock }): Promise<Looked> {
  const reached = await reach(cluster, clock);
  if (reached.away !== undefined) return { findings: [reached.away], unreached: true };
  try {
    const missing = await missingIn(cluster, needs);
    const allowed = needs.filter((one) => !missing.includes(one)).map(({ permission }) => permission);
    return {
      findings: [...reached.findings, ...rightsFindings(cluster.name, missing), ...(await lookAtVelero(cluster, { needs, allowed }))],
      unreached: false,
    };
  } catch (error) {
    // It answered a moment ago.
    return { findings: [...reached.findings, awayFinding(error)], unreached: true };
  }
}
