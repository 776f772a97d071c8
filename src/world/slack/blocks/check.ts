import type { z } from 'zod';
import { isObject, type Json, type JsonObject, textIn } from '../../../model/json.ts';
import { Block, type CheckedView, ViewFrame } from './block.ts';

/** What Slack says about blocks: fine, or its error with one message per breach, each with a JSON pointer. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string; readonly messages: readonly string[] };

/** Slack's own number is not documented; from about here on it answers `msg_blocks_too_long`. */
export const MOST_BLOCK_TEXT = 13_200;
export const MOST_MESSAGE_BLOCKS = 50;
const MOST_VIEW_BLOCKS = 100;
const MOST_VIEW_BYTES = 250_000;

const refuse = (
  messages: readonly string[],
  error = 'invalid_blocks',
): { readonly ok: false; readonly error: string; readonly messages: readonly string[] } => ({
  ok: false,
  error,
  messages,
});

function messagesOf({ issues }: z.ZodError, at: string): readonly string[] {
  return issues.map(({ code, path, message }) => {
    const what =
      code === 'too_big'
        ? 'must be less than or equal to the allowed length'
        : code === 'unrecognized_keys'
          ? 'invalid additional property'
          : 'failed to match';
    return `[ERROR] ${what}: ${message} [json-pointer:${[at, ...path].join('/')}]`;
  });
}

/** The blocks of a message or view, each with a `block_id`; `make` invents those that are missing. */
export function checkBlocks(given: unknown, { most, make }: { readonly most: number; readonly make: () => string }): Checked<readonly JsonObject[]> {
  if (!isListOfObjects(given)) return refuse(['[ERROR] must be an array of blocks [json-pointer:/blocks]'], 'invalid_blocks_format');
  if (given.length > most) return refuse([`[ERROR] no more than ${most} items allowed [json-pointer:/blocks]`]);
  const problems: string[] = [];
  const named = given.map((block, index) => {
    const read = Block.safeParse(block);
    if (!read.success) problems.push(...messagesOf(read.error, `/blocks/${index}`));
    return typeof block['block_id'] === 'string' && block['block_id'] !== '' ? block : { ...block, block_id: make() };
  });
  if (problems.length > 0) return refuse(problems);
  const twice = repeated(named.map((block) => textIn(block['block_id'])));
  if (twice !== undefined) return refuse([`[ERROR] \`block_id\` ${twice} already exists [json-pointer:/blocks]`]);
  for (const block of readBlocks(named)) {
    const again = block.type === 'actions' ? repeated(block.elements.flatMap(({ action_id: id }) => (id === undefined ? [] : [id]))) : undefined;
    if (again !== undefined) return refuse([`[ERROR] \`action_id\` ${again} already exists [json-pointer:/blocks]`]);
  }
  return { ok: true, value: named };
}

/** All text in blocks: what the total limit counts. */
export function textLength(blocks: readonly JsonObject[]): number {
  const count = (value: Json | undefined): number => {
    if (Array.isArray(value)) return value.reduce((sum: number, one: Json) => sum + count(one), 0);
    if (!isObject(value)) return 0;
    const own = typeof value['text'] === 'string' ? value['text'].length : 0;
    return Object.values(value).reduce((sum: number, one) => sum + count(one), own);
  };
  return count(blocks);
}

/** A view as `views.open` takes it. */
export function checkView(given: unknown, make: () => string): Checked<CheckedView> {
  const frame = ViewFrame.safeParse(given);
  if (!frame.success) return refuse(messagesOf(frame.error, '/view'), 'invalid_arguments');
  if (JSON.stringify(given).length > MOST_VIEW_BYTES) return refuse(['[ERROR] the view is larger than 250 KB [json-pointer:/view]'], 'view_too_large');
  const blocks = checkBlocks(frame.data.blocks, { most: MOST_VIEW_BLOCKS, make });
  if (!blocks.ok) return { ...blocks, error: 'invalid_arguments' };
  const hasInput = readBlocks(blocks.value).some(({ type }) => type === 'input');
  if (frame.data.type === 'modal' && hasInput && frame.data.submit === undefined) {
    return refuse(['[ERROR] missing required field: submit [json-pointer:/view]'], 'invalid_arguments');
  }
  return { ok: true, value: { ...frame.data, blocks: blocks.value } };
}

/** Blocks that were checked, as typed values. */
export function readBlocks(blocks: readonly JsonObject[]): readonly Block[] {
  return blocks.flatMap((block) => {
    const read = Block.safeParse(block);
    return read.success ? [read.data] : [];
  });
}

function isListOfObjects(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
}

function repeated(ids: readonly string[]): string | undefined {
  return ids.find((id, index) => ids.indexOf(id) !== index);
}
