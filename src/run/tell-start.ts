import { errorText } from '../model/error.ts';
import { isOpen, waitsForWorld } from '../model/run.ts';
import { listAll } from '../port/list-all.ts';
import type { Engine } from './engine.ts';
import { misfitOf } from './fits.ts';
import { textOf } from './playbook-text.ts';
import { readRuns } from './stored.ts';

/**
 * Tells open runs that Salvor was started, perhaps in another version, where they must not wait until they are due. One that does not fit the catalog, or
 * did not until now, is held at once, and people see why. One that waits for the world looks again: what it had looked at is watched by nobody any more,
 * and it may be due in hours only.
 */
export async function tellStart(engine: Engine, cluster: string): Promise<void> {
  const { store, ids, log } = engine;
  for (const run of readRuns(await listAll(store, { partition: cluster, kind: 'run', where: { open: 'yes' } }))) {
    if (!isOpen(run.state)) continue;
    const misfit = await textOf(engine, run).then(
      (playbook) => misfitOf(engine.actions, run, playbook),
      (error: unknown) => errorText(error),
    );
    if (misfit !== undefined) log.warn('run.does-not-fit', { runId: run.id, reason: misfit });
    else if (run.hold?.gate !== 'upgrade' && !waitsForWorld(run)) continue;
    const key = `look/${ids.next()}`;
    const mail = { do: 'mail', to: run.id, key, value: { kind: 'look', why: 'Salvor was started' } } as const;
    await store.commit({ partition: cluster, opId: key, guards: [{ is: 'absent', id: key }], changes: [mail] });
  }
}
