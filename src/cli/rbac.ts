import { stringify } from 'yaml';
import type { Catalog } from '../action/catalog.ts';
import { NEED } from '../action/shape.ts';
import type { Playbook } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import { actionsOf } from '../playbook/actions-of.ts';
import { openSite } from './open-site.ts';
import { type Io, printFault, printJson } from './print.ts';

export type RbacOptions = {
  readonly config?: string;
  /** Only these playbooks; absent: every enabled one. */
  readonly playbook?: readonly string[];
  readonly json?: boolean;
};

/** The engine itself: it recognises a rebuilt cluster by the uid of kube-system, and asks what it may do. */
const OWN: readonly Rule[] = [
  { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews'], verbs: ['create'] },
];

export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

/** `salvor rbac`: the ClusterRole that the enabled playbooks need, and nothing more. */
export async function rbac(options: RbacOptions, io: Io): Promise<number> {
  const site = await openSite(options, io);
  if (typeof site === 'number') return site;
  const known = site.playbooks.map(({ id }) => id);
  const unknown = (options.playbook ?? []).find((id) => !known.includes(id));
  if (unknown !== undefined) {
    printFault(io, `There is no playbook ${unknown}.${suggestion(unknown, known)}`);
    return 2;
  }
  const chosen = site.playbooks.filter(({ id }) => options.playbook === undefined || options.playbook.length === 0 || options.playbook.includes(id));
  const role = clusterRole(rulesFor(chosen, site.catalog));
  if (options.json === true) printJson(io, role);
  else io.stdout(`# Made by \`salvor rbac\` for: ${chosen.map(({ id }) => id).join(', ')}\n${stringify(role, { lineWidth: 160 })}`);
  return 0;
}

/** The needs of the playbooks' actions and of the engine, as RBAC rules: one per API group and set of verbs. */
export function rulesFor(playbooks: readonly Playbook[], catalog: Catalog): readonly Rule[] {
  const verbsOf = new Map<string, Set<string>>();
  const needs = playbooks.flatMap(actionsOf).flatMap((id) => catalog.get(id)?.needs ?? []);
  for (const need of needs) {
    const [, verb = '', resource = '', below, group = ''] = NEED.exec(need) ?? [];
    const key = `${group} ${below === undefined ? resource : `${resource}/${below}`}`;
    verbsOf.set(key, (verbsOf.get(key) ?? new Set()).add(verb));
  }
  const resourcesOf = new Map<string, string[]>();
  for (const [key, verbs] of [...verbsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [group = '', resource = ''] = key.split(' ');
    const together = `${group} ${[...verbs].sort((a, b) => VERBS.indexOf(a) - VERBS.indexOf(b)).join(',')}`;
    resourcesOf.set(together, [...(resourcesOf.get(together) ?? []), resource]);
  }
  const rules = [...resourcesOf].map(([key, resources]) => {
    const [group = '', verbs = ''] = key.split(' ');
    return { apiGroups: [group], resources, verbs: verbs.split(',') };
  });
  return [...rules, ...OWN];
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

function clusterRole(rules: readonly Rule[]): { readonly [field: string]: unknown } {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'salvor' }, rules };
}
