import { drawsOf } from '../../../src/gate/blast-radius.ts';
import { conflicts, parseLockKey } from '../../../src/gate/lock-key.ts';
import { isOpen, type Run } from '../../../src/model/run.ts';
import { readRun } from '../../../src/run/stored.ts';
import { keyOf } from '../../../src/store/oracle/state.ts';
import { readRecord } from '../../../src/store/texts.ts';
import { holderOf } from './locks.ts';
import type { Scene, Watch } from './watch.ts';

/** What runs are to each other: one holder each, one open run for a target, no two that hold the same, and no more at once than allowed. */
export function runWatch({ state, broken }: Scene, blastRadius: { readonly [kind: string]: number }): Watch {
  /** Who claimed which epoch of a record. */
  const holders = new Map<string, string>();
  const open = new Map<string, Run>();
  const seen = new Set<string>();

  const compare = (run: Run): void => {
    const others = [...open.values()].filter(({ id }) => id !== run.id);
    const twin = others.find(({ cluster, playbook, target }) => cluster === run.cluster && playbook === run.playbook && target === run.target);
    if (twin !== undefined) broken('one open run for a target', `${run.id} and ${twin.id} are open for ${run.playbook} on ${run.target}`);
    if (!run.locked) return;
    const locked = others.filter((other) => other.locked);
    const own = heldBy(run);
    const rival = locked.find((other) => heldBy(other).some((key) => own.some((mine) => conflicts(key, mine))));
    if (rival !== undefined) broken('a lock has one holder', `${run.id} and ${rival.id} hold ${run.lockKeys.join()} and ${rival.lockKeys.join()}`);
    const held = [run, ...locked].flatMap(heldBy);
    for (const cluster of new Set(held.flatMap((key) => parseLockKey(key)?.cluster ?? []))) {
      const draws = drawsOf(
        held.filter((key) => parseLockKey(key)?.cluster === cluster),
        blastRadius,
      );
      const over = draws.find(({ add, limit }) => limit !== undefined && add > limit);
      if (over !== undefined) broken('the blast radius holds', `${over.add} ${over.budget} of ${cluster} are touched at once, of at most ${over.limit}`);
    }
  };
  /** A run that ends gives back what it holds elsewhere first; in its own cluster it holds what it says. */
  const heldBy = (run: Run): readonly string[] =>
    run.lockKeys.filter((key) => {
      const cluster = parseLockKey(key)?.cluster ?? run.cluster;
      return cluster === run.cluster || holderOf(state, cluster, key) === run.id;
    });

  return {
    wentBack(partition) {
      for (const [id, { cluster }] of open) if (cluster === partition) open.delete(id);
      for (const key of seen) if (key.startsWith(`${partition} `)) seen.delete(key);
      for (const record of state.records.values()) {
        if (record.kind !== 'run' || record.partition !== partition) continue;
        const run = readRun(readRecord(record));
        if (isOpen(run.state)) open.set(run.id, run);
      }
    },
    claimed: (by, partition, id, epoch) => void holders.set(`${partition} ${id} ${epoch}`, by),
    committed(by, { partition, changes }) {
      for (const change of changes) {
        if (change.do !== 'put' || change.kind !== 'run') continue;
        const record = state.records.get(keyOf(partition, change.id));
        if (record === undefined) continue;
        const holder = holders.get(`${partition} ${change.id} ${record.epoch}`);
        const key = `${partition} ${change.id}`;
        if (seen.has(key) && holder !== by) broken('only the holder of a run writes it', `${by} put ${change.id}, which ${holder ?? 'nobody'} holds`);
        seen.add(key);
        const run = readRun(readRecord(record));
        if (isOpen(run.state)) {
          open.set(run.id, run);
          compare(run);
        } else open.delete(run.id);
      }
    },
  };
}
