import { stringify } from 'yaml';
import { permissionOf } from '../domain/permission.ts';
import { suggestion } from '../model/problem.ts';
import { neededBy } from '../playbook/permissions.ts';
import { actionsOf } from '../playbook/uses.ts';
import { openSite } from './open-site.ts';
import { type Io, printFault, printJson } from './print.ts';
import { bindings, isAccount } from './rbac-bindings.ts';
import { clusterRole, rulesOf } from './rbac-rules.ts';

export type RbacOptions = {
  readonly config?: string;
  /** Only these playbooks; absent: every enabled one. */
  readonly playbook?: readonly string[];
  /** Actions of which also the rights are given that are off by default. */
  readonly with?: readonly string[];
  /** `namespace/name`: also what binds the role to it. */
  readonly serviceAccount?: string;
  readonly json?: boolean;
};

/** `salvor rbac`: the ClusterRole that the enabled playbooks need, and nothing more. */
export async function rbac(options: RbacOptions, io: Io): Promise<number> {
  const { serviceAccount: account } = options;
  if (account !== undefined && !isAccount(account)) {
    printFault(io, `"${account}" is no service account: expected namespace/name, such as salvor/salvor.`);
    return 2;
  }
  const site = await openSite(options, io);
  if (typeof site === 'number') return site;
  const known = site.playbooks.map(({ id }) => id);
  const unknown = (options.playbook ?? []).find((id) => !known.includes(id));
  if (unknown !== undefined) {
    printFault(io, `There is no playbook ${unknown}.${suggestion(unknown, known)}`);
    return 2;
  }
  const chosen = site.playbooks.filter(({ id }) => options.playbook === undefined || options.playbook.length === 0 || options.playbook.includes(id));
  const off = chosen.flatMap(actionsOf).flatMap((id) => (site.catalog.get(id)?.offByDefault === undefined ? [] : [id]));
  const strange = (options.with ?? []).find((id) => !off.includes(id));
  if (strange !== undefined) {
    printFault(io, `${strange} has no rights that are off by default.${suggestion(strange, off)}`);
    return 2;
  }
  const given = (options.with ?? []).flatMap((id) => site.catalog.get(id)?.offByDefault ?? []).map(permissionOf);
  const permissions = [...neededBy(chosen, site.catalog).map(({ permission }) => permission), ...given];
  const role = clusterRole('salvor', rulesOf(permissions));
  const bound = account === undefined ? [] : bindings(account, permissions);
  if (options.json === true) printJson(io, bound.length === 0 ? role : { apiVersion: 'v1', kind: 'List', items: [role, ...bound] });
  else {
    const documents = [role, ...bound].map((one) => stringify(one, { lineWidth: 160 }));
    io.stdout(`# Made by \`salvor rbac\` for: ${chosen.map(({ id }) => id).join(', ')}\n${offText(off, options.with)}${documents.join('---\n')}`);
  }
  return 0;
}

/** What the role leaves out, for who reads it before applying it. */
function offText(off: readonly string[], given: readonly string[] = []): string {
  const left = [...new Set(off)].filter((id) => !given.includes(id));
  return left.map((id) => `# Without what is off by default of ${id}: \`salvor rbac --with ${id}\`\n`).join('');
}
