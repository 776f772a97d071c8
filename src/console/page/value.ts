import { isList, isObject, type Json } from '../../model/json.ts';
import { type Content, html } from '../html.ts';

/** So deep things are listed by name; what lies deeper is shown as it is. */
const DEEPEST = 3;
const MOST = 200;

/** Facts that a machine found, for people: names and values, lists, and JSON only where it is deep. */
export function valuePart(value: Json | undefined, depth = 0): Content {
  if (value === undefined || value === null || value === '') return html`<span class="soft">nothing</span>`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (depth >= DEEPEST) return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
  if (isList(value)) {
    if (value.length === 0) return html`<span class="soft">none</span>`;
    const more = value.length > MOST && html`<li>and ${value.length - MOST} more</li>`;
    return html`<ul>${value.slice(0, MOST).map((one) => html`<li>${valuePart(one, depth + 1)}</li>`)}${more}</ul>`;
  }
  const fields = isObject(value) ? Object.entries(value) : [];
  return fields.length === 0
    ? html`<span class="soft">none</span>`
    : html`<dl>${fields.map(([name, one]) => html`<dt>${name}</dt><dd>${valuePart(one, depth + 1)}</dd>`)}</dl>`;
}
