import { drawsOf } from '../../../src/gate/blast-radius.ts';
import { conflicts } from '../../../src/gate/lock-key.ts';
import { isOpen, type Run } from '../../../src/model/run.ts';
import { readRun } from '../../../src/run/stored.ts';
import { keyOf } from '../../../src/store/oracle/state.ts';
import { readRecord } from '../../../src/store/texts.ts';
import type { Scene, Watch } from './watch.ts';

/** What runs are to each other: one holder each, one open run for a target, no two that hold the same, and no more at once than allowed. */
export function runWatch({ state, broken }: Scene, blastRadius: { readonly [kind: string]: number }): Watch {
  /** Who claimed which epoch of a record. */
  const holders = new Map<string, string>();
  const open = new Map<string, Run>();
  const seen = new Set<string>();

  const compare = (run: Run): void => {
    const others = [...open.values()].filter(({ id, cluster }) => id !== run.id && cluster === run.cluster);
    const twin = others.find(({ playbook, target }) => playbook === run.playbook && target === run.target);
    if (twin !== undefined) broken('one open run for a target', `${run.id} and ${twin.id} are open for ${run.playbook} on ${run.target}`);
    if (!run.locked) return;
    const locked = others.filter((other) => other.locked);
    const rival = locked.find((other) => other.lockKeys.some((key) => run.lockKeys.some((own) => conflicts(key, own))));
    if (rival !== undefined) broken('a lock has one holder', `${run.id} and ${rival.id} hold ${run.lockKeys.join()} and ${rival.lockKeys.join()}`);
    const all = drawsOf(
      [run, ...locked].flatMap(({ lockKeys }) => lockKeys),
      blastRadius,
    );
    const over = all.find(({ add, limit }) => limit !== undefined && add > limit);
    if (over !== undefined) broken('the blast radius holds', `${over.add} ${over.budget} are touched at once, of at most ${over.limit}`);
  };

  return {
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
