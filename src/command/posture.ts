import { shortId } from '../model/identity.ts';
import { isOpen, type Run } from '../model/run.ts';
import type { Commands } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import type { ClusterPosture } from '../port/view/posture.ts';
import { standing } from '../port/view/run-words.ts';
import { readRuns } from '../run/stored.ts';
import { assertMayRead } from './access.ts';
import { DRILLS } from './choice/drills.ts';
import { type CommandDeps, clustersOf, playbooksOf } from './deps.ts';
import { runSummary } from './run-view.ts';

/** Which playbooks look at what a recovery needs; a site that has none of them is told that nobody looked. */
const LOOKS = ['backup-verify', 'backup-health'];
const FAILURES = ['backup-failed', 'backup-stale'];
/** Ends that say that a schedule is well again. */
const WELL = ['done', 'recovered', 'superseded'];
const MOST_LOOKED = 200;

type Said = NonNullable<ClusterPosture['looked']>;

/** How ready each cluster is, by what runs found: nothing is asked of a cluster. */
export function posture(deps: CommandDeps): Pick<Commands, 'posture'> {
  const runsOf = async (cluster: string, playbook: readonly string[], most: number): Promise<readonly Run[]> =>
    playbook.length === 0 ? [] : readRuns(await listAll(deps.store, { partition: cluster, kind: 'run', where: { playbook }, newestFirst: true }, most));
  return {
    async posture(caller) {
      assertMayRead(caller);
      const drills = playbooksOf(deps).flatMap(({ id }) => (DRILLS.test(id) ? [id] : []));
      const clusters = await Promise.all(
        clustersOf(deps).map(async (cluster): Promise<ClusterPosture> => {
          const [looks, failures, drilled] = await Promise.all([
            runsOf(cluster, LOOKS, 1),
            runsOf(cluster, FAILURES, MOST_LOOKED),
            runsOf(cluster, drills, MOST_LOOKED),
          ]);
          const [looked] = looks;
          const newest = new Map(failures.toReversed().map((run) => [run.target, run] as const));
          const failing = [...newest.values()].filter(({ state }) => isOpen(state) || !WELL.includes(state));
          const drill = drilled.find(({ state }) => state === 'done');
          return {
            cluster,
            ...(looked === undefined ? {} : { looked: saidOf(looked) }),
            failing: failing.toReversed().map(saidOf),
            ...(drill === undefined ? {} : { drill: saidOf(drill) }),
          };
        }),
      );
      return { clusters };
    },
  };
}

function saidOf(run: Run): Said {
  const { playbook, target, state } = run;
  return { run: shortId(run.id), playbook, target, state, at: run.endedMs ?? run.createdMs, text: standing(runSummary({ run, playbook: undefined })) };
}
