import { z } from 'zod';

/** Slack counts characters as JavaScript does; a length below 1 is refused everywhere. */
const text = (most: number) => z.string().min(1).max(most);

/** Ids of actions and blocks. */
export const Id = z.string().min(1).max(255);

/** A text object that may not have marks. */
export const PlainText = (most: number) => z.strictObject({ type: z.literal('plain_text'), text: text(most), emoji: z.boolean().optional() });

/** A text object of either kind. */
export const Text = (most: number) =>
  z.discriminatedUnion('type', [PlainText(most), z.strictObject({ type: z.literal('mrkdwn'), text: text(most), verbatim: z.boolean().optional() })]);
export type Text = z.output<ReturnType<typeof Text>>;

/** The question that a person answers before an element does what it does. */
export const Confirm = z.strictObject({
  title: PlainText(100),
  text: Text(300),
  confirm: PlainText(30),
  deny: PlainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});
export type Confirm = z.output<typeof Confirm>;

/** One choice. */
export const Option = z.strictObject({
  text: Text(75),
  value: z.string().min(1).max(150),
  description: Text(75).optional(),
  url: z.url().max(3000).optional(),
});
export type Option = z.output<typeof Option>;

export const OptionGroup = z.strictObject({ label: PlainText(75), options: z.array(Option).min(1).max(100) });
