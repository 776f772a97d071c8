import type { PlanView } from '../../port/view/run.ts';
import { short } from '../../port/view/run-words.ts';
import { code, codeBlock, mrkdwn } from '../text.ts';

type Step = PlanView['steps'][number];
type Change = Step['changes'][number];

const MOST_CHANGES = 40;
const SIGNS: { readonly [verb in Change['verb']]: string } = { create: '+', patch: '~', delete: '-', evict: '-' };

/** A plan as texts of at most `limit` characters, one for its heading and one or two for each step. */
export function planTexts(plan: PlanView, limit: number): readonly string[] {
  const { digest, stage, generation, steps } = plan;
  const heading = `*Plan* ${code(short(digest), 20)}: stage ${mrkdwn(stage, 80)}, ${riskWords(plan.risk)}, proposal ${generation}`;
  return [heading, ...steps.flatMap((step) => stepTexts(step, limit))];
}

/** What happens, in a few lines: for a form that is there to be typed into. */
export function planEssence({ steps, risk }: PlanView, most = 5): readonly string[] {
  const lines = steps.slice(0, most).map(({ cluster, summary }) => `• ${mrkdwn(summary, 200)} on ${code(cluster, 80)}`);
  const more = steps.length > most ? [`• and ${steps.length - most} more steps`] : [];
  return [...lines, ...more, `Risk: *${riskWords(risk)}*`];
}

function stepTexts({ step, cluster, summary, changes, undo, notes, risk }: Step, limit: number): readonly string[] {
  const shown = changes.slice(0, MOST_CHANGES).map(changeLine);
  const more = changes.length > MOST_CHANGES ? [`… and ${changes.length - MOST_CHANGES} more; salvor show has them all`] : [];
  const back = undo.length === 0 ? 'It cannot be undone by Salvor.' : `To undo it: ${undo.length === 1 ? 'one write' : `${undo.length} writes`}.`;
  const told = notes.map((note) => `• ${mrkdwn(note, 300)}`).slice(0, 6);
  const text = [`*${mrkdwn(step, 60)}* on ${code(cluster, 80)}: ${mrkdwn(summary, 300)}`, ...told, risk === 'read' ? '' : back]
    .filter((line) => line !== '')
    .join('\n');
  return changes.length === 0 ? [text] : [text, codeBlock([...shown, ...more], limit)];
}

/** `~ patch Node/w1 spec.unschedulable: false -> true`. */
function changeLine({ verb, object, field, from, to, risk, note }: Change): string {
  const value = verb === 'evict' || (from === undefined && to === undefined) ? '' : from === undefined ? `: ${word(to)}` : `: ${word(from)} -> ${word(to)}`;
  const danger = risk === 'destructive' ? ' (destructive)' : '';
  return `${SIGNS[verb]} ${verb} ${object}${field === undefined ? '' : ` ${field}`}${value}${danger}${note === undefined ? '' : `, ${note}`}`;
}

function word(value: Change['to']): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function riskWords(risk: PlanView['risk']): string {
  return risk === 'read' ? 'changes nothing' : risk;
}
