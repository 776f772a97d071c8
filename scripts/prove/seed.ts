import { minimise } from '../../test/simulation/minimise.ts';
import { type History, play } from '../../test/simulation/play.ts';
import { drawScript, type Script } from '../../test/simulation/script.ts';

/** Plays one seed, says how it went, and where something broke: the shortest history that still breaks it, and how to see it again. */
export async function tellSeed(seed: number, say: (line: string) => void, bug?: string): Promise<History> {
  const script = drawScript(seed);
  const history = await play(script);
  const { violation, tasks, commits, writes, hash, ends } = history;
  say(`seed ${seed}: ${tasks} tasks, ${commits} commits, ${writes} writes, runs ended ${ends.join(', ') || 'none'}, hash ${hash.slice(0, 16)}`);
  if (violation === undefined) return history;
  say(`  broken at ${violation.atMs} ms: ${violation.invariant}`);
  for (const line of violation.words.split('\n')) say(`    ${line}`);
  const { happenings } = await minimise(script, violation.invariant);
  say(`  it still breaks with these ${happenings.length} of ${script.happenings.length}, on ${programsOf(script)}:`);
  for (const one of happenings) say(`    ${JSON.stringify(one)}`);
  say(`  again: npm run prove -- --seed ${seed}${bug === undefined ? '' : ` --bug ${bug}`}`);
  return history;
}

/** Every task of one seed, in its order. */
export async function traceSeed(seed: number, say: (line: string) => void): Promise<void> {
  await play(drawScript(seed), say);
}

function programsOf({ programs }: Script): string {
  return programs.length > 1 ? `${programs.length} programs and one store` : 'one program with its store inside';
}
