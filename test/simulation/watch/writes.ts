import { parseLockKey } from '../../../src/gate/lock-key.ts';
import { freezeId, pauseId } from '../../../src/model/identity.ts';
import { textIn } from '../../../src/model/json.ts';
import { changeText, type PlannedStep } from '../../../src/model/plan.ts';
import type { Run, StepState } from '../../../src/model/run.ts';
import { readRun } from '../../../src/run/stored.ts';
import { keyOf } from '../../../src/store/oracle/state.ts';
import { readRecord } from '../../../src/store/texts.ts';
import { holderOf } from './locks.ts';
import type { Press, Scene, Watch, Written } from './watch.ts';

const TEAMS: { readonly [team: string]: readonly string[] } = { platform: ['ana', 'ben'], command: ['cleo', 'dora'] };

/**
 * What may reach a cluster: only what is announced, planned and, where people are asked, approved for exactly this plan by enough of them; under no
 * pause that was there before its permission; by the holder of the locks; and each write once.
 */
export function writeWatch(scene: Scene): Watch & { readonly times: ReadonlyMap<string, number> } {
  const { state, broken } = scene;
  const times = new Map<string, number>();
  /** When the permission of an announced write was stored last. */
  const permitted = new Map<string, number>();
  const pausedSince = new Map<string, number>();
  const auto = new Set<string>();
  /** Whose yes to which plan was taken back, and not given again. */
  const tookBack = new Set<string>();

  const runs = (): readonly Run[] => [...state.records.values()].flatMap((record) => (record.kind === 'run' ? [readRun(readRecord(record))] : []));

  const judge = (write: Written, run: Run, step: StepState): void => {
    const { planned } = step;
    const isUndo = run.state === 'closing';
    const allowed = isUndo ? planned.undo : planned.changes;
    if (!allowed.some((change) => changeText(change) === write.line))
      broken('only what is planned is written', `${write.line} of ${run.id}, state ${run.state}`);
    if (!isUndo && run.state !== 'executing') broken('only a run that executes writes', `${write.line} of ${run.id}, state ${run.state}`);
    for (const id of [pauseId(), pauseId(run.playbook), ...(isUndo ? [] : [freezeId()])]) {
      const sinceMs = pausedSince.get(`${write.cluster} ${id}`);
      const permittedMs = permitted.get(`${run.id} ${keyOfIntent(planned, write)}`) ?? 0;
      // A pause of another cluster is looked at just before the write is announced; one of the run's own is asked for in the same commit.
      const lookedMs = write.cluster === run.cluster ? permittedMs : permittedMs - LONGEST_LOOK_MS;
      if (sinceMs !== undefined && sinceMs < lookedMs)
        broken('nothing is written under a pause', `${write.line}: ${id} since at ${sinceMs}, announced at ${permittedMs}`);
    }
    for (const key of run.lockKeys) {
      const holder = holderOf(state, parseLockKey(key)?.cluster ?? run.cluster, key);
      if (holder !== run.id) broken('who writes holds its locks', `${write.line} of ${run.id}, and ${key} is held by ${holder ?? 'nobody'}`);
    }
    if (!isUndo) {
      const problem = unapproved(run, scene, tookBack);
      if (problem !== undefined) broken('only what is approved is written', `${write.line} of ${run.id}: ${problem}`);
      const { base } = planned.facts;
      if (typeof base === 'string' && !scene.basesSince(write.cluster, scene.nowMs() - LONGEST_LOOK_MS).includes(base))
        broken('only what rests on true facts is written', `${write.line} of ${run.id} rests on a base that is gone`);
      if (run.approval?.requirement.kind === 'auto') auto.add(`${run.cluster} ${run.id} ${run.generation}`);
      if ([...auto].filter((one) => one.startsWith(`${run.cluster} `)).length > AUTO_LIMIT)
        broken('automatic changes have a limit', `${auto.size} started by themselves`);
    }
    const key = `${planned.stepKey} ${isUndo ? 'undo ' : ''}${write.line}`;
    const count = (times.get(key) ?? 0) + 1;
    times.set(key, count);
    if (count > 1 && write.changed) broken('each write is made once', `${write.line} of ${run.id} was made ${count} times`);
  };

  let isForgetful = false;
  return {
    times,
    wentBack(partition) {
      isForgetful = true;
      tookBack.clear();
      auto.clear();
      for (const key of pausedSince.keys()) {
        const [of = '', id = ''] = key.split(' ');
        if (of === partition && !state.records.has(keyOf(of, id))) pausedSince.delete(key);
      }
    },
    committed(_, { partition, changes }) {
      for (const change of changes) {
        if (change.do === 'put' && change.kind === 'run') {
          const record = state.records.get(keyOf(partition, change.id));
          const run = record === undefined ? undefined : readRun(readRecord(record));
          for (const key of run?.openIntents ?? []) permitted.set(`${change.id} ${key}`, scene.nowMs());
          if (run?.state === 'executing' && run.approval?.held !== undefined)
            broken('what is held does not start', `${run.id} is held by ${run.approval.held.by}`);
        }
        if (change.do === 'put' && change.kind === 'pause' && !pausedSince.has(`${partition} ${change.id}`))
          pausedSince.set(`${partition} ${change.id}`, scene.nowMs());
        if (change.do === 'delete') pausedSince.delete(`${partition} ${change.id}`);
        for (const { type, data } of change.do === 'append' ? change.entries : []) {
          const vote = `${textIn(data['digest'])} ${textIn(data['by'])}`;
          if (type === 'approval.withdrawn') tookBack.add(vote);
          if (type === 'approval.vote') tookBack.delete(vote);
        }
      }
    },
    wrote(write) {
      const announced = runs().flatMap((run) =>
        run.steps.flatMap((step) =>
          step.planned.cluster === write.cluster && run.openIntents.includes(keyOfIntent(step.planned, write)) ? [{ run, step }] : [],
        ),
      );
      const [first] = announced;
      // Its announcement was stored, and is forgotten.
      if (first === undefined && isForgetful && [...permitted.keys()].some((key) => key.endsWith(` ${write.line}`))) return;
      if (first === undefined) broken('no write without a stored intent', `${write.line} by ${write.by}`);
      else if (write.changed) judge(write, first.run, first.step);
    },
  };
}

