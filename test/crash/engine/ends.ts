import type { RunMail } from '../../../src/model/mail.ts';
import { isOpen, type Run, type StepState } from '../../../src/model/run.ts';
import { stage } from '../../scenario/engine/stage.ts';
import { type Boundary, death } from './death.ts';
import { type Stage, type Story, tellStory } from './stories.ts';

/** What a person may say to end a run, and what it ends as. */
export const COMMANDS = {
  cancel: { mail: { kind: 'cancel', by: 'ana', surface: 'api', keep: false, reason: 'enough' }, end: 'cancelled', mode: 'rollback' },
  'cancel --keep': { mail: { kind: 'cancel', by: 'ana', surface: 'api', keep: true, reason: 'enough' }, end: 'cancelled', mode: 'stop' },
  supersede: { mail: { kind: 'supersede', by: 'cleo', surface: 'api', reason: 'I take over' }, end: 'superseded', mode: 'rollback' },
  reject: { mail: { kind: 'reject', by: 'ana', surface: 'api', reason: 'not today' }, end: 'rejected', mode: 'rollback' },
} as const satisfies { readonly [name: string]: { readonly mail: RunMail; readonly end: string; readonly mode: string } };

export type Told = { readonly on: Stage; readonly id: string /** As it was stored when the command came. */; readonly before: Run; readonly deaths: number };

/**
 * Tells a story to its first boundary, where the engine dies; a command comes while nobody drives the run; another engine takes it up, and dies at the
 * second boundary, where there is one; a last one goes on to the end.
 */
export async function tellUntil(story: Story, mail: RunMail, boundaries: readonly Boundary[]): Promise<Told | undefined> {
  const { playbook, clusters, policy } = story;
  const killer = death(boundaries);
  const on = await stage({ playbook, clusters, around: killer.around, ...(policy === undefined ? {} : { policy }) });
  const id = await story.begin(on);
  let before: Run | undefined;
  for (let look = 0; look < 60 && (isOpen((await on.run(id)).state) || killer.isDead()); look += 1) {
    if (killer.isDead()) {
      if (before === undefined) {
        before = await on.run(id);
        await on.tell(id, mail);
      }
      on.restart();
    }
    await story.look(on, id);
    await on.clock.pass(4000);
  }
  return before === undefined ? undefined : { on, id, before, deaths: killer.deaths() };
}

/** The state and what is waited for. */
export const placeOf = ({ state, waiting }: Run): string => (waiting === undefined ? state : `${state} ${waiting.what}`);

/** How each step ought to stand at the end: undone where the way of the end and its `undo` say so, else as it was. */
export function isToBeUndone({ undo }: Pick<StepState, 'undo'>, mode: string): boolean {
  return undo === 'always' || (undo === 'on-failure' && mode === 'rollback');
}

/** Behind every commit, and on both sides of every write: there a write may be half done. */
export async function pointsOf(make: () => Story): Promise<readonly Boundary[]> {
  const { counts, around, isDead } = death();
  await tellStory(make(), around, isDead);
  const all = (what: Boundary['what'], sides: readonly Boundary['side'][]): readonly Boundary[] =>
    Array.from({ length: counts[what]() }, (_, at) => sides.map((side) => ({ what, n: at + 1, side }))).flat();
  return [...all('commit', ['behind']), ...all('write', ['before', 'behind'])];
}

export const wordsOf = ({ what, n, side }: Boundary): string => `${side} ${what} ${n}`;
