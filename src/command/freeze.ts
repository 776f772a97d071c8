import { covers, type HandFreeze, readFreezes } from '../gate/freeze.ts';
import { SalvorError } from '../model/error.ts';
import { freezeId } from '../model/identity.ts';
import type { Commands } from '../port/commands.ts';
import { type Change, type Claimed, INBOX, type StoredRecord } from '../port/store.ts';
import type { PauseList } from '../port/view/operation.ts';
import { personWith } from './access.ts';
import { type CommandDeps, clustersOf } from './deps.ts';
import { assertCluster, journalChanges, partitionsOf, type SwitchDeps, tellRuns, writeSwitch } from './switch-journal.ts';

const LONGEST_NAME = 80;

type Freezing = Pick<Commands, 'freeze' | 'unfreeze'>;
type FreezeView = NonNullable<PauseList['freezes']>[number];

/**
 * Freezes by hand: nothing new is written on a cluster until a moment, and what is half done may still be undone. All of a cluster are in one record, for
 * whose absence a run asks in the commit of every intent; the same name again takes the place of the one before.
 */
export function freezing(deps: CommandDeps, list: () => Promise<PauseList>): Freezing {
  return {
    async freeze(caller, { name: given, cluster, reason, untilMs }) {
      const by = personWith(caller, 'pause', deps.policy());
      assertCluster(deps, cluster);
      const [name, sinceMs] = [given.trim(), deps.clock.nowMs()];
      if (name === '' || name.length > LONGEST_NAME) throw new SalvorError('request.invalid', `A freeze has a name of at most ${LONGEST_NAME} characters`);
      if (untilMs <= sinceMs) throw new SalvorError('request.invalid', `The freeze "${name}" would be over already: say a moment to come, or how long`);
      if (configured(deps, name)) throw new SalvorError('request.conflict', ofConfiguration(name));
      const one: HandFreeze = { name, by, reason, sinceMs, untilMs };
      const line = { type: 'freeze.set', atMs: sinceMs, data: { ...one, surface: caller.surface } };
      for (const partition of partitionsOf(deps, cluster)) {
        await writeSwitch(deps, { partition, line, id: freezeId(), change: (before) => put([...others(before, name), one]) });
        await tellRuns(deps, { partition, why: `${by} froze it ("${name}"): ${reason}` });
      }
      return list();
    },

    async unfreeze(caller, { name: given, cluster }) {
      const by = personWith(caller, 'pause', deps.policy());
      assertCluster(deps, cluster);
      const name = given.trim();
      let found = false;
      for (const partition of cluster === undefined ? await deps.store.partitions() : [cluster]) {
        const line = { type: 'freeze.ended', atMs: deps.clock.nowMs(), data: { by, surface: caller.surface, name } };
        const changed = await writeSwitch(deps, { partition, line, id: freezeId(), change: (before) => without(before, (one) => one.name === name) });
        if (changed) await tellRuns(deps, { partition, why: `${by} ended the freeze "${name}"` });
        found ||= changed;
      }
      if (!found) throw new SalvorError('request.not-found', configured(deps, name) ? ofConfiguration(name) : await noneOf(name, list));
      return list();
    },
  };
}

/** The freezes in force, by hand and of the configuration, by cluster. */
export function freezeViews(deps: Pick<CommandDeps, 'policy' | 'intake' | 'clock'>, records: readonly StoredRecord[]): readonly FreezeView[] {
  const nowMs = deps.clock.nowMs();
  const byHand = records.flatMap(({ partition, value }) =>
    readFreezes(value).map(({ name, by, reason, sinceMs, untilMs }) => ({ cluster: partition, name, by, reason, since: sinceMs, until: untilMs })),
  );
  const ofFile = clustersOf(deps).flatMap((cluster) =>
    deps
      .policy()
      .gates.freezes.filter((one) => covers(one, cluster, nowMs))
      .map(({ name, fromMs, untilMs }) => ({ cluster, name, since: fromMs, until: untilMs })),
  );
  return [...byHand, ...ofFile];
}

/** The time of one or more freezes of a cluster is over: they are taken away, and what is left waits for its own. */
export async function endFreezes(deps: SwitchDeps, { record }: Claimed): Promise<void> {
  const { partition, id, epoch, seq } = record;
  const nowMs = deps.clock.nowMs();
  const over = readFreezes(record.value).filter(({ untilMs }) => untilMs <= nowMs);
  const change = without(record, ({ untilMs }) => untilMs <= nowMs);
  if (change === undefined) return;
  const line = { type: 'freeze.ended', atMs: nowMs, data: { by: 'time', name: over.map(({ name }) => name).join(', ') } };
  const journal = await journalChanges(deps.store, partition, line);
  const guards = [{ is: 'held', id, epoch, seq } as const, ...journal.guards];
  const result = await deps.store.commit({ partition, opId: deps.ids.next(), guards, changes: [change, ...journal.changes] });
  if (result.kind === 'done') await tellRuns(deps, { partition, why: 'a freeze ended' });
}

/** A cluster that appears while every cluster is frozen is frozen, too. */
export async function spreadFreezes(deps: SwitchDeps, cluster: string): Promise<void> {
  const everywhere = await deps.store.get(INBOX, freezeId());
  if (everywhere === undefined) return;
  const freezes = readFreezes(everywhere.value);
  const line = { type: 'freeze.set', atMs: deps.clock.nowMs(), data: { name: freezes.map(({ name }) => name).join(', '), spread: true } };
  await writeSwitch(deps, { partition: cluster, line, id: freezeId(), change: (before) => (before === undefined ? put(freezes) : undefined) });
}

function others(before: StoredRecord | undefined, name: string): readonly HandFreeze[] {
  return before === undefined ? [] : readFreezes(before.value).filter((one) => one.name !== name);
}

function put(freezes: readonly HandFreeze[]): Change {
  const dueMs = Math.min(...freezes.map(({ untilMs }) => untilMs));
  return { do: 'put', id: freezeId(), kind: 'pause', indexed: { playbook: '' }, value: { freezes: [...freezes] }, dueMs, release: true };
}

/** Undefined: none of them is there. */
function without(before: StoredRecord | undefined, isGone: (one: HandFreeze) => boolean): Change | undefined {
  const freezes = before === undefined ? [] : readFreezes(before.value);
  const left = freezes.filter((one) => !isGone(one));
  if (left.length === freezes.length) return undefined;
  return left.length === 0 ? { do: 'delete', id: freezeId() } : put(left);
}

function configured({ policy }: Pick<CommandDeps, 'policy'>, name: string): boolean {
  return policy().gates.freezes.some((one) => one.name === name);
}

function ofConfiguration(name: string): string {
  return `"${name}" is a freeze of the configuration: it is changed in gates.freezes of salvor.yaml`;
}

async function noneOf(name: string, list: () => Promise<PauseList>): Promise<string> {
  const { freezes = [] } = await list();
  const names = [...new Set(freezes.flatMap((one) => (one.by === undefined ? [] : [`"${one.name}"`])))];
  return `There is no freeze "${name.slice(0, LONGEST_NAME)}" there. ${names.length === 0 ? 'Nothing is frozen by hand' : `By hand: ${names.join(', ')}`}`;
}
