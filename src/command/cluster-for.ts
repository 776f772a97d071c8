import { SalvorError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import type { Intake } from '../run/intake.ts';

type Named = { readonly playbook: Pick<Playbook, 'params'>; readonly params: JsonObject; readonly cluster: string | undefined };

/** The cluster that is named, or that the parameter `cluster` names, or the default one, or the only one. */
export function clusterFor({ intake }: { readonly intake: Pick<Intake, 'clusters'> }, { playbook, params, cluster }: Named): string {
  const known = intake.clusters().map((one) => one.name);
  const byParam = Object.hasOwn(playbook.params, 'cluster') && Object.hasOwn(params, 'cluster') ? params['cluster'] : undefined;
  const usual = intake.clusters().find((one) => one.isDefault === true)?.name ?? (known.length === 1 ? known[0] : undefined);
  const named = cluster ?? (typeof byParam === 'string' ? byParam : undefined) ?? usual;
  if (named === undefined) throw new SalvorError('request.invalid', `Which cluster? Known: ${known.join(', ')}`);
  if (!known.includes(named)) throw new SalvorError('request.invalid', `There is no cluster "${named.slice(0, 80)}".${suggestion(named, known)}`);
  return named;
}
