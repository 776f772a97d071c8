import { isDnsSubdomain } from '../domain/kube-name.ts';
import { type Backup, ofSchedule, readBackup } from '../domain/velero/backup.ts';
import { backupsQuery, DEFAULT_NAMESPACE, SWITCHED, scheduleRef } from '../domain/velero/kinds.ts';
import { readSchedule, type Schedule } from '../domain/velero/schedule.ts';
import { type KubeObject, objectName } from '../model/object.ts';
import { type RemediationAction, remediation, z } from './contract.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

type Switch = {
  readonly id: string;
  readonly summary: string;
  /** What it makes of `spec.paused`. */
  readonly paused: boolean;
  /** What follows from it, for who approves: the schedule as it is, its backups. */
  readonly notes: (schedule: Schedule, family: readonly Backup[], nowMs: number) => readonly string[];
  readonly done: (schedule: Schedule, nowMs: number) => string;
};

/**
 * Pause or resume a schedule of Velero: `spec.paused`, and an annotation with the step and what was there before.
 * Not the marks of other objects: Velero copies a schedule's annotations to each of its backups, which would then look like ours.
 *
 * Voids   an approval when it is another schedule under this name, or somebody else switched it.
 * Undoes  only while the last switch is still ours.
 * Errors  kube.not-found (never retried), kube.conflict (Velero wrote at the same time: it looks again).
 */
export function switchSchedule({ id, summary, paused, notes, done }: Switch): RemediationAction {
  const word = paused ? 'paused' : 'running';
  return remediation({
    id,
    summary,
    risk: 'reversible',
    needs: ['get schedules.velero.io', 'list backups.velero.io', 'patch schedules.velero.io'],
    params: z.strictObject({ schedule: Name, namespace: Name.default(DEFAULT_NAMESPACE) }),
    /** `was`: whether it was paused before. */
    result: z.strictObject({ uid: z.string(), was: z.boolean() }),

    async plan({ params, kube, stepKey, nowMs }) {
      const ref = scheduleRef(params.namespace, params.schedule);
      const found = await kube.get(ref);
      const schedule = readSchedule(found);
      const was = before(found, stepKey);
      const facts = { uid: schedule.uid, paused: was };
      if (was === paused) return { summary: `${schedule.name} is ${word} already`, changes: [], undo: [], facts };
      const family = ofSchedule((await kube.list(backupsQuery(params.namespace))).map(readBackup), schedule.name);
      const change = { verb: 'patch', object: objectName(ref), field: 'spec.paused', from: was, to: paused } as const;
      return {
        summary: `${paused ? 'Pause' : 'Resume'} the schedule ${schedule.name}`,
        changes: [change],
        undo: [{ ...change, from: paused, to: was }],
        facts,
        notes: notes({ ...schedule, paused: was }, family, nowMs),
      };
    },

    async execute({ params, kube, stepKey }) {
      const ref = scheduleRef(params.namespace, params.schedule);
      const found = await kube.get(ref);
      const { uid = '', resourceVersion } = found.metadata;
      const was = before(found, stepKey);
      if (isOurs(found, stepKey) || was === paused) return { uid, was };
      const patch = { metadata: { annotations: { [SWITCHED]: `${stepKey} ${was ? 'paused' : 'running'}` } }, spec: { paused } };
      await kube.patch(ref, patch, { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) });
      return { uid, was };
    },

    async verify({ params, kube, result, nowMs }) {
      const found = await kube.find(scheduleRef(params.namespace, params.schedule));
      if (found === undefined || found.metadata.uid !== result.uid) return { ok: false, reason: `the schedule ${params.schedule} was deleted` };
      const schedule = readSchedule(found);
      if (schedule.paused !== paused) return { ok: false, reason: `${schedule.name} is ${schedule.paused ? 'paused' : 'running'} again: somebody switched it` };
      return { ok: true, evidence: [done(schedule, nowMs)] };
    },

    async rollback({ params, kube, stepKey }) {
      const ref = scheduleRef(params.namespace, params.schedule);
      const found = await kube.find(ref);
      if (found === undefined) return { kind: 'undone', evidence: `the schedule ${params.schedule} is gone: there is nothing to give back` };
      const schedule = readSchedule(found);
      if (!isOurs(found, stepKey)) return { kind: 'undone', evidence: `${schedule.name} was not switched by this step, or somebody did since: left as it is` };
      if (schedule.paused !== paused) return { kind: 'undone', evidence: `somebody has switched ${schedule.name} since: left as it is` };
      const { uid = '', resourceVersion } = found.metadata;
      const was = before(found, stepKey);
      // A schedule that runs has no such field, unless somebody wrote it: Velero reads both alike.
      const patch = { metadata: { annotations: { [SWITCHED]: null } }, spec: { paused: was || null } };
      await kube.patch(ref, patch, { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) });
      return { kind: 'undone', evidence: `${schedule.name} is ${was ? 'paused' : 'running'} as before` };
    },
  });
}

const isOurs = (found: KubeObject, stepKey: string): boolean => found.metadata.annotations?.[SWITCHED]?.startsWith(`${stepKey} `) ?? false;

/** Whether it was paused before this step touched it. */
function before(found: KubeObject, stepKey: string): boolean {
  return isOurs(found, stepKey) ? found.metadata.annotations?.[SWITCHED] === `${stepKey} paused` : readSchedule(found).paused;
}
