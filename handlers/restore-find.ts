import { finder, z } from '../src/action/contract.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { standingOf } from '../src/domain/velero/restore/again.ts';
import { restoresQuery } from '../src/domain/velero/restore/kinds.ts';
import { Name, NamespaceName } from '../src/domain/velero/restore/params.ts';
import { readRestore } from '../src/domain/velero/restore/restore.ts';

/**
 * The restore that an alert or a person means: the one that is named, else the newest that failed. The alert knows no name; its label is the schedule of
 * the backup, and empty for a backup without one.
 */
export const restoreFind = finder({
  id: 'restore.find',
  summary: 'Find the restore that failed last',
  needs: ['list restores.velero.io'],
  params: z.strictObject({ restore: Name.optional(), schedule: z.string().optional(), namespace: NamespaceName.default(DEFAULT_NAMESPACE) }),

  async run({ params, kube }) {
    if (params.restore !== undefined) return [{ restore: params.restore }];
    const standing = standingOf((await kube.list(restoresQuery(params.namespace))).map(readRestore), { schedule: params.schedule });
    if (standing.kind === 'none') return [];
    return [{ restore: standing.kind === 'good' ? standing.good.name : standing.failed.name }];
  },
});
