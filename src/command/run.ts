import { SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import type { Playbook } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import { END_STATES, OPEN_STATES, type Run } from '../model/run.ts';
import type { Commands } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import type { RunSummary } from '../port/view/run.ts';
import { readRuns } from '../run/stored.ts';
import { assertMayRead } from './access.ts';
import type { CommandDeps } from './deps.ts';
import { findRun } from './press.ts';
import { playbookOf, readJournal } from './read.ts';
import { runSummary, runView } from './run-view.ts';

const PAGE = 50;
const MOST = 500;

/** Looking at runs. */
export function runViews(deps: CommandDeps): Pick<Commands, 'runs' | 'run'> {
  return {
    async runs(caller, query) {
      assertMayRead(caller);
      const { state, target, playbook, cluster, incident, open, cursor } = query;
      const states: readonly string[] = [...OPEN_STATES, ...END_STATES];
      const wrong = state?.find((name) => !states.includes(name));
      if (wrong !== undefined) throw new SalvorError('request.invalid', `There is no run state "${wrong.slice(0, 40)}".${suggestion(wrong, states)}`);
      const where = {
        ...(state === undefined ? {} : { state }),
        ...(target === undefined ? {} : { target }),
        ...(playbook === undefined ? {} : { playbook }),
        ...(incident === undefined ? {} : { incident: `incident/${shortId(incident)}` }),
        ...(open === undefined ? {} : { open: open ? 'yes' : 'no' }),
      };
      const page = await deps.store.list({
        kind: 'run',
        where,
        newestFirst: true,
        limit: pageSize(query.limit),
        ...(cluster === undefined ? {} : { partition: cluster }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      return { items: await summariesOf(deps, readRuns(page.records)), ...(page.cursor === undefined ? {} : { next: page.cursor }) };
    },

    async run(caller, id) {
      assertMayRead(caller);
      const { run } = await findRun(deps, id);
      const journal = await readJournal(deps.store, { partition: run.cluster, of: run.id });
      return runView({ run, playbook: await playbookOf(deps, run) }, journal, deps);
    },
  };
}

/** How many records one page of a list has. */
export function pageSize(asked: number | undefined): number {
  return Math.min(MOST, Math.max(1, asked ?? PAGE));
}

/** Runs of a list; runs of one playbook text share its reading. */
export async function summariesOf(deps: CommandDeps, runs: readonly Run[]): Promise<readonly RunSummary[]> {
  const texts = new Map<string, Promise<Playbook | undefined>>();
  return Promise.all(
    runs.map(async (run) => {
      const key = `${run.playbook} ${run.playbookDigest}`;
      const playbook = texts.get(key) ?? playbookOf(deps, run);
      texts.set(key, playbook);
      return runSummary({ run, playbook: await playbook });
    }),
  );
}

/** Every run of an incident, oldest first. */
export async function runsOf(deps: Pick<CommandDeps, 'store'>, incident: { readonly id: string; readonly cluster: string }): Promise<readonly Run[]> {
  const records = await listAll(deps.store, { partition: incident.cluster, kind: 'run', where: { incident: incident.id } });
  return readRuns(records);
}
