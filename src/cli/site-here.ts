import type { App } from '../app.ts';
import { routePlaybook } from '../route/choose.ts';
import type { explainBody } from '../run/explain.ts';
import { readSettings } from '../serve/reload.ts';
import { oracleStore } from '../store/oracle.ts';
import type { Context } from './context.ts';
import { printFault } from './print.ts';

type Settings = ReturnType<App['settings']>;
type Asking = Parameters<typeof explainBody>[0];

/** What explaining needs of the configuration, without a server; its problems are printed, and then it is undefined. */
export async function siteHere(file: string | undefined, { io, clock }: Pick<Context, 'io' | 'clock'>): Promise<Asking | undefined> {
  const read = await readSettings(file);
  if (read.ok) return { intake: intakeOf(read.settings, oracleStore({ clock })), actions: read.settings.site.catalog };
  printFault(io, 'The configuration has problems:');
  for (const problem of read.problems) printFault(io, problem);
  return undefined;
}

/** What the way from an alert to a playbook needs of the configuration. */
function intakeOf({ config, site }: Settings, store: Asking['intake']['store']): Asking['intake'] {
  const routes = site.playbooks.flatMap((playbook) => {
    const route = routePlaybook(playbook);
    return 'error' in route ? [] : [route];
  });
  const clusters = config.clusters.map(({ name, isDefault, namespaces, alertmanager: { repeatIntervalMs, url } }) => ({
    name,
    isDefault,
    namespaces,
    repeatIntervalMs,
    rereads: url !== undefined,
  }));
  const { alertname, withinMs, escalate } = config.watchdog ?? { alertname: 'Watchdog', withinMs: 300_000, escalate: 'default' };
  return {
    store,
    catalog: () => routes,
    clusters: () => clusters,
    policy: () => config.policy,
    watchdog: () => ({ alertname, withinMs, ladder: escalate }),
  };
}
