import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { RETENTION_NEEDS, readRetention, readSpace, SPACE_OPTIONAL } from '../src/action/retention-sight.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { chooseToDelete } from '../src/domain/velero/retention/choose.ts';
import { freedLines } from '../src/domain/velero/retention/space.ts';
import { choiceLines, staysLines } from '../src/domain/velero/retention/words.ts';
import { counted } from '../src/model/counted.ts';
import { Duration } from '../src/model/duration.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/** Which backups retention would delete now: what Velero did not collect, what failed long ago, and of a schedule what is too old or too many. */
export const backupRetention = diagnosis({
  id: 'backup.retention',
  summary: 'Say which backups are too old or too many, and which of them have to stay',
  needs: RETENTION_NEEDS,
  optional: SPACE_OPTIONAL,
  timeoutMs: 60_000,
  params: z.strictObject({
    schedule: Name.optional(),
    /** So many of each schedule stay at least. */
    keep: z.int().min(1).default(7),
    olderThan: Duration.optional(),
    atMost: z.int().min(1).optional(),
    /** In one round. */
    most: z.int().min(1).max(100).default(20),
    namespace: Name.default(DEFAULT_NAMESPACE),
  }),
  facts: z.strictObject({ backups: z.array(z.string()), count: z.number(), later: z.number(), kept: z.number(), seen: z.number() }),

  async run({ params, kube, nowMs }) {
    const { namespace, keep, olderThan: olderThanMs, atMost, schedule, most } = params;
    const sight = await readRetention(kube, namespace, nowMs);
    const { space, missing } = await readSpace(kube, namespace);
    const choice = chooseToDelete(sight, { keep, olderThanMs, atMost, schedule, most });
    const going = choice.go.map(({ backup }) => backup);
    const all = counted(sight.backups.length, 'backup');
    const reason =
      going.length === 0
        ? `nothing is to be deleted of ${all}${choice.kept.length === 0 ? '' : `; ${choice.kept.length} that a rule is about have to stay`}`
        : `${going.length} of ${all} may be deleted${choice.later === 0 ? '' : `, and ${choice.later} more in later rounds`}`;
    const finding: Finding = { kind: 'act', reason };
    return {
      finding,
      facts: { backups: going.map(({ name }) => name), count: going.length, later: choice.later, kept: choice.kept.length, seen: sight.backups.length },
      evidence: [reason, ...choiceLines(choice, space), ...staysLines(going, sight), ...(going.length === 0 ? [] : freedLines(going.map(space))), ...missing],
    };
  },
});
