import { permissionText } from '../domain/permission.ts';
import { missingText, type Needed } from '../playbook/permissions.ts';
import type { Finding } from './live-reach.ts';

/** So many that are missing have one cause: nobody gave them. */
const MOST = 12;
const NAMED = 3;

/** What rights are missing, one line each; where it is most of them, one line that says how all are given. */
export function rightsFindings(cluster: string, missing: readonly Needed[]): readonly Finding[] {
  const needed = missing.filter(({ optional }) => optional !== true);
  // What an action only knows more with is one line, and never a failure.
  const more = missing.filter(({ optional, watch }) => optional === true && !watch);
  if (needed.length > MOST) return [allMissing(cluster, needed)];
  return [
    ...needed.map((one): Finding => ({ code: 'live.permission', message: missingText(cluster, [one]) })),
    ...(more.length === 0 ? [] : [{ code: 'live.permission', message: missingText(cluster, more), warning: true } as const]),
  ];
}

function allMissing(cluster: string, needed: readonly Needed[]): Finding {
  const named = needed.slice(0, NAMED).map(({ permission }) => permissionText(permission));
  const give = 'salvor rbac --service-account NAMESPACE/NAME | kubectl apply -f - makes the role and binds it to the account of the kubeconfig';
  return {
    code: 'live.permission',
    message: `${cluster} lacks ${needed.length} rights for us: ${named.join(', ')} and ${needed.length - NAMED} more; ${give}`,
  };
}
