import type { PlanView } from '../port/view/run.ts';
import { short } from '../port/view/run-words.ts';
import { type Io, paint, type Style } from './print.ts';

type Step = PlanView['steps'][number];
type Change = Step['changes'][number];

const SIGNS: { readonly [verb in Change['verb']]: { readonly sign: string; readonly style: Style } } = {
  create: { sign: '+', style: 'green' },
  patch: { sign: '~', style: 'yellow' },
  delete: { sign: '-', style: 'red' },
  evict: { sign: '-', style: 'red' },
};

const MOST = 40;

/** A plan as a list of what would be written, each line as in a diff: `+` made, `~` changed, `-` gone. */
export function planLines(plan: PlanView, io: Io): readonly string[] {
  const { digest, risk, stage, generation, steps } = plan;
  const empty = steps.every(({ changes }) => changes.length === 0);
  const heading = `Plan ${short(digest)}: stage ${stage}, ${risk}, proposal ${generation}${empty ? ', changes nothing' : ''}`;
  return [paint(io, 'bold', heading), ...steps.flatMap((step) => stepLines(step, io))];
}

function stepLines({ step, cluster, summary, changes, undo, notes }: Step, io: Io): readonly string[] {
  return [
    `  ${step} on ${cluster}: ${summary}`,
    ...changeLines(changes, io).map((line) => `    ${line}`),
    ...(undo.length === 0 ? [] : [paint(io, 'dim', '    to undo it:'), ...changeLines(undo, io).map((line) => `      ${line}`)]),
    ...notes.map((note) => `    note: ${note}`),
  ];
}

function changeLines(changes: readonly Change[], io: Io): readonly string[] {
  const lines = changes.slice(0, MOST).map((change) => changeLine(change, io));
  return changes.length > MOST ? [...lines, `… and ${changes.length - MOST} more; --json has them all`] : lines;
}

/** `~ patch Node/w1 spec.unschedulable: false -> true`. */
function changeLine({ verb, object, field, from, to, risk, note }: Change, io: Io): string {
  const { sign, style } = SIGNS[verb];
  // What is evicted is named; `from` only tells it from others of its name.
  const value = verb === 'evict' || (from === undefined && to === undefined) ? '' : from === undefined ? `: ${word(to)}` : `: ${word(from)} -> ${word(to)}`;
  const danger = risk === 'destructive' ? ' (destructive)' : '';
  return paint(io, style, `${sign} ${verb} ${object}${field === undefined ? '' : ` ${field}`}${value}${danger}${note === undefined ? '' : `, ${note}`}`);
}

function word(value: Change['to']): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
