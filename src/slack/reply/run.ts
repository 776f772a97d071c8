import { distance } from '../../model/when.ts';
import type { DryRun, Pressed, RunSummary, RunView, Started } from '../../port/view/run.ts';
import { nameOf, short, standing } from '../../port/view/run-words.ts';
import { code, mrkdwn } from '../text.ts';
import { planTexts } from './plan.ts';

/** What people are told about runs. The first line is the answer. */

const LINE = 400;
const JOURNAL_LINES = 6;

/** `backup-failed on daily (3f9a01c2)`. */
export function runName(run: Pick<RunSummary, 'id' | 'playbook' | 'target'>): string {
  return `*${mrkdwn(nameOf(run), 150)}* (${code(short(run.id), 20)})`;
}

/** One run in a list. */
export function runLine(run: RunSummary, nowMs: number): string {
  return `• ${runName(run)} ${mrkdwn(standing(run), LINE)}, begun ${distance(run.createdAt, nowMs)}`;
}

/** What became of a decision. */
export function pressedText(pressed: Pressed, done: string): string {
  const name = code(short(pressed.run), 20);
  if (pressed.state === 'recorded') return `Recorded: run ${name} reads it next\n${code(`/dr show ${short(pressed.run)}`, 60)} tells what became of it.`;
  if (!pressed.changed) return `Nothing changed: ${mrkdwn(pressed.text, LINE)} (run ${name}, ${pressed.state})`;
  return `${done}: ${mrkdwn(pressed.text, LINE)} (run ${name}, ${pressed.state})`;
}

/** A run whole: where it stands, its plan, how to decide, what happened last. */
export function runText(run: RunView, nowMs: number): string {
  const lines = [`${runName(run)} ${mrkdwn(standing(run), LINE)}`];
  if (run.finding !== undefined) lines.push(`Found: ${mrkdwn(run.finding.reason, LINE)}`);
  if (run.plan !== undefined) lines.push(...planTexts(run.plan, 1500).slice(0, 8));
  for (const { by, at } of run.approvals) lines.push(`✓ ${mrkdwn(by, 60)}, ${distance(at, nowMs)}`);
  if (run.approval !== undefined && run.state === 'proposed') lines.push(`Nobody decided by then: it expires ${distance(run.approval.expires, nowMs)}`);
  lines.push(...howToDecide(run));
  const told = run.journal.filter(({ text }) => text !== undefined && text !== '').slice(-JOURNAL_LINES);
  if (told.length > 0) lines.push('*Last*', ...told.map(({ text = '', at }) => `• ${distance(at, nowMs)}: ${mrkdwn(text, 200)}`));
  return lines.join('\n');
}

/** The lines that a run waits for, ready to be sent. Words that have to be typed on purpose are left to type. */
export function howToDecide({
  id,
  state,
  digest,
  approval,
  waiting,
  steps,
}: Pick<RunView, 'id' | 'state' | 'digest' | 'approval' | 'waiting' | 'steps'>): readonly string[] {
  const name = short(id);
  if (state === 'proposed' && digest !== undefined) {
    const word = approval?.confirmation === undefined ? '' : ' WORD';
    const what = approval?.confirmation === undefined ? '' : ` (WORD is ${code(approval.confirmation, 120)}, typed by you)`;
    return [`Yes: ${code(`/dr approve ${name} ${short(digest)}${word}`, 150)}${what}`, `No: ${code(`/dr reject ${name} why not`, 80)}`];
  }
  if (waiting?.ask !== undefined) {
    const { id: ask, choose, type, text } = waiting.ask;
    const values = choose !== undefined && choose.length > 0 ? choose.join('|') : type === 'yes-no' ? 'yes|no' : type.toUpperCase();
    return [`It asks: ${mrkdwn(text, LINE)}`, `Answer: ${code(`/dr answer ${name} ${ask} ${values}`, 200)}`];
  }
  const unknown = steps.find(({ phase }) => phase === 'unknown');
  return waiting?.what === 'settle-step' && unknown !== undefined
    ? [`Say what you found: ${code(`/dr settle ${name} ${unknown.step} done|not-done`, 150)}`]
    : [];
}

export function startedText({ runs, joined, text }: Started): string {
  const names = runs.map((run) => code(short(run), 20)).join(', ');
  return joined
    ? `Nothing new: ${names} does this already`
    : `${mrkdwn(text, 200)}\nThe channel is told what it finds and proposes; ${code(`/dr show ${short(runs[0] ?? '')}`, 60)} shows it to you.`;
}

export function dryRunText({ playbook, target, finding, evidence, plan, asks, holds }: DryRun): string {
  return [
    `*${mrkdwn(nameOf({ playbook, target }), 150)}* would ${finding.kind === 'act' ? 'act' : finding.kind === 'recovered' ? 'do nothing' : finding.kind}: ${mrkdwn(finding.reason, LINE)}`,
    ...evidence.slice(0, 6).map((line) => `• ${mrkdwn(line, 200)}`),
    ...(plan === undefined ? [] : planTexts(plan, 1500).slice(0, 8)),
    ...(asks === undefined ? [] : [`It would ask: ${mrkdwn(asks, LINE)}`]),
    ...holds.map(({ gate, reason }) => `Held by ${mrkdwn(gate, 60)}: ${mrkdwn(reason, LINE)}`),
    'Nothing was stored or written.',
  ].join('\n');
}
