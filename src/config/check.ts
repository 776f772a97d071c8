import { type FieldPath, type PositionOf, type Problem, problemAt, suggestion } from '../model/problem.ts';
import { cronFault, timeZoneFault } from '../playbook/cron.ts';
import { momentMs } from '../playbook/moment.ts';
import { checkApprovals } from './check-approvals.ts';
import type { Put } from './put.ts';
import type { ConfigFile } from './schema.ts';

/** Do the names in a configuration mean something to each other? Every problem, at its place. */
export function checkConfig(file: ConfigFile, positionOf: PositionOf): readonly Problem[] {
  const problems: Problem[] = [];
  const put: Put = (path, message, options) => {
    if (message !== undefined) problems.push(problemAt(positionOf, { path, message, ...options }));
  };
  checkClusters(file, put);
  checkPeople(file, put);
  checkOidc(file, put);
  checkApprovals(file, put);
  checkLadders(file, put);
  checkQuiet(file, put);
  checkGates(file, put);
  if (file.pagerduty?.apiToken !== undefined && file.pagerduty.from === undefined)
    put(['pagerduty'], 'missing from: REST requests name the e-mail address of a PagerDuty user');
  if (file.pagerduty !== undefined && file.pagerduty.apiToken === undefined && file.pagerduty.webhookSecrets.length === 0)
    put(
      ['pagerduty'],
      'without apiToken or webhookSecrets nobody can tell whether a page that PagerDuty took calls anybody: the next rung waits for its time',
      {
        warning: true,
      },
    );
  return problems;
}

function checkClusters({ clusters, listen }: ConfigFile, put: Put): void {
  checkUnique(
    clusters.map(({ name }, index) => ({ value: name, path: ['clusters', index, 'name'] })),
    'cluster',
    put,
  );
  const defaults = clusters.flatMap((cluster, index) => (cluster.default ? [index] : []));
  if (clusters.length > 1 && defaults.length === 0)
    put(['clusters'], `found ${clusters.length} clusters and no default, expected default: true on the one that takes alerts without a cluster label`);
  for (const index of defaults.slice(1)) put(['clusters', index, 'default'], 'found a second default cluster, expected one');
  const local = ['127.0.0.1', '::1', 'localhost'].includes(listen.address);
  for (const [index, { name, alertmanager, probes }] of clusters.entries()) {
    checkUnique(
      probes.map((probe, number) => ({ value: probe.name, path: ['clusters', index, 'probes', number, 'name'] })),
      'probe',
      put,
    );
    if (!local && alertmanager.tokens.length === 0)
      put(['clusters', index], `${name} has no alertmanager.tokens, so only senders on this machine can speak for it`, { warning: true });
  }
}

function checkPeople({ people }: ConfigFile, put: Put): void {
  for (const field of ['name', 'slack', 'pagerduty', 'oidc'] as const) {
    checkUnique(
      people.flatMap((person, index) => (person[field] === undefined ? [] : [{ value: person[field], path: ['people', index, field] }])),
      field === 'name' ? 'person' : field === 'oidc' ? 'oidc name' : `${field} id`,
      put,
    );
  }
}

function checkOidc({ oidc, people, listen }: ConfigFile, put: Put): void {
  const known = people.flatMap((person, index) => (person.oidc === undefined ? [] : [index]));
  if (oidc === undefined) {
    for (const index of known) put(['people', index, 'oidc'], 'there is no oidc: nobody can log in by this name', { warning: true });
    return;
  }
  if (listen.publicUrl === undefined) put(['oidc'], 'missing listen.publicUrl: the provider sends people back to an address that it knows');
  if (known.length === 0) put(['oidc'], 'nobody under people has oidc: nobody can log in by the provider', { warning: true });
}

function checkLadders({ ladders, watchdog, pagerduty }: ConfigFile, put: Put): void {
  const names = Object.keys(ladders);
  if (!names.includes('default')) put(['ladders'], 'missing default: the shipped playbooks name this ladder');
  if (watchdog !== undefined && !names.includes(watchdog.escalate))
    put(['watchdog', 'escalate'], `there is no ladder ${watchdog.escalate}.${suggestion(watchdog.escalate, names)}`);
  for (const [name, rungs] of Object.entries(ladders)) {
    for (const [index, rung] of rungs.entries()) {
      const before = rungs[index - 1];
      if (before !== undefined && rung.after < before.after)
        put(['ladders', name, index, 'after'], 'found a rung that comes before the one above it, expected them in order of time');
      const shared =
        // With a REST key such a rung escalates the incident that is open.
        pagerduty === undefined || pagerduty.apiToken !== undefined || Object.hasOwn(pagerduty.routes, rung.page)
          ? undefined
          : sharing(rungs.slice(0, index), pagerduty.routes, rung.page);
      if (shared !== undefined)
        put(
          ['ladders', name, index, 'page'],
          `${rung.page} has the same PagerDuty integration as ${shared}: its page joins that incident and wakes nobody. Give it one of its own under pagerduty.routes`,
          {
            warning: true,
          },
        );
    }
  }
}

/** Somebody else below on the ladder who is called by the same integration key. */
function sharing(below: readonly { readonly page: string }[], routes: object, page: string): string | undefined {
  return below.find((one) => one.page !== page && !Object.hasOwn(routes, one.page))?.page;
}

function checkQuiet({ quiet, ladders }: ConfigFile, put: Put): void {
  const names = Object.keys(ladders);
  for (const [name, { from, until, timeZone }] of Object.entries(quiet)) {
    if (!names.includes(name)) put(['quiet', name], `there is no ladder ${name}.${suggestion(name, names)}`);
    if (from === until) put(['quiet', name, 'until'], `found ${until} for both, expected an end that is not its beginning`);
    put(['quiet', name, 'timeZone'], timeZoneFault(timeZone));
  }
}

function checkGates({ gates, clusters }: ConfigFile, put: Put): void {
  const names = clusters.map(({ name }) => name);
  const known = (of: readonly string[], path: FieldPath): void => {
    for (const [index, cluster] of of.entries())
      if (!names.includes(cluster)) put([...path, 'clusters', index], `there is no cluster ${cluster}.${suggestion(cluster, names)}`);
  };
  for (const [index, window] of gates.windows.entries()) {
    const path: FieldPath = ['gates', 'windows', index];
    put([...path, 'cron'], cronFault(window.cron));
    put([...path, 'timeZone'], timeZoneFault(window.timeZone));
    known(window.clusters, path);
  }
  for (const [index, freeze] of gates.freezes.entries()) {
    const path: FieldPath = ['gates', 'freezes', index];
    const zone = timeZoneFault(freeze.timeZone);
    put([...path, 'timeZone'], zone);
    known(freeze.clusters, path);
    if (zone !== undefined) continue;
    const from = momentMs(freeze.from, freeze.timeZone);
    const until = momentMs(freeze.until, freeze.timeZone);
    if (from === undefined) put([...path, 'from'], `found ${JSON.stringify(freeze.from)}, expected a time such as 2026-12-20T18:00`);
    if (until === undefined) put([...path, 'until'], `found ${JSON.stringify(freeze.until)}, expected a time such as 2027-01-02T08:00`);
    if (from !== undefined && until !== undefined && until <= from) put([...path, 'until'], 'found an end that is not after its start');
  }
}

function checkUnique(values: readonly { readonly value: string; readonly path: FieldPath }[], what: string, put: Put): void {
  const seen = new Set<string>();
  for (const { value, path } of values) {
    if (seen.has(value)) put(path, `the ${what} ${value} is there twice`);
    seen.add(value);
  }
}