/** So long before a write the facts were compared, with answers and commits that are late in between. */
const LONGEST_LOOK_MS = 30_000;
/** As many as the site's configuration lets start by themselves in an hour; a history is shorter, and may touch two. */
export const AUTO_LIMIT = 4;

function keyOfIntent({ stepKey }: PlannedStep, { line }: Written): string {
  return `${stepKey.slice(0, 16)} ${line}`;
}

/** Why this run's plan may not be carried out: judged by who pressed what, not by what the run says about it. */
function unapproved(run: Run, { presses, platform }: Scene, tookBack: ReadonlySet<string>): string | undefined {
  const { plan, approval } = run;
  if (plan === undefined || approval === undefined) return 'it has no plan';
  const { requirement } = approval;
  if (requirement.kind === 'auto')
    return plan.steps.every(({ action, changes }) => action === 'test.set' || changes.length === 0) ? undefined : 'not all of it is automatic';
  if (requirement.kind !== 'people') return `it asks ${requirement.kind}`;
  const requester = run.start.by === 'person' ? run.start.person : undefined;
  const isDestructive = plan.risk === 'destructive';
  const given = presses.filter(({ by }) => !tookBack.has(`${plan.digest} ${by}`));
  const valid = given.filter((press) =>
    counts(press, { digest: plan.digest, confirmation: isDestructive ? run.target : undefined, not: isDestructive ? requester : undefined }),
  );
  const distinct = (teams: readonly string[]): number =>
    new Set(valid.filter(({ by }) => teams.some((team) => TEAMS[team]?.includes(by))).map(({ by }) => by)).size;
  // Behind the first stage the others of `addApprovers` may take a place of the team.
  const of = (team: string): number => distinct(team === 'platform' && !isDestructive && (approval.stage ?? 0) > 0 ? ['platform', 'command'] : [team]);
  const needs = isDestructive ? { platform: 1, command: 1 } : { platform, command: 0 };
  if (of('platform') >= needs.platform && of('command') >= needs.command) return undefined;
  return `for ${plan.digest.slice(0, 8)} ${of('platform')} of platform and ${of('command')} of command pressed, not ${needs.platform} and ${needs.command}`;
}

type Wanted = { readonly digest: string; readonly confirmation: string | undefined; readonly not: string | undefined };

function counts(press: Press, { digest, confirmation, not }: Wanted): boolean {
  return press.plan === digest && press.by !== not && (confirmation === undefined || press.confirmation === confirmation);
}
