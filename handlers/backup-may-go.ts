import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { RETENTION_NEEDS, readRetention, readSpace, SPACE_OPTIONAL } from '../src/action/retention-sight.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { guardsOf } from '../src/domain/velero/retention/guards.ts';
import { freedLines } from '../src/domain/velero/retention/space.ts';
import { goesText, lostRestores, staysLines } from '../src/domain/velero/retention/words.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/** Whether one backup may be deleted, and what would be lost with it. `backups` names it where it may. */
export const backupMayGo = diagnosis({
  id: 'backup.may-go',
  summary: 'See whether a backup may be deleted, and what would go with it',
  needs: RETENTION_NEEDS,
  optional: SPACE_OPTIONAL,
  params: z.strictObject({ backup: Name, keep: z.int().min(1).default(3), namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({ backup: z.string(), backups: z.array(z.string()), count: z.number(), keptBy: z.string().optional() }),

  async run({ params, kube, nowMs }) {
    const { namespace, backup: name, keep } = params;
    const sight = await readRetention(kube, namespace, nowMs);
    const { space, missing } = await readSpace(kube, namespace);
    const backup = sight.backups.find((one) => one.name === name);
    const kept = backup === undefined ? undefined : guardsOf(sight, keep)(backup);
    const nothing = (reason: string, keptBy?: string) => {
      const finding: Finding = { kind: 'act', reason };
      return { finding, facts: { backup: name, backups: [], count: 0, keptBy }, evidence: [reason] };
    };
    if (backup === undefined) return nothing(`there is no backup ${name}: nothing is deleted`);
    if (kept !== undefined) return nothing(`${name} is not deleted: ${kept.text}`, kept.by);
    const finding: Finding = { kind: 'act', reason: `${name} may be deleted: ${goesText(backup, space(backup))}` };
    return {
      finding,
      facts: { backup: name, backups: [name], count: 1 },
      evidence: [finding.reason, ...staysLines([backup], sight), ...lostRestores([backup], sight.restores), ...freedLines([space(backup)]), ...missing],
    };
  },
});
