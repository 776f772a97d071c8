import { isObject, type Json, type JsonObject } from '../../../model/json.ts';
import type { Block } from '../blocks/block.ts';
import { readBlocks } from '../blocks/check.ts';
import type { Element } from '../blocks/elements.ts';
import type { Option } from '../blocks/texts.ts';

/** An element of a message or view with where it stands. */
export type Placed = { readonly element: Element; readonly blockId: string; readonly label: string; readonly input?: Extract<Block, { type: 'input' }> };

/** Every element that a person can act on, in the order in which it is seen. */
export function elementsOf(blocks: readonly JsonObject[]): readonly Placed[] {
  return readBlocks(blocks).flatMap((block): readonly Placed[] => {
    const blockId = block.block_id ?? '';
    switch (block.type) {
      case 'actions':
        return block.elements.map((element) => ({ element, blockId, label: labelOf(element) }));
      case 'section': {
        const { accessory } = block;
        return accessory === undefined || accessory.type === 'image' ? [] : [{ element: accessory, blockId, label: labelOf(accessory) }];
      }
      case 'input':
        return [{ element: block.element, blockId, label: block.label.text, input: block }];
      default:
        return [];
    }
  });
}

function labelOf(element: Element): string {
  if (element.type === 'button') return element.text.text;
  return 'placeholder' in element ? (element.placeholder?.text ?? '') : '';
}

/** By action id or by what is written on it; the first one, as a person's eye. */
export function findElement(placed: readonly Placed[], wanted: string): Placed | undefined {
  return placed.find(({ element }) => element.action_id === wanted) ?? placed.find(({ label }) => label === wanted);
}

/** What a person gives to an element: text, or the values of choices. */
export type Given = string | readonly string[];

/** What an element holds as payloads carry it, from what was given or from its start. Undefined: a choice that it does not have. */
export function stateOf(element: Element, given: Given | undefined, offered: readonly Option[] = []): JsonObject | undefined {
  const { type } = element;
  const one = typeof given === 'string' ? given : given?.[0];
  switch (type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type, value: one === undefined || one === '' ? (given === undefined ? (element.initial_value ?? null) : null) : one };
    case 'static_select':
    case 'radio_buttons':
    case 'external_select': {
      const options = type === 'external_select' ? offered : optionsOf(element);
      const option = one === undefined ? element.initial_option : options.find(({ value, text }) => value === one || text.text === one);
      return one !== undefined && option === undefined ? undefined : { type, selected_option: json(option) };
    }
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes': {
      const options = type === 'multi_external_select' ? offered : optionsOf(element);
      const wanted = typeof given === 'string' ? [given] : given;
      const chosen =
        wanted === undefined ? (element.initial_options ?? []) : options.filter(({ value, text }) => wanted.includes(value) || wanted.includes(text.text));
      return wanted !== undefined && chosen.length !== wanted.length ? undefined : { type, selected_options: json(chosen) };
    }
    case 'users_select':
      return { type, selected_user: one ?? element.initial_user ?? null };
    case 'multi_users_select':
      return { type, selected_users: given === undefined ? (element.initial_users ?? []) : typeof given === 'string' ? [given] : given };
    case 'conversations_select':
      return { type, selected_conversation: one ?? element.initial_conversation ?? null };
    case 'datepicker':
      return { type, selected_date: one ?? element.initial_date ?? null };
    case 'timepicker':
      return { type, selected_time: one ?? element.initial_time ?? null };
    case 'overflow': {
      const option = element.options.find(({ value, text }) => value === one || text.text === one);
      return option === undefined ? undefined : { type, selected_option: json(option) };
    }
    case 'button':
      return { type, ...(element.value === undefined ? {} : { value: element.value }) };
  }
}

function optionsOf(element: Element): readonly Option[] {
  const groups = 'option_groups' in element ? (element.option_groups ?? []) : [];
  return 'options' in element && element.options !== undefined ? element.options : groups.flatMap(({ options }) => options);
}

/** Whether a state says anything: what is required must. */
export function isFilled(state: JsonObject): boolean {
  return Object.entries(state).some(([key, value]) => key !== 'type' && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0));
}

function json(value: unknown): Json {
  const copied: Json = JSON.parse(JSON.stringify(value ?? null));
  return copied;
}

/** The `state.values` of a view or message: by block, then by action. */
export function valuesOf(states: readonly { readonly placed: Placed; readonly state: JsonObject }[]): JsonObject {
  const values: { [block: string]: JsonObject } = {};
  for (const { placed, state } of states) {
    const before = values[placed.blockId];
    values[placed.blockId] = { ...(isObject(before) ? before : {}), [placed.element.action_id ?? placed.blockId]: state };
  }
  return values;
}
