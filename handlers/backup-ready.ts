import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { newestFirst, ofSchedule, overMs, readBackup } from '../src/domain/velero/backup.ts';
import { backupsQuery, DEFAULT_NAMESPACE, locationsQuery, scheduleRef } from '../src/domain/velero/kinds.ts';
import { chooseLocation, readLocation } from '../src/domain/velero/location.ts';
import { isGood, isQueued, isRunning } from '../src/domain/velero/phase.ts';
import { readSchedule } from '../src/domain/velero/schedule.ts';
import { scheduleObstacle, serverObstacle, storageObstacle, waitForRunning } from '../src/domain/velero/second-try.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { counted } from '../src/model/counted.ts';

const SERVER_WITHIN_MS = 15_000;
const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/**
 * Whether a backup from a schedule's template can be made now: the template is there, the storage is Available, the server answers, and no
 * backup of the schedule is under way. A paused schedule is no obstacle: whoever asks for a backup by hand means it.
 */
export const backupReady = diagnosis({
  id: 'backup.ready',
  summary: 'See whether a backup can be made now',
  needs: ['get schedules.velero.io', 'list backups.velero.io', 'list backupstoragelocations.velero.io', ...SERVER_NEEDS],
  timeoutMs: 60_000,
  params: z.strictObject({ schedule: Name, namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({
    namespace: z.string(),
    schedule: z.string(),
    paused: z.boolean().optional(),
    location: z.string().optional(),
    locationPhase: z.string().optional(),
    server: z.string().optional(),
    running: z.string().optional(),
    lastGood: z.string().optional(),
    lastGoodAtMs: z.number().optional(),
  }),

  async run({ params, kube, nowMs }) {
    const { namespace, schedule: name } = params;
    const found = await kube.find(scheduleRef(namespace, name));
    if (found === undefined) {
      const finding: Finding = { kind: 'hand-over', reason: `the schedule ${name} does not exist`, hints: ['Look at the names: velero schedule get'] };
      return { finding, facts: { namespace, schedule: name }, evidence: [finding.reason] };
    }
    const schedule = readSchedule(found);
    const all = (await kube.list(backupsQuery(namespace))).map(readBackup);
    const family = newestFirst(ofSchedule(all, name));
    const running = family.find(({ phase }) => isRunning(phase) || isQueued(phase));
    const good = family.find(({ phase }) => isGood(phase));
    const wanted = typeof schedule.template.storageLocation === 'string' ? schedule.template.storageLocation : undefined;
    const location = chooseLocation((await kube.list(locationsQuery(namespace))).map(readLocation), wanted);

    const wrong = scheduleObstacle({ ...schedule, paused: false });
    const beforeServer = wrong ?? storageObstacle(location, { name: wanted });
    const server = beforeServer === undefined ? await kube.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS }) : undefined;
    const ready: Finding = { kind: 'act', reason: `storage "${location?.name ?? ''}" is Available and Velero ${server?.version ?? ''} answers` };
    const finding = beforeServer ?? (running === undefined ? undefined : waitForRunning(running, { server, all, nowMs })) ?? serverObstacle(server) ?? ready;
    return {
      finding,
      facts: {
        namespace,
        schedule: name,
        paused: schedule.paused,
        location: location?.name,
        locationPhase: location?.phase,
        server: server?.version,
        running: running?.name,
        lastGood: good?.name,
        lastGoodAtMs: good && overMs(good),
      },
      evidence: [
        finding.reason,
        ...(schedule.paused ? [`the schedule ${name} is paused, and stays so`] : []),
        good === undefined ? 'there is no good backup yet' : `last good: ${good.name}, ${counted(good.items.total, 'item')}, ${timeText(overMs(good))}`,
      ],
    };
  },
});
