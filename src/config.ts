import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Catalog } from './action/catalog.ts';
import { checkConfig } from './config/check.ts';
import { policyOf } from './config/policy.ts';
import { ConfigFile } from './config/schema.ts';
import { secretFault } from './config/secret.ts';
import { absoluteSecrets, type PlacedSecret, secretsIn } from './config/secret-places.ts';
import type { Secret } from './config/units.ts';
import { defined } from './model/defined.ts';
import { errorText } from './model/error.ts';
import type { Policy } from './model/policy.ts';
import { type FieldPath, type PositionOf, type Problem, problemAt, sortProblems, suggestion } from './model/problem.ts';
import { againstSchema } from './playbook/against-schema.ts';
import type { SiteNames } from './playbook/check-stages.ts';
import { readDocument } from './playbook/document.ts';
import type { PlaybookSettings } from './playbook/settings.ts';

export { readSecret } from './config/secret.ts';
export { loadSite, NOTHING_OWN, type Site } from './config/site.ts';
export type { Secret } from './config/units.ts';

type Settings = ConfigFile;
type Cluster = Settings['clusters'][number];

/** One managed cluster: paths are absolute, times in ms. */
export type ClusterConfig = Omit<Cluster, 'kubeconfig' | 'default' | 'alertmanager' | 'probes'> & {
  /** Takes alerts without a cluster label; the only cluster always does. */
  readonly isDefault: boolean;
  readonly kubeconfig?: string;
  readonly alertmanager: { readonly tokens: readonly Secret[]; readonly url?: string; readonly repeatIntervalMs: number };
  readonly probes: readonly { readonly name: string; readonly http?: string; readonly dns?: string; readonly withinMs: number }[];
};

/** The whole configuration, parsed once and frozen. Secrets are references; `readSecret` reads their values. */
export type Config = {
  /** Its file, as it was named. */
  readonly file: string;
  readonly listen: Settings['listen'];
  readonly store: Settings['store'];
  readonly clusters: readonly ClusterConfig[];
  readonly watchdog?: { readonly alertname: string; readonly withinMs: number; readonly escalate: string };
  readonly slack?: NonNullable<Settings['slack']>;
  readonly pagerduty?: NonNullable<Settings['pagerduty']>;
  /** The OpenID provider, and what it says for whom. */
  readonly oidc?: NonNullable<Settings['oidc']> & { readonly people: readonly { readonly person: string; readonly is: string }[] };
  /** Bearer tokens of people, by name. */
  readonly tokens: readonly { readonly person: string; readonly token: Secret }[];
  /** What the rooms that decide see: people, roles, rights, approvals, ladders, gates, unrouted, severities. */
  readonly policy: Policy;
  readonly playbooks: {
    readonly folders: readonly string[];
    readonly disable: readonly string[];
    /** Where Velero lives; absent: where the playbooks say. */
    readonly veleroNamespace?: string;
    readonly settings: { readonly [id: string]: PlaybookSettings };
  };
  /** Folders of the site's own actions. */
  readonly handlers: readonly string[];
  readonly limits: { readonly bodyBytes: number; readonly inbox: number };
  readonly keep: { readonly closedMs: number };
  readonly log: Settings['log'];
};

export type ParsedConfig =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Problem[];
      readonly positionOf: PositionOf;
      readonly secrets: readonly PlacedSecret[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Environment = { readonly [name: string]: string | undefined };

/** The text of a `salvor.yaml`. Relative paths are taken from the folder of the file. */
export function parseConfig(text: string, { file, environment = process.env }: { readonly file: string; readonly environment?: Environment }): ParsedConfig {
  const document = readDocument({ text, file });
  if (!document.ok) return document;
  const { positionOf } = document;
  const checked = againstSchema(ConfigFile, document.value, { positionOf, noun: 'setting' });
  if (!checked.ok) return { ok: false, problems: sortProblems(checked.problems) };
  const problems = sortProblems(checkConfig(checked.value, positionOf));
  if (problems.some(({ warning }) => warning !== true)) return { ok: false, problems };
  const settings = absoluteSecrets(checked.value, dirname(resolve(file)));
  return { ok: true, config: freeze(configOf(settings, { file, environment })), warnings: problems, positionOf, secrets: secretsIn(settings) };
}

/** Reads the file that is named, else `SALVOR_CONFIG`, else `salvor.yaml`. */
export async function readConfig({
  file,
  environment = process.env,
}: {
  readonly file?: string | undefined;
  readonly environment?: Environment;
} = {}): Promise<ParsedConfig> {
  const path = file ?? environment['SALVOR_CONFIG'] ?? 'salvor.yaml';
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return { ok: false, problems: [{ file: path, line: 1, column: 1, field: '', message: `the configuration cannot be read: ${errorText(error)}` }] };
  }
  return parseConfig(text, { file: path, environment });
}

type Against = {
  readonly catalog?: Catalog;
  /** Their ids. */
  readonly playbooks?: readonly string[];
  readonly environment?: Environment;
};

