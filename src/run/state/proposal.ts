import { cut } from '../../model/cut.ts';
import type { JsonObject } from '../../model/json.ts';
import { changeText, type Plan, type PlannedStep } from '../../model/plan.ts';
import type { StepState } from '../../model/run.ts';
import { diffLine } from '../../notify/diff-line.ts';

/** As much of a plan as one line of the journal holds beside all else; the run has the whole plan. */
const MOST_BYTES = 9000;

type Room = { readonly diff: number; readonly told: number; readonly characters: number };

/** From all that people want to see down to what each step must at least say. */
const ROOMS: readonly Room[] = [
  { diff: 10, told: 6, characters: 300 },
  { diff: 6, told: 4, characters: 200 },
  { diff: 3, told: 3, characters: 150 },
  { diff: 1, told: 1, characters: 100 },
];
const LEAST: Room = { diff: 0, told: 0, characters: 80 };

/** The steps of a proposal as people decide about them: what each does, how bad it is, how it is taken back, what it changes and what it costs. */
export function proposedSteps(plan: Plan, states: readonly StepState[]): readonly JsonObject[] {
  const undoOf = (step: string): StepState['undo'] => states.find((state) => state.step === step)?.undo ?? 'on-failure';
  const inRoom = (room: Room): readonly JsonObject[] => plan.steps.map((step) => stepData(step, undoOf(step.step), room));
  for (const room of ROOMS) {
    const steps = inRoom(room);
    if (Buffer.byteLength(JSON.stringify(steps)) <= MOST_BYTES) return steps;
  }
  return inRoom(LEAST);
}

function stepData({ step, action, cluster, summary, risk, changes, undo, notes = [], noUndo }: PlannedStep, when: StepState['undo'], room: Room): JsonObject {
  const costs = changes.flatMap((change) => (change.note === undefined ? [] : [`${changeText(change)}: ${change.note}`]));
  const all = [...notes, ...costs];
  const told = all.slice(0, room.told).map((line) => cut(line, room.characters));
  const left = all.length - told.length;
  return {
    step,
    action,
    cluster,
    summary: cut(summary, Math.max(200, room.characters)),
    risk,
    back: cut(backWords({ changes, undo, noUndo }, when), room.characters),
    changes: changes.length,
    diff: changes.slice(0, room.diff).map(({ note: _note, ...change }) => diffLine(change, Math.min(160, room.characters))),
    told: left > 0 && room.told > 0 ? [...told, `and ${left} more in the plan`] : told,
  };
}

type Back = Pick<PlannedStep, 'changes' | 'undo'> & { readonly noUndo: string | undefined };

/** How a step is taken back, or the honest reason why it is not. */
function backWords({ changes, undo, noUndo }: Back, when: StepState['undo']): string {
  if (changes.length === 0) return 'there is nothing to take back';
  if (noUndo !== undefined) return `none: ${noUndo}`;
  if (when === 'never') return 'it stays as it is, whatever happens';
  const how = undo.length === 0 ? '' : `: ${undo.slice(0, 2).map(changeText).join(', ')}${undo.length > 2 ? ` and ${undo.length - 2} more` : ''}`;
  return when === 'always' ? `always, at the end of the run${how}` : `if it fails or is cancelled${how}`;
}
