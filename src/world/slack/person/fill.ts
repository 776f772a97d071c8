import { type JsonObject, textIn } from '../../../model/json.ts';
import type { Option } from '../blocks/texts.ts';
import { elementsOf, findElement, type Given, isFilled, type Placed, stateOf, valuesOf } from './elements.ts';

/** What is sent, with what Slack itself finds wrong by block; or which field there is not. */
type Filled = { readonly values: JsonObject; readonly errors: { readonly [block: string]: string } } | { readonly unknown: string };

/** Fills the fields of a modal, each by its action id, block id or label; what is not named keeps its start. */
export function fill(blocks: readonly JsonObject[], values: { readonly [field: string]: Given }, offered: (action: string) => readonly Option[]): Filled {
  const placed = elementsOf(blocks).filter(({ element }) => element.type !== 'button' && element.type !== 'overflow');
  const unknown = Object.keys(values).find((field) => fieldOf(placed, field) === undefined);
  if (unknown !== undefined) {
    return { unknown: `there is no field ${unknown} here; there are ${placed.map(({ element, label }) => element.action_id ?? label).join(', ')}` };
  }
  const errors: Record<string, string> = {};
  const states = placed.map((one) => {
    const given = Object.entries(values).find(([field]) => fieldOf(placed, field) === one)?.[1];
    const state = stateOf(one.element, given, offered(one.element.action_id ?? ''));
    const wrong = state === undefined ? `${String(given)} is no choice` : complaint(one, state);
    if (wrong !== undefined) errors[one.blockId] = wrong;
    return { placed: one, state: state ?? {} };
  });
  return { values: valuesOf(states), errors };
}

function fieldOf(placed: readonly Placed[], field: string): Placed | undefined {
  return findElement(placed, field) ?? placed.find(({ blockId }) => blockId === field);
}

function complaint({ element, input }: Placed, state: JsonObject): string | undefined {
  if (!isFilled(state)) return input === undefined || input.optional ? undefined : 'Please complete this required field.';
  if (element.type !== 'plain_text_input') return undefined;
  const text = textIn(state['value']);
  if (element.min_length !== undefined && text.length < element.min_length) return `Please enter at least ${element.min_length} characters.`;
  if (element.max_length !== undefined && text.length > element.max_length) return `Please enter at most ${element.max_length} characters.`;
  return undefined;
}
