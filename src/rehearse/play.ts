import type { Site } from '../config.ts';
import { errorText } from '../model/error.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { Playbook, Rehearsal, Script } from '../model/playbook.ts';
import type { RunView } from '../port/view/run.ts';
import { mismatches, type Seen } from './expect.ts';
import { openTheatre, type Theatre } from './theatre.ts';

export type Played = { readonly playbook: string; readonly name: string; readonly ok: boolean; readonly problems: readonly string[]; readonly writes: number };

/** The site that is played on, and who is told the timeline of the newest incident at the end. */
export type Stage = Pick<Site, 'catalog' | 'playbooks'> & { readonly tell?: (line: string) => void };

/** Plays one rehearsal from its world to its last expectation; the first thing that does not hold ends it. */
export async function playRehearsal(playbook: Playbook, rehearsal: Rehearsal, { tell, ...site }: Stage): Promise<Played> {
  const name = rehearsal.name ?? 'unnamed';
  const about = { playbook: playbook.id, name };
  const theatre = openTheatre({ world: rehearsal.world, site, ...(rehearsal.policy === undefined ? {} : { policy: rehearsal.policy }) });
  try {
    for (const [index, line] of rehearsal.script.entries()) {
      const problems = await playLine(theatre, playbook, line);
      if (problems.length > 0)
        return {
          ...about,
          ok: false,
          problems: problems.map((problem) => `line ${index + 1} of the script: ${problem}`),
          writes: theatre.world.writes().length,
        };
    }
    await theatre.clock.pass(1000);
    const problems = rehearsal.expect === undefined ? [] : mismatches(rehearsal.expect, await look(theatre, playbook));
    return { ...about, ok: problems.length === 0, problems, writes: theatre.world.writes().length };
  } catch (error) {
    return { ...about, ok: false, problems: [errorText(error)], writes: theatre.world.writes().length };
  } finally {
    if (tell !== undefined) await tellTimeline(theatre, tell);
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

async function tellTimeline(theatre: Theatre, tell: (line: string) => void): Promise<void> {
  const { commands } = theatre.app();
  const reader = theatre.callerOf('ana');
  const { items } = await commands.incidents(reader, { limit: 1 });
  const [first] = items;
  if (first === undefined) return;
  const { timeline } = await commands.incident(reader, first.id);
  for (const line of timeline)
    if (line.text !== undefined && line.text !== '') tell(`${new Date(line.at).toISOString().slice(0, 19).replace('T', ' ')}  ${line.text}`);
}
