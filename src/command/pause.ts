import { readPause } from '../gate/pause.ts';
import { SalvorError } from '../model/error.ts';
import { freezeId, pauseId } from '../model/identity.ts';
import { suggestion } from '../model/problem.ts';
import type { Commands, PauseScope } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import { type Change, type Claimed, INBOX } from '../port/store.ts';
import type { PauseList } from '../port/view/operation.ts';
import { assertMayRead, personWith } from './access.ts';
import { type CommandDeps, playbooksOf } from './deps.ts';
import { endFreezes, freezeViews, freezing, spreadFreezes } from './freeze.ts';
import { assertCluster, journalChanges, partitionsOf, type SwitchDeps, tellRuns, writeSwitch } from './switch-journal.ts';

/** The big red switch. The records are what counts: a run asks for their absence in the very commit of every intent. */
export function pauses(deps: CommandDeps): Pick<Commands, 'pause' | 'resume' | 'pauses' | 'freeze' | 'unfreeze'> {
  const list = (): Promise<PauseList> => listPauses(deps);
  return {
    ...freezing(deps, list),

    async pause(caller, { reason, forMs, ...scope }) {
      const by = personWith(caller, 'pause', deps.policy());
      assertKnown(deps, scope);
      const sinceMs = deps.clock.nowMs();
      const untilMs = forMs === undefined ? undefined : sinceMs + forMs;
      const value = {
        by,
        reason,
        sinceMs,
        ...(untilMs === undefined ? {} : { untilMs }),
        ...(scope.playbook === undefined ? {} : { playbook: scope.playbook }),
      };
      const line = { type: 'pause.set', atMs: sinceMs, data: { ...value, surface: caller.surface } };
      for (const partition of partitionsOf(deps, scope.cluster)) {
        await writeSwitch(deps, { partition, line, change: () => putPause(value) });
        await tellRuns(deps, { partition, playbook: scope.playbook, why: `${by} paused: ${reason}` });
      }
      return list();
    },

    async resume(caller, scope) {
      const by = personWith(caller, 'pause', deps.policy());
      assertKnown(deps, scope);
      const id = pauseId(scope.playbook);
      const partitions = scope.cluster === undefined ? await deps.store.partitions() : [scope.cluster];
      for (const partition of partitions) {
        const line = { type: 'pause.ended', atMs: deps.clock.nowMs(), data: { by, surface: caller.surface, playbook: scope.playbook } };
        const changed = await writeSwitch(deps, { partition, line, change: (paused) => (paused === undefined ? undefined : { do: 'delete', id }), id });
        if (changed) await tellRuns(deps, { partition, playbook: scope.playbook, why: `${by} resumed` });
      }
      return list();
    },

    async pauses(caller) {
      assertMayRead(caller);
      return list();
    },
  };
}

/** What a loop over due records of the kind `pause` does: the time that somebody gave, to a pause or a freeze, is over. */
export function endPauses(deps: SwitchDeps): (claimed: readonly Claimed[]) => Promise<void> {
  return async (claimed) => {
    for (const one of claimed) {
      const { record } = one;
      if (record.id === freezeId()) {
        await endFreezes(deps, one);
        continue;
      }
      const { partition, id, epoch, seq } = record;
      const { by, playbook } = readPause(record.value);
      const line = { type: 'pause.ended', atMs: deps.clock.nowMs(), data: { by: 'time', pausedBy: by, playbook } };
      const journal = await journalChanges(deps.store, partition, line);
      const changes: readonly Change[] = [{ do: 'delete', id }, ...journal.changes];
      const result = await deps.store.commit({ partition, opId: deps.ids.next(), guards: [{ is: 'held', id, epoch, seq }, ...journal.guards], changes });
      if (result.kind === 'done') await tellRuns(deps, { partition, playbook, why: 'a pause ended' });
    }
  };
}

/** A cluster that appears while everything is paused or frozen is so, too. Called when the configuration gains a cluster, before anything runs there. */
export async function spreadPauses(deps: SwitchDeps, cluster: string): Promise<void> {
  await spreadFreezes(deps, cluster);
  for (const record of await listAll(deps.store, { partition: INBOX, kind: 'pause' })) {
    if (record.id === freezeId()) continue;
    if ((await deps.store.get(cluster, record.id)) !== undefined) continue;
    const pause = readPause(record.value);
    const line = { type: 'pause.set', atMs: deps.clock.nowMs(), data: { ...pause } };
    await writeSwitch(deps, { partition: cluster, line, change: (paused) => (paused === undefined ? putPause(pause) : undefined), id: record.id });
  }
}

function assertKnown(deps: CommandDeps, { cluster, playbook }: PauseScope): void {
  assertCluster(deps, cluster);
  const known = playbooksOf(deps).map(({ id }) => id);
  if (playbook !== undefined && !known.includes(playbook))
    throw new SalvorError('playbook.unknown', `There is no playbook "${playbook.slice(0, 80)}".${suggestion(playbook, known)}`);
}

type PauseValue = ReturnType<typeof readPause>;

function putPause(value: PauseValue): Change {
  const { by, reason, sinceMs, untilMs, playbook } = value;
  const stored = { by, reason, sinceMs, ...(untilMs === undefined ? {} : { untilMs }), ...(playbook === undefined ? {} : { playbook }) };
  return {
    do: 'put',
    id: pauseId(playbook),
    kind: 'pause',
    indexed: { playbook: playbook ?? '' },
    value: stored,
    ...(untilMs === undefined ? {} : { dueMs: untilMs }),
  };
}

async function listPauses(deps: CommandDeps): Promise<PauseList> {
  const records = (await listAll(deps.store, { kind: 'pause' })).filter(({ partition }) => partition !== INBOX);
  const items = records.flatMap(({ id, partition, value }) => {
    if (id === freezeId()) return [];
    const { by, reason, sinceMs, untilMs, playbook } = readPause(value);
    return [{ cluster: partition, playbook, by, reason, since: sinceMs, until: untilMs }];
  });
  const freezes = freezeViews(
    deps,
    records.filter(({ id }) => id === freezeId()),
  );
  return freezes.length === 0 ? { items } : { items, freezes };
}
