import type { Button, KnownBlock } from '@slack/types';
import { MOST } from '../limits.ts';
import { plainText } from '../text.ts';

/** A message as Slack takes it: blocks, and the text that notifications and screen readers use in their place. */
export type Body = { readonly text: string; readonly blocks: KnownBlock[] };

export function header(text: string): KnownBlock {
  return { type: 'header', text: { type: 'plain_text', text: orDash(plainText(text, MOST.header)), emoji: false } };
}

/** `text` is ours, or was made harmless by `text.ts`. Nothing in it becomes a link that is not written as one. */
export function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: orDash(text), verbatim: true } };
}

/** Names and values side by side; the values were made harmless. */
export function fields(pairs: readonly (readonly [name: string, value: string])[]): KnownBlock {
  return {
    type: 'section',
    fields: pairs.slice(0, MOST.fields).map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${orDash(value)}`, verbatim: true })),
  };
}

/** Small grey text below. */
export function context(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: orDash(text), verbatim: true }] };
}

/** The verb is what the press asks for, the value names what it is about; neither is a command. */
export function button(
  verb: string,
  { label, value, style }: { readonly label: string; readonly value: string; readonly style?: 'primary' | 'danger' },
): Button {
  const text = { type: 'plain_text', text: plainText(label, MOST.button), emoji: false } as const;
  return { type: 'button', action_id: verb, text, value: value.slice(0, MOST.value), ...(style === undefined ? {} : { style }) };
}

export function actions(elements: Button[]): KnownBlock {
  return { type: 'actions', elements };
}

/** A link to our own console; only an address of the configuration gets here. */
export function link(text: string, site: string, path: string): string {
  return `<${site}${path}|${text}>`;
}

/** Blocks while they fit in number and in the sum of their text. */
export function fitting(blocks: readonly KnownBlock[], left: number = MOST.blockText): KnownBlock[] {
  const kept: KnownBlock[] = [];
  let room = left;
  for (const block of blocks) {
    room -= lengthOf(block);
    if (room < 0 || kept.length >= MOST.blocks) break;
    kept.push(block);
  }
  return kept;
}

export function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one: unknown) => sum + lengthOf(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [name, one]) => sum + (name === 'text' && typeof one === 'string' ? one.length : lengthOf(one)), 0);
}

/** Slack refuses an empty text. */
function orDash(text: string): string {
  return text === '' ? '–' : text;
}
