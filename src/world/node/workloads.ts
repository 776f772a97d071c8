import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import type { Kind } from '../kinds.ts';
import type { WorldObject } from '../object.ts';
import type { Change, Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { keepDaemonSet } from './daemons.ts';
import { type JobManner, keepJob } from './jobs.ts';
import { DAEMON_SET, DEPLOYMENT, JOB, NODE, POD, REPLICA_SET, STATEFUL_SET } from './kinds.ts';
import { adopt, controllerOf, hasNoPods } from './owned.ts';
import { keepDeployment, keepReplicaSet, keepStatefulSet } from './replicas.ts';

type Place = { readonly objects: Objects; readonly clock: Clock; readonly ids: Ids; readonly jobs: () => readonly JobManner[] };

const REACT_MS = 100;
/** Before it looks how many it has. */
const ADOPT_MS = 50;

const KEEPING: ReadonlyMap<Kind, (place: Place, workload: WorldObject) => void> = new Map([
  [DEPLOYMENT, keepDeployment],
  [REPLICA_SET, keepReplicaSet],
  [STATEFUL_SET, keepStatefulSet],
  [DAEMON_SET, keepDaemonSet],
  [JOB, keepJob],
]);

/** The controllers of workloads: each looks at one when it or a pod of it changed. */
export function workloadController(place: Place): (change: Change) => void {
  const { objects, clock } = place;
  const due = agenda(clock);

  const soon = (kind: Kind, { metadata: { namespace, name } }: WorldObject): void =>
    due.once(`${kind.kind}/${namespace}/${name}`, REACT_MS, () => {
      const now = objects.find(kind, namespace, name);
      if (now !== undefined && !hasNoPods(now)) KEEPING.get(kind)?.(place, now);
    });

  const adoptSoon = (kind: Kind, { metadata: { namespace, name } }: WorldObject): void =>
    due.once(`adopt ${kind.kind}/${namespace}/${name}`, ADOPT_MS, () => {
      const now = objects.find(kind, namespace, name);
      if (now !== undefined && !hasNoPods(now)) adopt(objects, now);
    });

  return ({ type, kind, object, before }) => {
    if (kind === POD) {
      const owner = controllerOf(object);
      const of = owner && objects.kinds.of(owner.apiVersion, owner.kind);
      const workload = of && objects.find(of, object.metadata.namespace, owner.name);
      if (workload && workload.metadata.uid === owner.uid && KEEPING.has(of)) soon(of, workload);
    } else if (kind === NODE) {
      // DaemonSets are about nodes: which there are, and what they let on.
      if (type === 'MODIFIED' && before?.['spec'] === object['spec'] && before?.metadata.labels === object.metadata.labels) return;
      for (const set of objects.all(DAEMON_SET)) soon(DAEMON_SET, set);
    } else if (KEEPING.has(kind) && type !== 'DELETED' && before?.['spec'] !== object['spec']) {
      if (type === 'ADDED') adoptSoon(kind, object);
      soon(kind, object);
    }
  };
}