/** What only a catalog, the playbooks and this machine can answer: actions exist, secrets can be read. */
export function checkAgainst(
  { config, positionOf, secrets }: Extract<ParsedConfig, { ok: true }>,
  { catalog, playbooks, environment }: Against,
): readonly Problem[] {
  const problems: Problem[] = [];
  const put = (path: FieldPath, message: string | undefined): void => {
    if (message !== undefined) problems.push(problemAt(positionOf, { path, message }));
  };
  for (const [list, rules] of [
    ['auto', config.policy.approvals.auto],
    ['stricter', config.policy.approvals.stricter],
  ] as const) {
    for (const [index, { action, playbook }] of rules.entries()) {
      const known = action === undefined ? undefined : catalog?.get(action);
      if (action !== undefined && catalog !== undefined) {
        if (known === undefined)
          put(
            ['approvals', list, index, 'action'],
            `there is no action ${action}.${suggestion(
              action,
              catalog.all().map(({ id }) => id),
            )}`,
          );
        else if (known.kind !== 'remediation')
          put(['approvals', list, index, 'action'], `${action} is a ${known.kind}, which nobody approves; expected a remediation`);
      }
      if (playbook !== undefined && playbooks !== undefined && !playbooks.includes(playbook))
        put(['approvals', list, index, 'playbook'], `there is no playbook ${playbook}.${suggestion(playbook, playbooks)}`);
    }
  }
  for (const { secret, path } of secrets) put(path, secretFault(secret, environment));
  return problems;
}

/** What a site's own playbooks may name. */
export function siteNames({ policy }: Config): SiteNames {
  const roles = new Set([...Object.keys(policy.roles), 'approver', 'commander', 'owner']);
  return { ladders: Object.keys(policy.ladders), roles: [...roles], teams: [...new Set(policy.people.flatMap(({ teams }) => teams))] };
}

/** The JSON schema of `salvor.yaml`, for editors and the chart. */
export function configJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(ConfigFile, { io: 'input', unrepresentable: 'any' });
}

function configOf(settings: Settings, { file, environment }: { readonly file: string; readonly environment: Environment }): Config {
  const { listen, store, watchdog, slack, pagerduty, playbooks, handlers, limits, keep, log } = settings;
  const folder = dirname(resolve(file));
  const path = (one: string): string =>
    one === '~' || one.startsWith('~/') ? join(environment['HOME'] ?? homedir(), one.slice(1)) : isAbsolute(one) ? one : join(folder, one);
  const usual = environment['KUBECONFIG']?.split(delimiter)[0] ?? '';
  return {
    file,
    listen,
    store: store.kind === 'embedded' ? { ...store, path: path(store.path) } : store,
    clusters: settings.clusters.map(
      ({ default: isDefault, kubeconfig, alertmanager: { repeatInterval, url, ...alertmanager }, prometheus, probes, ...cluster }, _index, all) => ({
        ...cluster,
        isDefault: isDefault || all.length === 1,
        ...(cluster.inCluster ? {} : { kubeconfig: path(kubeconfig ?? (usual === '' ? '~/.kube/config' : usual)) }),
        alertmanager: { ...alertmanager, ...defined({ url }), repeatIntervalMs: repeatInterval },
        ...defined({ prometheus: prometheus && { ...prometheus, ...defined({ ca: prometheus.ca && path(prometheus.ca) }) } }),
        probes: probes.map(({ name, http, dns, within }) => ({ name, ...defined({ http, dns }), withinMs: within })),
      }),
    ),
    ...(watchdog === undefined ? {} : { watchdog: { alertname: watchdog.alertname, withinMs: watchdog.within, escalate: watchdog.escalate } }),
    ...defined({ slack, pagerduty }),
    ...(settings.oidc === undefined
      ? {}
      : { oidc: { ...settings.oidc, people: settings.people.flatMap(({ name, oidc }) => (oidc === undefined ? [] : [{ person: name, is: oidc }])) } }),
    tokens: settings.people.flatMap(({ name, token }) => (token === undefined ? [] : [{ person: name, token }])),
    policy: policyOf(settings),
    playbooks: {
      folders: playbooks.folders.map(path),
      disable: playbooks.disable,
      ...defined({ veleroNamespace: playbooks.veleroNamespace }),
      settings: playbookSettings(playbooks.settings),
    },
    handlers: handlers.map(path),
    limits: { bodyBytes: limits.body, inbox: limits.inbox },
    keep: { closedMs: keep.closed },
    log,
  };
}

function playbookSettings(settings: Settings['playbooks']['settings']): Config['playbooks']['settings'] {
  return Object.fromEntries(
    Object.entries(settings).map(([id, { schedule, params }]) => [
      id,
      {
        ...(schedule === undefined ? {} : { schedule: defined(schedule) }),
        ...(params === undefined ? {} : { params: z.record(z.string(), z.json()).parse(params) }),
      },
    ]),
  );
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const one of Object.values(value)) freeze(one);
  return Object.freeze(value);
}
