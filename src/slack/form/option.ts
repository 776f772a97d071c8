import type { PlainTextOption } from '@slack/types';
import type { Choice } from '../../port/view/choice.ts';
import { plainText } from '../text.ts';

/** Source  Slack developer documentation, "Option object": text and description 75 characters, value 150; 100 options in a select. */
const MOST = { text: 75, description: 75, value: 150 } as const;

/** One choice of a select; undefined where Slack has no room for its value: such a name is typed in the line instead. */
export function optionOf({ value, note }: Choice): PlainTextOption | undefined {
  const text = plainText(value, MOST.text);
  if (text === '' || value === '' || value.length > MOST.value) return undefined;
  const description = note === undefined ? '' : plainText(note, MOST.description);
  return {
    text: { type: 'plain_text', text, emoji: false },
    value,
    ...(description === '' ? {} : { description: { type: 'plain_text', text: description, emoji: false } }),
  };
}
