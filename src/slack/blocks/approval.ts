import type { KnownBlock } from '@slack/types';
import { counted } from '../../model/counted.ts';
import type { Asked, ChatMessage } from '../../port/chat.ts';
import { MOST } from '../limits.ts';
import { code, codeBlock, date, mrkdwn, stacked } from '../text.ts';
import { actions, button, context, fields, fitting, header, lengthOf, link, section } from './parts.ts';

type Approval = NonNullable<ChatMessage['approval']>;
/** The answer, in a word. */
const OVER: { readonly [How in NonNullable<Approval['over']>['how']]: string } = {
  approved: 'Approved',
  rejected: 'Rejected',
  expired: 'Expired',
  replaced: 'Replaced',
  void: 'Void',
  ended: 'Over',
};

type Whole = Approval & { readonly asked: Asked };

/** What a decision is about, in the order in which it is asked: what, how bad, taken back how, who, until when. Over: what came of it, and no buttons. */
export function approvalBlocks(approval: Whole, { title, site }: { readonly title: string; readonly site: string | undefined }): KnownBlock[] {
  const { asked, held, over } = approval;
  const run = approval.run.replace(/^run\//, '');
  const head =
    over === undefined
      ? held === undefined
        ? [header(title)]
        : [header(`Held: ${asked.summary}`), section(heldText(held))]
      : [header(`${OVER[over.how]}: ${asked.summary}`), section(`*${mrkdwn(over.text, 600)}*  ${date(over.atMs, 'date and time')}`)];
  const foot = [
    ...votesOf(approval),
    fields(policyOf(approval)),
    context(footOf(approval, { run, site })),
    ...(over === undefined ? [decide(approval, run)] : []),
  ];
  // Who decides about what is always there; of a long plan as much as fits.
  const room = MOST.blockText - lengthOf([head, foot]) - 200;
  const steps = asked.steps.flatMap((step) => stepBlocks(step, asked.risk));
  const shown = fitting(steps, room).slice(0, MOST.blocks - head.length - foot.length - 3);
  const missing = shown.length < steps.length || asked.moreSteps > 0;
  return [
    ...head,
    ...changedBlocks(asked).filter((block) => lengthOf(shown) + lengthOf(block) <= room),
    ...shown,
    ...(missing ? [context(`There is more in this plan than fits here: ${counted(asked.steps.length + asked.moreSteps, 'step')}. Press Show plan.`)] : []),
    ...foot,
  ];
}

/** Who keeps it from starting, and how it goes on. */
function heldText({ by, reason, atMs }: NonNullable<Approval['held']>): string {
  const since = atMs === undefined ? '' : ` since ${date(atMs)}`;
  return `*Held by ${mrkdwn(by, 64)}*${since}: ${mrkdwn(reason, 300)}\nIt does not start, and its time stands still, until somebody presses Release.`;
}

function changedBlocks({ changed }: Asked): KnownBlock[] {
  return changed.length === 0 ? [] : [section(stacked(['*Changed since the last proposal*', ...changed.map(bullet)], 1500))];
}

function bullet(line: string): string {
  return `•  ${mrkdwn(line, 300)}`;
}

function stepBlocks({ step, summary, cluster, risk, back, diff, changes, told }: Asked['steps'][number], whole: string): KnownBlock[] {
  const more = changes - diff.length;
  const shown = codeBlock(more > 0 ? [...diff, `and ${more} more`] : diff, 1500);
  // The plan is as bad as its worst step, which is said below.
  const facts = [...(risk === whole ? [] : [`Risk: ${mrkdwn(risk, 50)}`]), ...(back === undefined ? [] : [`Undo: ${mrkdwn(back, 300)}`])];
  return [
    section(`*${mrkdwn(step, 100)}* on ${code(cluster, 100)}: ${mrkdwn(summary, 500)}${shown === '' ? '' : `\n${shown}`}`),
    ...(told.length === 0 ? [] : [section(stacked(told.map(bullet), MOST.section))]),
    ...(facts.length === 0 ? [] : [context(facts.join('  ·  '))]),
  ];
}

function policyOf({ asked, plan, held }: Whole): readonly (readonly [string, string])[] {
  return [
    ['Who decides', mrkdwn(asked.policy, 300)],
    ['Risk', asked.risk === 'destructive' ? '*destructive*' : mrkdwn(asked.risk, 50)],
    // While it is held its time stands still: nobody knows yet until when.
    ...(asked.expiresMs === undefined || held !== undefined ? [] : [['Until', date(asked.expiresMs, 'date and time')] as const]),
    ['Plan', code(plan.slice(0, 8), 20)],
    ...(asked.typed ? [['Confirmation', 'a word has to be typed'] as const] : []),
    ...(asked.held === undefined ? [] : [['Could not start now', mrkdwn(asked.held, 300)] as const]),
  ];
}

function votesOf({ votes = [], missing, over }: Approval): KnownBlock[] {
  if (votes.length === 0) return [];
  const who = votes.map(({ by, surface, atMs }) => `*Approved by* ${mrkdwn(by, 64)} ${date(atMs)} by ${mrkdwn(surface, 20)}`);
  const left = missing === undefined || over !== undefined ? [] : [`*Missing* ${mrkdwn(missing, 300)}`];
  return [section(stacked([...left, ...who], MOST.section))];
}

/** How to say yes without Slack, for the day on which Slack is slow. */
function footOf({ plan, over }: Approval, { run, site }: { readonly run: string; readonly site: string | undefined }): string {
  const console = site === undefined ? '' : `${link('Console', site, `/runs/${encodeURIComponent(run)}`)}  ·  `;
  return over === undefined ? `${console}Without Slack: ${code(`salvor approve ${run} --plan ${plan.slice(0, 8)}`, 300)}` : `${console}${code(run, 200)}`;
}

/** What can be done now: who holds it is asked to release it, and a yes can be taken back where there is one. */
function decide({ asked, plan, held, votes = [] }: Whole, run: string): KnownBlock {
  const value = `${run}:${plan}`;
  return actions([
    button('approve', { label: asked.typed ? 'Approve…' : 'Approve', value, style: asked.risk === 'destructive' ? 'danger' : 'primary' }),
    button('reject', { label: 'Reject…', value }),
    ...(held === undefined ? [button('hold', { label: 'Hold…', value })] : [button('release', { label: 'Release', value })]),
    ...(votes.length === 0 ? [] : [button('withdraw', { label: 'Withdraw my approval', value })]),
    button('ask', { label: 'Ask…', value }),
    button('show', { label: 'Show plan', value }),
  ]);
}
