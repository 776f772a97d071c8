import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { parseJson } from '../model/json.ts';
import type { RunView } from '../port/view/run.ts';
import { short } from '../port/view/run-words.ts';
import { planEssence, planTexts } from './reply/plan.ts';
import { howToDecide, runName } from './reply/run.ts';
import { code, mrkdwn, plainText } from './text.ts';

/** The forms that open above a card. What a form is about travels in it, so any replica can take it in; nothing is kept in memory. */

const TITLE = 24;
const SECTION = 2900;
const MOST_BLOCKS = 90;

export const INPUT = { block: 'typed', action: 'text' } as const;

/** What a form was opened for. The digest is the one of the button that was pressed. */
export const About = z.strictObject({ run: z.string(), plan: z.string(), channel: z.string() });
export type About = z.infer<typeof About>;

export function aboutIn(metadata: string): About | undefined {
  return About.safeParse(parseJson(metadata)).data;
}

/** Asks for the word that a plan wants typed, below what would be done. */
export function approveModal(run: RunView, about: About): ModalView {
  const word = run.approval?.confirmation ?? '';
  const lines = run.plan === undefined ? [] : planEssence(run.plan);
  const destructive = run.plan?.risk === 'destructive' ? ['*This cannot be taken back.*'] : [];
  return form({ name: 'approve', title: 'Approve this plan', submit: 'Approve', about }, [
    ...sections([[runName(run), ...destructive, ...lines, `Plan ${code(short(about.plan), 20)}`].join('\n')]),
    input({ label: plainText(`Type ${word} to go on`, 180), hint: 'Exactly as it is written above.', lines: false, most: 500 }),
  ]);
}

export function rejectModal(run: RunView, about: About): ModalView {
  const lines = run.plan === undefined ? [] : planEssence(run.plan, 3);
  return form({ name: 'reject', title: 'Reject this plan', submit: 'Reject', about }, [
    ...sections([[runName(run), ...lines].join('\n')]),
    input({ label: 'Why not?', hint: 'It goes on the timeline, for whoever comes next.', lines: true, most: 1000 }),
  ]);
}

export function holdModal(run: RunView, about: About): ModalView {
  const lines = run.plan === undefined ? [] : planEssence(run.plan, 3);
  return form({ name: 'hold', title: 'Hold this plan', submit: 'Hold', about }, [
    ...sections([[runName(run), ...lines, 'It does not start, and its time stands still, until somebody releases it. Votes stay.'].join('\n')]),
    input({ label: 'Why not yet?', hint: 'It is on the card, for whoever comes next.', lines: true, most: 1000 }),
  ]);
}

export function askModal(run: RunView, about: About): ModalView {
  return form({ name: 'ask', title: 'Ask a question', submit: 'Ask', about }, [
    ...sections([`${runName(run)}\nYour question goes on the incident’s timeline and into its thread. The proposal waits until it expires.`]),
    input({ label: 'Your question', hint: 'Whoever knows answers in the thread.', lines: true, most: 1000 }),
  ]);
}

export function showModal(run: RunView, changedFrom?: string): ModalView {
  const plan = run.plan === undefined ? ['There is no plan now.'] : planTexts(run.plan, SECTION);
  const changed = changedFrom === undefined ? [] : [`This is *not* the plan of the card that you pressed (${code(short(changedFrom), 20)}).`];
  const what = run.changed.slice(0, 10).map((line) => `• changed: ${mrkdwn(line, 200)}`);
  return said('The whole plan', [[runName(run), ...changed, ...what].join('\n'), ...plan, howToDecide(run).join('\n')]);
}

/** Shown while something slow is asked. */
export function waitingModal(text: string): ModalView {
  return said('One moment', [mrkdwn(text, 500)]);
}

/** A form without anything to fill in; the texts are mrkdwn already. */
export function said(title: string, texts: readonly string[]): ModalView {
  return {
    type: 'modal',
    callback_id: 'said',
    title: { type: 'plain_text', text: plainText(title, TITLE) },
    close: { type: 'plain_text', text: 'Close' },
    blocks: sections(texts),
  };
}

type Form = { readonly name: 'approve' | 'reject' | 'hold' | 'ask'; readonly title: string; readonly submit: string; readonly about: About };

function form({ name, title, submit, about }: Form, blocks: ModalView['blocks']): ModalView {
  return {
    type: 'modal',
    callback_id: name,
    private_metadata: JSON.stringify(about),
    title: { type: 'plain_text', text: plainText(title, TITLE) },
    submit: { type: 'plain_text', text: submit },
    close: { type: 'plain_text', text: 'Back' },
    blocks,
  };
}

function sections(texts: readonly string[]): ModalView['blocks'] {
  const shown = texts.filter((text) => text.trim() !== '');
  const blocks: ModalView['blocks'] = shown
    .slice(0, MOST_BLOCKS)
    .map((text) => ({ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3000), verbatim: true } }));
  if (shown.length > MOST_BLOCKS)
    blocks.push({
      type: 'section',
      text: { type: 'mrkdwn', text: `… and ${shown.length - MOST_BLOCKS} parts more: the console and ${code('salvor show', 40)} have them all.` },
    });
  return blocks;
}

function input({
  label,
  hint,
  lines,
  most,
}: {
  readonly label: string;
  readonly hint: string;
  readonly lines: boolean;
  readonly most: number;
}): ModalView['blocks'][number] {
  return {
    type: 'input',
    block_id: INPUT.block,
    label: { type: 'plain_text', text: label, emoji: false },
    hint: { type: 'plain_text', text: hint },
    element: { type: 'plain_text_input', action_id: INPUT.action, multiline: lines, min_length: 1, max_length: most, focus_on_load: true },
  };
}
