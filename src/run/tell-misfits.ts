import { errorText } from '../model/error.ts';
import { isOpen } from '../model/run.ts';
import { listAll } from '../port/list-all.ts';
import type { Engine } from './engine.ts';
import { misfitOf } from './fits.ts';
import { textOf } from './playbook-text.ts';
import { readRun } from './stored.ts';

/**
 * Asked when Salvor starts, perhaps in another version: an open run that does not fit the catalog, or did not until now, is told to look, so that it is
 * held at once and people see why, and not in two days when it is due.
 */
export async function tellMisfits(engine: Engine, cluster: string): Promise<void> {
  const { store, ids, log } = engine;
  for (const record of await listAll(store, { partition: cluster, kind: 'run', where: { open: 'yes' } })) {
    const run = readRun(record);
    if (!isOpen(run.state)) continue;
    const misfit = await textOf(engine, run).then(
      (playbook) => misfitOf(engine.actions, run, playbook),
      (error: unknown) => errorText(error),
    );
    if (misfit === undefined && run.hold?.gate !== 'upgrade') continue;
    if (misfit !== undefined) log.warn('run.does-not-fit', { runId: run.id, reason: misfit });
    const key = `look/${ids.next()}`;
    const mail = { do: 'mail', to: run.id, key, value: { kind: 'look', why: 'Salvor was started' } } as const;
    await store.commit({ partition: cluster, opId: key, guards: [{ is: 'absent', id: key }], changes: [mail] });
  }
}
