import { START_MS } from '../../../src/world/clock.ts';
import { type Boundary, death } from './death.ts';
import { type Story, tellStory } from './stories.ts';

/** Lines that a retry may add or leave out; everything else reads the same with and without a crash. */
const RETRIES: ReadonlySet<string> = new Set(['run.trouble', 'run.held', 'step.progress', 'await.waiting', 'run.unverified', 'write.intent', 'write.outcome']);

/** How a story ends, in everything that is stored and written, where its engines die at these boundaries one after the other. */
export async function outcome(make: () => Story, ...boundaries: readonly Boundary[]) {
  const killer = death(boundaries);
  const { on, id } = await tellStory(make(), killer.around, killer.isDead);
  const journal = await on.journal(id);
  const clusters = on.engine().clusters.names();
  const writes = clusters.map((name) => on.sim(name).writes());
  const announced = (type: string): readonly string[] =>
    journal
      .filter((line) => line.type === type)
      .map(({ data: { write } }) => (typeof write === 'string' ? write : ''))
      .toSorted((a, b) => (a < b ? -1 : 1));
  const heads = (await on.store().list({ partition: 'prod', kind: 'slot', limit: 10 })).records.map(({ value }) => value);
  const run = await on.run(id);
  return {
    killer,
    journal,
    id,
    what: {
      state: run.state,
      generation: run.generation,
      steps: run.steps.map(({ step, generation, phase, result }) => [step, generation, phase, result]),
      answers: Object.keys(run.answers),
      open: run.openIntents,
      writes,
      intents: announced('write.intent'),
      outcomes: announced('write.outcome'),
      timeline: journal.map(({ type }) => type).filter((type) => !RETRIES.has(type)),
      locks: (await Promise.all(clusters.map((name) => on.locks(name)))).flat(),
      counts: await on.store().counts('prod', ['blast/targets', 'inside/prod/Cluster//prod', `auto/test.set/${START_MS}`]),
      heads: heads.map((head) => (typeof head === 'object' && head !== null && 'openRun' in head ? 'open' : 'closed')),
    },
  };
}

/** Every commit, every claim and every write, on both sides; reads change nothing, so one side of them is enough. */
export function boundariesOf(counts: { readonly [W in Boundary['what']]: () => number }): readonly Boundary[] {
  const all = (what: Boundary['what'], sides: readonly Boundary['side'][]): readonly Boundary[] =>
    Array.from({ length: counts[what]() }, (_, at) => sides.map((side) => ({ what, n: at + 1, side }))).flat();
  return [...all('commit', ['before', 'behind']), ...all('write', ['before', 'behind']), ...all('claim', ['behind']), ...all('read', ['before'])];
}
