import { type Block } from '../blocks/block.ts';
import { readBlocks } from '../blocks/check.ts';
import type { Text } from '../blocks/texts.ts';
import type { Message, Workspace } from '../workspace.ts';
import { plainOf } from './mrkdwn.ts';

/** A message as plain text: what Slack shows, line by line, with buttons in brackets. Mentions have names. */
export function renderText(message: Message, workspace: Workspace): string {
  const who = message.isOurs ? 'Salvor' : (workspace.users.get(message.user)?.name ?? message.user);
  const at = new Date(message.atMs).toISOString().slice(11, 16);
  const marks = [...(message.edits > 0 && message.blocks.length === 0 ? ['edited'] : []), ...(message.onlyFor === undefined ? [] : ['only visible to you'])];
  const head = `${who}  ${at}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`;
  const body = message.blocks.length === 0 ? [plainOf(message.text, workspace)] : readBlocks(message.blocks).flatMap((block) => linesOf(block, workspace));
  const indent = message.threadTs === undefined ? '' : '    ';
  return [
    head,
    ...body
      .join('\n')
      .split('\n')
      .map((line) => `  ${line}`),
  ]
    .map((line) => `${indent}${line}`.trimEnd())
    .join('\n');
}

/** One block as lines. */
export function linesOf(block: Block, workspace: Workspace): readonly string[] {
  const show = (text: Text): string => (text.type === 'mrkdwn' ? plainOf(text.text, workspace) : text.text);
  switch (block.type) {
    case 'header':
      return [block.text.text.toUpperCase() === block.text.text ? block.text.text : `# ${block.text.text}`];
    case 'section': {
      const accessory = block.accessory === undefined || block.accessory.type === 'image' ? '' : `  ${elementText(block.accessory)}`;
      const text = block.text === undefined ? [] : [`${show(block.text)}${accessory}`];
      return [...text, ...(block.fields ?? []).map((field) => show(field).replaceAll('\n', ': '))];
    }
    case 'context':
      return [block.elements.map((element) => ('text' in element ? show(element) : element.alt_text)).join('  ')];
    case 'actions':
      return [block.elements.map(elementText).join(' ')];
    case 'divider':
      return ['---'];
    case 'image':
      return [`[image: ${block.alt_text}]`];
    case 'markdown':
      return [block.text];
    case 'rich_text':
      return ['[rich text]'];
    case 'table':
      return block.rows.map((row) => row.map((cell) => (cell.type === 'raw_text' ? cell.text : '…')).join(' | '));
    case 'input':
      return [`${block.label.text}${block.optional ? ' (optional)' : ''}: ____`];
  }
}

type Pressable = Extract<Block, { type: 'actions' }>['elements'][number];

function elementText(element: Pressable): string {
  if (element.type === 'button') return `[${element.text.text}]`;
  const placeholder = 'placeholder' in element ? element.placeholder?.text : undefined;
  return `[${placeholder ?? '…'} ▾]`;
}
