import { z } from 'zod';
import type { JsonObject } from '../../../model/json.ts';
import { Accessory, ActionElement, ContextElement, Image, InputElement } from './elements.ts';
import { Id, PlainText, Text } from './texts.ts';

const named = { block_id: Id.optional() };

const Header = z.strictObject({ type: z.literal('header'), text: PlainText(150), ...named });
const Section = z
  .strictObject({
    type: z.literal('section'),
    text: Text(3000).optional(),
    fields: z.array(Text(2000)).min(1).max(10).optional(),
    accessory: Accessory.optional(),
    expand: z.boolean().optional(),
    ...named,
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'missing required field: text or fields');
const Context = z.strictObject({ type: z.literal('context'), elements: z.array(ContextElement).min(1).max(10), ...named });
const Actions = z.strictObject({ type: z.literal('actions'), elements: z.array(ActionElement).min(1).max(25), ...named });
const Divider = z.strictObject({ type: z.literal('divider'), ...named });
const ImageBlock = z.strictObject({ ...Image.shape, title: PlainText(2000).optional(), ...named });
const Markdown = z.strictObject({ type: z.literal('markdown'), text: z.string().min(1).max(12_000), ...named });
/** Their parts are not looked into. */
const RichText = z.strictObject({ type: z.literal('rich_text'), elements: z.array(z.record(z.string(), z.json())).min(1), ...named });
const Cell = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) }),
  z.strictObject({ type: z.literal('rich_text'), elements: z.array(z.record(z.string(), z.json())) }),
]);
const Table = z.strictObject({
  type: z.literal('table'),
  rows: z.array(z.array(Cell).max(20)).min(1).max(100),
  column_settings: z.array(z.json()).max(20).optional(),
  ...named,
});
const Input = z.strictObject({
  type: z.literal('input'),
  label: PlainText(2000),
  element: InputElement,
  hint: PlainText(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
  ...named,
});

/** A block of Block Kit as a message or view may hold it; what is not named is refused, as Slack does. */
export const Block = z.discriminatedUnion('type', [Header, Section, Context, Actions, Divider, ImageBlock, Markdown, RichText, Table, Input]);
export type Block = z.output<typeof Block>;

const modal = {
  blocks: z.array(z.unknown()).max(100).readonly(),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
};

/** The frame of a modal or a home; its blocks are checked one by one. */
export const ViewFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('modal'),
    title: PlainText(24),
    submit: PlainText(24).optional(),
    close: PlainText(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
    ...modal,
  }),
  z.strictObject({ type: z.literal('home'), ...modal }),
]);
type WithBlocks<Frame> = Frame extends unknown ? Omit<Frame, 'blocks'> & { readonly blocks: readonly JsonObject[] } : never;
/** A view that was checked; its blocks are kept as they were sent. */
export type CheckedView = WithBlocks<z.output<typeof ViewFrame>>;
