import type { RunView } from '../port/view/run.ts';
import { short } from '../port/view/run-words.ts';

type Deciding = Pick<RunView, 'id' | 'state' | 'digest' | 'approval' | 'waiting' | 'steps'>;

/** The commands that a run waits for, ready to be copied. Words that have to be typed on purpose are left to type. */
export function decideLines(run: Deciding): readonly string[] {
  const name = short(run.id);
  const { digest, approval, waiting } = run;
  if (run.state === 'proposed' && digest !== undefined) {
    const word = approval?.confirmation;
    return [
      `To approve:  salvor approve ${name} --plan ${short(digest)}${word === undefined ? '' : ' --confirm TEXT'}`,
      ...(word === undefined ? [] : [`             TEXT is the word ${word}, typed by you`]),
      `To reject:   salvor reject ${name} --reason TEXT`,
      approval?.held === undefined ? `Not yet:     salvor hold ${name} --reason TEXT` : `To go on:    salvor release ${name}`,
      ...(approval === undefined || approval.mayWithdraw.length === 0 ? [] : [`To take your own yes back: salvor withdraw ${name}`]),
    ];
  }
  if (waiting?.ask !== undefined) {
    const { id, choose, type, confirmation } = waiting.ask;
    const values = choose !== undefined && choose.length > 0 ? choose.join('|') : type === 'yes-no' ? 'yes|no' : type.toUpperCase();
    return [
      `To answer:   salvor answer ${name} ${id} --value ${values}${confirmation === undefined ? '' : ' --confirm TEXT'}`,
      ...(confirmation === undefined ? [] : [`             TEXT is the word ${confirmation}, typed by you`]),
    ];
  }
  const unknown = run.steps.find(({ phase }) => phase === 'unknown');
  if (waiting?.what === 'settle-step' && unknown !== undefined) return [`To settle:   salvor settle ${name} ${unknown.step} --as done|not-done`];
  return [];
}
