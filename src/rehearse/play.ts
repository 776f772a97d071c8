import type { Site } from '../config.ts';
import { errorText } from '../model/error.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { Playbook, Rehearsal, Script } from '../model/playbook.ts';
import type { RunView } from '../port/view/run.ts';
import { mismatches, type Seen } from './expect.ts';
import { openTheatre, type Theatre } from './theatre.ts';

export type Played = { readonly playbook: string; readonly name: string; readonly ok: boolean; readonly problems: readonly string[]; readonly writes: number };

/** Somebody who watches a rehearsal as it is played. */
export type Watching = {
  /** Before a line of the script is played, with what there is to see by then. What it answers is waited for. */
  readonly before: (line: Script, seen: { readonly nowMs: number; readonly run: RunView | undefined }) => Promise<void>;
  /** A new line of the newest incident's timeline. */
  readonly told: (line: { readonly atMs: number; readonly text: string }) => void;
  /** At the end, with the report of the newest incident as a page, and everything that was written. */
  readonly ended: (end: { readonly report: string; readonly writes: readonly string[] }) => Promise<void>;
};

/** The site that is played on, and who watches. `open`: another theatre than the plain one. */
export type Stage = Pick<Site, 'catalog' | 'playbooks'> & { readonly watching?: Watching; readonly open?: typeof openTheatre };

/** Plays one rehearsal from its world to its last expectation; the first thing that does not hold ends it. */
export async function playRehearsal(playbook: Playbook, rehearsal: Rehearsal, { watching, open = openTheatre, ...site }: Stage): Promise<Played> {
  const name = rehearsal.name ?? 'unnamed';
  const about = { playbook: playbook.id, name };
  const theatre = open({ world: rehearsal.world, site, ...(rehearsal.policy === undefined ? {} : { policy: rehearsal.policy }) });
  const teller = watching && timelineTeller(theatre, watching);
  try {
    for (const [index, line] of rehearsal.script.entries()) {
      if (watching !== undefined) await watching.before(line, { nowMs: theatre.clock.nowMs(), run: await newestRun(theatre, playbook) });
      const problems = await playLine(theatre, playbook, line);
      await teller?.tellNew();
      if (problems.length > 0)
        return {
          ...about,
          ok: false,
          problems: problems.map((problem) => `line ${index + 1} of the script: ${problem}`),
          writes: theatre.world.writes().length,
        };
    }
    await theatre.clock.pass(1000);
    await teller?.end();
    const problems = rehearsal.expect === undefined ? [] : mismatches(rehearsal.expect, await look(theatre, playbook));
    return { ...about, ok: problems.length === 0, problems, writes: theatre.world.writes().length };
  } catch (error) {
    return { ...about, ok: false, problems: [errorText(error)], writes: theatre.world.writes().length };
  } finally {
    // Timers of a virtual clock die with it; what is in hand is let go of.
    await theatre.settle(theatre.close());
  }
}

async function playLine(theatre: Theatre, playbook: Playbook, line: Script): Promise<readonly string[]> {
  const { clock } = theatre;
  if ('after' in line) await clock.pass(line.after);
  else if ('alert' in line) await theatre.alert(line.alert, line.status);
  else if ('world' in line) theatre.change(line.world);
  else if ('kill' in line) theatre.kill();
  else if ('expect' in line) {
    await clock.pass(1000);
    return mismatches(line.expect, await look(theatre, playbook));
  } else if ('run' in line) {
    const commands = theatre.app().commands;
    await theatre.settle(commands.startRun(theatre.callerOf(line.by), { playbook: playbook.id, params: line.run, reason: 'a rehearsal' }));
  } else if ('press' in line) await press(theatre, playbook, line);
  else await answer(theatre, playbook, line);
  return [];
}

async function press(theatre: Theatre, playbook: Playbook, line: Extract<Script, { press: string }>): Promise<void> {
  const run = await newestRun(theatre, playbook);
  if (run === undefined) throw new Error('there is no run to decide about');
  const { commands } = theatre.app();
  const caller = theatre.callerOf(line.by);
  const reason = line.reason ?? 'a rehearsal';
  switch (line.press) {
    case 'approve':
      await theatre.settle(
        commands.approve(caller, run.id, { plan: run.plan?.digest ?? '', ...(line.confirmation === undefined ? {} : { confirmation: line.confirmation }) }),
      );
      return;
    case 'reject':
      await theatre.settle(commands.reject(caller, run.id, { reason }));
      return;
    case 'cancel':
      await theatre.settle(commands.cancel(caller, run.id, { reason }));
  }
}

async function answer(theatre: Theatre, playbook: Playbook, line: Extract<Script, { answer: Json }>): Promise<void> {
  const run = await newestRun(theatre, playbook);
  if (run === undefined) throw new Error('there is no run to answer');
  const ask = line.ask ?? playbook.stages[run.stageIndex]?.id ?? '';
  const given = { ask, value: line.answer, ...(line.confirmation === undefined ? {} : { confirmation: line.confirmation }) };
  await theatre.settle(theatre.app().commands.answer(theatre.callerOf(line.by), run.id, given));
}

async function newestRun(theatre: Theatre, playbook: Playbook): Promise<(RunView & { readonly stageIndex: number }) | undefined> {
  const { commands } = theatre.app();
  const reader = theatre.callerOf('ana');
  const { items } = await commands.runs(reader, { playbook: playbook.id, limit: 1 });
  const [first] = items;
  if (first === undefined) return undefined;
  const run = await commands.run(reader, first.id);
  const stageIndex = playbook.stages.findIndex(({ id }) => id === run.stage);
  return { ...run, stageIndex };
}

/** What a rehearsal can expect of: the newest run of the playbook, what was written, who was paged. */
async function look(theatre: Theatre, playbook: Playbook): Promise<Seen> {
  const run = await newestRun(theatre, playbook);
  const pages = theatre.world.pager.pages().filter(({ action }) => action === 'trigger').length;
  const steps: JsonObject = Object.fromEntries((run?.steps ?? []).map((step) => [step.step, step.phase]));
  return { run, steps, writes: theatre.world.writes(), pages };
}

/** Tells what is new in the newest incident. */
function timelineTeller(theatre: Theatre, { told, ended }: Watching) {
  const reader = theatre.callerOf('ana');
  let last = 0;
  const newest = async (): Promise<string | undefined> => (await theatre.app().commands.incidents(reader, { limit: 1 })).items[0]?.id;
  return {
    async tellNew(): Promise<void> {
      const id = await newest();
      if (id === undefined) return;
      const { timeline } = await theatre.app().commands.incident(reader, id);
      for (const { n, at, text = '' } of timeline) {
        if (n <= last) continue;
        last = n;
        if (text !== '') told({ atMs: at, text });
      }
    },
    async end(): Promise<void> {
      await this.tellNew();
      const id = await newest();
      if (id !== undefined) await ended({ report: await theatre.app().commands.report(reader, id, 'html'), writes: theatre.world.writes() });
    },
  };
}
