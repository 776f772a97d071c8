import { check, z } from '../src/action/contract.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { readBefore } from '../src/domain/velero/restore/before.ts';
import { kindName } from '../src/domain/velero/restore/contents.ts';
import { broughtBy, dataDownloadsQuery, restoreRef, volumeRestoresQuery } from '../src/domain/velero/restore/kinds.ts';
import { climb } from '../src/domain/velero/restore/ladder.ts';
import { FIRST_NEEDS, LOOKED_AT, MORE_NEEDS } from '../src/domain/velero/restore/looked-at.ts';
import { Name, NamespaceName } from '../src/domain/velero/restore/params.ts';
import { readRestore } from '../src/domain/velero/restore/restore.ts';
import { SalvorError } from '../src/model/error.ts';
import type { KubeObject } from '../src/model/object.ts';

/**
 * Whether a restore brought back what it should, rung by rung: its phase and counts, the lasting objects by the restore's label, claims bound, data of
 * volumes written, workloads ready, and a look from outside where one is named.
 */
export const restoreProven = check({
  id: 'restore.proven',
  summary: 'Prove that what a restore should bring back is there and works',
  needs: ['get restores.velero.io', 'list podvolumerestores.velero.io'],
  optional: ['list datadownloads.velero.io'],
  everywhere: { needs: [...FIRST_NEEDS], optional: [...MORE_NEEDS] },
  timeoutMs: 60_000,
  params: z.strictObject({
    restore: Name,
    target: NamespaceName,
    /** A look at the outside that the configuration lists by this name. */
    probe: z.string().optional(),
    namespace: NamespaceName.default(DEFAULT_NAMESPACE),
  }),
  facts: z.strictObject({ restore: z.string(), items: z.number(), warnings: z.number() }),

  async run({ params, kube }) {
    const { namespace, restore: name, target } = params;
    const found = await kube.find(restoreRef(namespace, name));
    if (found === undefined) return { ok: false, reason: `${name} was deleted by somebody else` };
    const restore = readRestore(found);
    const labelSelector = broughtBy(name);
    const lists = await Promise.all(
      LOOKED_AT.map(async ({ apiVersion, kind }) => {
        const list = await orNot(kube.list({ apiVersion, kind, namespace: target, labelSelector }));
        return list === undefined ? [] : [[kindName({ apiVersion, kind }), list] as const];
      }),
    );
    const copies = await Promise.all([orNot(kube.list(volumeRestoresQuery(namespace, name))), orNot(kube.list(dataDownloadsQuery(namespace, name)))]);
    const verdict = climb({ restore, before: readBefore(restore), brought: new Map(lists.flat()), volumes: copies.flatMap((list) => list ?? []) });
    if (!verdict.ok) return verdict;
    const { items, warnings } = restore;
    const facts = { restore: name, items: items.done, warnings };
    if (params.probe === undefined) return { ok: true, facts, evidence: [...verdict.evidence, 'nobody looked from outside: no probe is named'] };
    const seen = await kube.probe(params.probe);
    if (!seen.ok) return { ok: false, again: true, reason: `${params.probe} says no: ${seen.reason}`, evidence: verdict.evidence };
    return { ok: true, facts, evidence: [...verdict.evidence, `${params.probe}: ${seen.evidence}`] };
  },
});

/** Undefined where the kind is not served or not ours to see. */
async function orNot(list: Promise<readonly KubeObject[]>): Promise<readonly KubeObject[] | undefined> {
  try {
    return await list;
  } catch (error) {
    if (error instanceof SalvorError && ['kube.not-found', 'kube.unknown-kind', 'kube.forbidden'].includes(error.code)) return undefined;
    throw error;
  }
}
