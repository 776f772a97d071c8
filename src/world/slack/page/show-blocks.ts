import type { JsonObject } from '../../../model/json.ts';
import type { Block } from '../blocks/block.ts';
import { readBlocks } from '../blocks/check.ts';
import type { Element } from '../blocks/elements.ts';
import type { Option } from '../blocks/texts.ts';
import type { Workspace } from '../workspace.ts';
import { html, type Markup } from './html.ts';
import { showMrkdwn, showText, withEmoji } from './show-text.ts';

/** Where blocks stand: what a press on them says beside the action, and the choices that the app gave. */
export type Around = {
  readonly workspace: Workspace;
  /** Hidden fields of a form that presses. */
  readonly press: Markup;
  readonly offers: (actionId: string) => readonly Option[];
  /** What is wrong with what was filled in, by block. */
  readonly errors?: { readonly [block: string]: string };
  /** Fields of a modal: they are sent together, not pressed. */
  readonly isForm?: boolean;
};

export function showBlocks(blocks: readonly JsonObject[], around: Around): Markup {
  return html`${readBlocks(blocks).map((block) => showBlock(block, around))}`;
}

function showBlock(block: Block, around: Around): Markup {
  const { workspace } = around;
  switch (block.type) {
    case 'header':
      return html`<h3 class="b-header">${withEmoji(block.text.text)}</h3>`;
    case 'section':
      return html`<div class="b-section"><div class="b-text">${block.text && html`<div>${showText(block.text, workspace)}</div>`}${
        block.fields && html`<div class="b-fields">${block.fields.map((field) => html`<div>${showText(field, workspace)}</div>`)}</div>`
      }</div>${block.accessory && block.accessory.type !== 'image' && showElement(block.accessory, around)}</div>`;
    case 'context':
      return html`<div class="b-context">${block.elements.map((element) =>
        element.type === 'image' ? html`<span>[${element.alt_text}]</span>` : html`<span>${showText(element, workspace)}</span>`,
      )}</div>`;
    case 'actions':
      return html`<div class="b-actions">${block.elements.map((element) => showElement(element, around))}</div>`;
    case 'divider':
      return html`<hr>`;
    case 'image':
      return html`<div class="b-context">[image: ${block.alt_text}]</div>`;
    case 'markdown':
      return html`<div class="b-section"><div class="b-text">${showMrkdwn(block.text, workspace)}</div></div>`;
    case 'rich_text':
      return html`<div class="b-context">[rich text]</div>`;
    case 'table':
      return html`<table>${block.rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell.type === 'raw_text' ? cell.text : '…'}</td>`)}</tr>`)}</table>`;
    case 'input': {
      const { block_id: id = '', label, element, hint, optional } = block;
      const wrong = around.errors?.[id];
      return html`<label class="field"><span class="label">${label.text}${optional ? html` <span class="quiet">(optional)</span>` : undefined}</span>${showField(
        element,
        around,
      )}${wrong !== undefined && html`<span class="wrong">${wrong}</span>`}${hint && html`<span class="quiet">${hint.text}</span>`}</label>`;
    }
  }
}

/** An element that does something when it is pressed or chosen: a form of its own. */
function showElement(element: Element, around: Around): Markup {
  const name = element.action_id ?? '';
  if (around.isForm && element.type !== 'button') return showField(element, around);
  if (element.type === 'button') {
    const style = element.style === undefined ? 'plain' : element.style;
    const button = html`<button class="${style}" name="action" value="${name}">${withEmoji(element.text.text)}</button>`;
    return around.isForm
      ? html`<button class="${style}" name="action" value="${name}" formaction="act/press" formnovalidate>${withEmoji(element.text.text)}</button>`
      : form(around, button);
  }
  return form(around, html`<input type="hidden" name="action" value="${name}">${showField(element, around)}<button class="plain">Choose</button>`);
}

function form({ press }: Around, inside: Markup): Markup {
  return html`<form method="post" action="act/press" class="press">${press}${inside}</form>`;
}

/** What is filled in or chosen. Its name is the action id; presses outside of forms read \`value\`. */
function showField(element: Element, around: Around): Markup {
  const name = around.isForm ? `field:${element.action_id ?? ''}` : 'value';
  switch (element.type) {
    case 'plain_text_input':
      return element.multiline
        ? html`<textarea name="${name}" rows="4" placeholder="${element.placeholder?.text ?? ''}">${element.initial_value ?? ''}</textarea>`
        : html`<input name="${name}" value="${element.initial_value ?? ''}" placeholder="${element.placeholder?.text ?? ''}" autocomplete="off">`;
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return html`<input name="${name}" value="${element.initial_value ?? ''}" autocomplete="off">`;
    case 'static_select':
    case 'overflow':
      return select(name, optionsIn(element), { chosen: element.type === 'static_select' ? element.initial_option : undefined, hint: hintOf(element) });
    case 'external_select':
    case 'multi_external_select':
      return select(name, around.offers(element.action_id ?? ''), { hint: hintOf(element) });
    case 'multi_static_select':
    case 'checkboxes':
      return html`<span class="choices">${optionsIn(element).map((option) => choice({ type: 'checkbox', name, option, isChosen: element.initial_options?.some(({ value }) => value === option.value) ?? false }))}</span>`;
    case 'radio_buttons':
      return html`<span class="choices">${element.options.map((option) => choice({ type: 'radio', name, option, isChosen: element.initial_option?.value === option.value }))}</span>`;
    case 'users_select':
    case 'multi_users_select': {
      const people = [...around.workspace.users.values()].filter(({ isBot }) => !isBot);
      return select(
        name,
        people.map(({ id, name: handle }) => ({ text: { type: 'plain_text', text: `@${handle}` }, value: id })),
        { hint: hintOf(element) },
      );
    }
    case 'conversations_select': {
      const channels = [...around.workspace.channels.values()].filter(({ kind }) => kind !== 'im');
      return select(
        name,
        channels.map(({ id, name: channel }) => ({ text: { type: 'plain_text', text: `#${channel}` }, value: id })),
        { hint: hintOf(element) },
      );
    }
    case 'datepicker':
      return html`<input type="date" name="${name}" value="${element.initial_date ?? ''}">`;
    case 'timepicker':
      return html`<input type="time" name="${name}" value="${element.initial_time ?? ''}">`;
    case 'button':
      return html``;
  }
}

function optionsIn(element: Extract<Element, { type: 'static_select' | 'multi_static_select' | 'checkboxes' | 'overflow' }>): readonly Option[] {
  if ('option_groups' in element && element.option_groups !== undefined) return element.option_groups.flatMap(({ options }) => options);
  return element.options ?? [];
}

function hintOf(element: Element): string {
  return 'placeholder' in element ? (element.placeholder?.text ?? 'Choose') : 'Choose';
}

function select(name: string, options: readonly Option[], { chosen, hint }: { readonly chosen?: Option | undefined; readonly hint: string }): Markup {
  return html`<select name="${name}"><option value="">${hint}</option>${options.map(({ text, value }) =>
    chosen?.value === value ? html`<option value="${value}" selected>${text.text}</option>` : html`<option value="${value}">${text.text}</option>`,
  )}</select>`;
}

type Choice = { readonly type: 'checkbox' | 'radio'; readonly name: string; readonly option: Option; readonly isChosen: boolean };

function choice({ type, name, option: { text, value }, isChosen }: Choice): Markup {
  const checked = isChosen ? html` checked` : undefined;
  return html`<label><input type="${type}" name="${name}" value="${value}"${checked}> ${text.text}</label>`;
}
