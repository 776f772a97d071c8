import { diagnosis, z } from '../src/action/contract.ts';
import { namespaceRef } from '../src/domain/velero/restore/kinds.ts';
import { NamespaceName } from '../src/domain/velero/restore/params.ts';
import { inside, SWAP_READS, SWAP_WRITES } from '../src/domain/volume/swap-sight.ts';
import { usersOf } from '../src/domain/volume/swap-users.ts';
import { counted } from '../src/model/counted.ts';

/**
 * Whether the volumes of a namespace can be swapped at all, asked before anything is restored beside it: it lives, has claims, what uses them can stand
 * still, and Salvor may do it.
 */
export const volumeSwapCheck = diagnosis({
  id: 'volume.swap-check',
  summary: 'See whether the volumes of a namespace can be swapped',
  needs: ['get namespaces', ...SWAP_READS],
  params: z.strictObject({ target: NamespaceName }),
  facts: z.strictObject({ target: z.string(), claims: z.number() }),

  async run({ params, kube }) {
    const { target } = params;
    const there = await kube.find(namespaceRef(target));
    const claims = (await kube.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: target })).map(({ metadata }) => metadata.name).sort();
    const facts = { target, claims: claims.length };
    const over = (reason: string, hints: readonly string[]) => ({ finding: { kind: 'hand-over' as const, reason, hints }, facts, evidence: [reason] });
    const instead = `To bring back what is missing: /dr restore namespace into=${target}`;
    if (there === undefined) return over(`${target} does not exist, so there is nothing to swap`, [instead]);
    if (claims.length === 0) return over(`${target} has no volumes, and a swap changes nothing but volumes`, [instead]);
    const { obstacles, workloads } = usersOf(claims, await inside((query) => kube.list(query), target));
    if (obstacles.length > 0) return over(`the volumes of ${target} cannot be swapped: ${obstacles.join('; ')}`, [instead]);
    const missing = await Promise.all(
      SWAP_WRITES.map(async (right) => ((await kube.mayI({ ...right, namespace: target })) ? [] : [`${right.verb} ${right.resource}`])),
    );
    if (missing.flat().length > 0)
      return over(`Salvor may not swap volumes: it has no right to ${missing.flat().join(', ')}`, [
        'Give them: salvor rbac --with volume.swap | kubectl apply -f -',
        instead,
      ]);
    const users = workloads.map(({ ref }) => `${ref.kind} ${ref.name}`).join(', ');
    const reason = `${counted(claims.length, 'claim')} of ${target} can get other volumes: ${claims.join(', ')}; used by ${users === '' ? 'nothing now' : users}`;
    return { finding: { kind: 'act', reason }, facts, evidence: [reason] };
  },
});
