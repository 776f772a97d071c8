import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { PlaybookView } from '../../port/view/playbook.ts';
import { type Content, type Html, html } from '../html.ts';
import type { Seat } from '../layout.ts';
import type { Offered } from '../offered.ts';
import type { Session } from '../session.ts';
import { choiceField, formTo, lineField } from './form.ts';

/** Browsers read patterns in the mode `v`, in which a dash of a class is escaped; one that they cannot read is as none. */
const NAME = '[a-z0-9]([a-z0-9\\-]*[a-z0-9])?';
const DOTTED = `${NAME}([.]${NAME})*`;

/** What a browser can tell of a type before anything is sent; the server checks all of it again. */
const TYPES: { readonly [format: string]: { readonly pattern: string; readonly hint: string; readonly example?: boolean } } = {
  duration: { pattern: '([0-9]+([.][0-9]+)?(ms|s|m|h|d|w))+', hint: 'such as 30s, 15m or 4h', example: true },
  namespace: { pattern: NAME, hint: 'a namespace' },
  cluster: { pattern: DOTTED, hint: 'a cluster' },
  node: { pattern: DOTTED, hint: 'a node' },
  pod: { pattern: `${NAME}/${DOTTED}`, hint: 'namespace/name, such as shop/api-0', example: true },
  volume: { pattern: `${NAME}/${DOTTED}`, hint: 'namespace/name of the claim, such as shop/data-0', example: true },
  schedule: { pattern: `(${NAME}/)?${DOTTED}`, hint: 'such as daily or velero/daily', example: true },
  backup: { pattern: `(${NAME}/)?${DOTTED}`, hint: 'such as daily-20261120 or velero/daily-20261120', example: true },
  restore: { pattern: `(${NAME}/)?${DOTTED}`, hint: 'the name of a restore' },
  'storage-location': { pattern: `(${NAME}/)?${DOTTED}`, hint: 'such as default', example: true },
};

export type FormChoices = { readonly clusters: readonly string[] /** By parameter. */; readonly offered: ReadonlyMap<string, Offered> };

/**
 * The form that a playbook's typed parameters make. Its first button only looks: a start is the second thing to do. The last one loads the form again
 * with everything that is in it: what can be chosen may depend on the fields above.
 */
export function startForm({ id, parameters }: PlaybookView, seat: Seat & { readonly session: Session }, choices: FormChoices): Html {
  const { clusters, offered } = choices;
  const { properties, required } = parameters;
  const needed = Array.isArray(required) ? required : [];
  const params = isObject(properties) ? Object.entries(properties) : [];
  const where =
    clusters.length > 1 && !params.some(([name]) => name === 'cluster') && choiceField(seat, { name: 'cluster', label: 'Cluster', choices: clusters });
  const asksCluster = [...offered.values()].some(({ says }) => says !== '');
  return formTo({
    session: seat.session,
    action: `/playbooks/${encodeURIComponent(id)}/runs`,
    fields: html`<input type="hidden" name="key" value="${seat.form.field('key') || seat.key}">${where}
${params.map(([name, schema]) => paramField(seat, { name, schema: isObject(schema) ? schema : {}, isNeeded: needed.includes(name), clusters, offered: offered.get(name) }))}
${lineField(seat, { name: 'reason', label: 'Reason, for the timeline' })}`,
    button: html`<button name="dry" value="yes">Show what it would do</button><button class="quiet">Start without looking</button>${asksCluster && html`<button class="quiet" name="choices" value="read" formnovalidate>Read the choices again</button>`}`,
  });
}

type ParamField = {
  readonly name: string;
  readonly schema: JsonObject;
  readonly isNeeded: boolean;
  readonly clusters: readonly string[];
  readonly offered: Offered | undefined;
};

function paramField({ form }: Seat, { name, schema, isNeeded, clusters, offered = { items: [], says: '' } }: ParamField): Content {
  const { type, format, description, enum: choose, default: preset } = schema;
  const field = `param.${name}`;
  const value = form.names.includes(field) ? form.field(field) : preset === undefined || preset === null ? '' : textOf(preset);
  const kind = typeof format === 'string' && Object.hasOwn(TYPES, format) ? TYPES[format] : undefined;
  const optional = isNeeded || value !== '' ? '' : 'may be left empty';
  const hints = [typeof description === 'string' ? description : '', kind?.example === true ? kind.hint : '', optional, offered.says].filter(
    (one) => one !== '',
  );
  const label = html`${name} <span class="soft">${hints.join('; ')}</span>`;
  const choices = type === 'boolean' ? ['true', 'false'] : Array.isArray(choose) ? choose.map(textOf) : format === 'cluster' ? clusters : undefined;
  const must = isNeeded && html` required`;
  if (choices !== undefined) {
    const options = [...(isNeeded && value !== '' ? [] : ['']), ...choices];
    return html`<label>${label}<select name="${field}"${must}>${options.map((one) => html`<option value="${one}"${one === value && html` selected`}>${wordOf(one, type)}</option>`)}</select></label>`;
  }
  if (type === 'number') return html`<label>${label}<input type="number" step="any" name="${field}" value="${value}"${must}></label>`;
  const checked = kind !== undefined && html` pattern="${kind.pattern}" title="${kind.hint}" autocapitalize="off" spellcheck="false"`;
  if (offered.items.length === 0) return html`<label>${label}<input name="${field}" value="${value}" maxlength="1000"${checked}${must}></label>`;
  const list = `choices-${name}`;
  return html`<label>${label}<input name="${field}" value="${value}" maxlength="1000" list="${list}" autocomplete="off"${checked}${must}></label>
<datalist id="${list}">${offered.items.map(({ value: one, note }) => html`<option value="${one}">${note !== undefined && note !== '' && `${one}: ${note}`}</option>`)}</datalist>`;
}

function wordOf(choice: string, type: Json | undefined): string {
  if (choice === '') return 'not said';
  return type === 'boolean' ? (choice === 'true' ? 'yes' : 'no') : choice;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
