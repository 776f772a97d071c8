import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { listMoves, listVelero } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { readPod } from '../src/domain/pod/pod.ts';
import { newestFirst, ofSchedule } from '../src/domain/velero/backup.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { podTrouble } from '../src/domain/velero/server-health.ts';
import { whySlow } from '../src/domain/velero/why-slow.ts';
import { errorCode } from '../src/model/error.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/** Where the time of a backup goes: against those before it, its volumes on their way, the queue, the pods of Velero. Read only: what to change is a hint. */
export const backupWhySlow = diagnosis({
  id: 'backup.why-slow',
  summary: 'Say where the time of a slow backup goes',
  needs: ['list backups.velero.io', 'list schedules.velero.io', 'list backupstoragelocations.velero.io', 'list podvolumebackups.velero.io'],
  optional: ['list datauploads.velero.io', 'list pods'],
  params: z.strictObject({ schedule: Name.optional(), namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({ schedule: z.string().optional(), newestMs: z.number().optional(), usualMs: z.number().optional() }),

  async run({ params, kube, nowMs }) {
    const { namespace } = params;
    const { backups: all } = await listVelero(kube, namespace);
    const { moves, missing } = await listMoves(kube, namespace);
    const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace }).catch((error: unknown) => {
      if (errorCode(error) === 'kube.forbidden') return [];
      throw error;
    });
    // An alert about a backup by hand names no schedule: it is about the newest.
    const schedule = params.schedule ?? newestFirst(all)[0]?.schedule;
    const family = schedule === undefined ? all.filter((one) => one.schedule === undefined) : ofSchedule(all, schedule);
    const { reason, lines, hints, newestMs, usualMs } = whySlow(schedule ?? 'what was made by hand', { family, all, moves, nowMs });
    const finding: Finding = { kind: 'act', reason };
    return {
      finding,
      facts: { schedule, newestMs, usualMs },
      evidence: [
        reason,
        ...lines,
        ...pods
          .map(readPod)
          .flatMap(podTrouble)
          .map(({ text }) => text),
        ...missing,
        ...hints.map((hint, at) => `${at + 1}. ${hint}`),
      ],
    };
  },
});
