import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failedNight, openCluster, type TestCluster } from '../../e2e/stage/cluster.ts';
import type { Program } from '../../e2e/stage/program.ts';
import { openSite, type Site } from '../../e2e/stage/salvor.ts';
import type { Stage } from '../../e2e/stage/stage.ts';

/** Where Salvor is killed again and again: a site on disk, a simulated cluster that outlives every kill, and whoever runs now. */
export type Ground = {
  readonly folder: string;
  readonly site: Site;
  readonly cluster: TestCluster;
  /** The program that was started last. */
  readonly program: () => Program;
  readonly close: () => Promise<void>;
};

/** Schedules of one night; every one of them failed, and its next backup succeeds. `bug`: one of `bugs.ts`, planted into every start. */
export async function openGround(schedules: readonly string[], { bug }: { readonly bug?: string | undefined } = {}): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-kills-'));
  const closers: (() => unknown)[] = [];
  const programs: Program[] = [];
  const stage: Stage = {
    folder,
    write(name, text) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    },
    makeFolder: (name) => join(folder, name),
    onClose: (close) => void closers.push(close),
    watch: (program) => void programs.push(program),
  };
  const cluster = await openCluster(stage, failedNight(schedules));
  const node = bug === undefined ? [] : ['--import', `${new URL('planted.ts', import.meta.url).href}?bug=${bug}`];
  const site = await openSite(stage, cluster, { node });
  return {
    folder,
    site,
    cluster,
    program() {
      const last = programs.at(-1);
      if (last === undefined) throw new Error('nothing was started');
      return last;
    },
    async close() {
      for (const program of programs) program.signal('SIGKILL');
      for (const close of closers.toReversed()) await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
