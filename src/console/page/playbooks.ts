import { isObject } from '../../model/json.ts';
import type { PlaybookSummary, PlaybookView } from '../../port/view/playbook.ts';
import { type Content, type Html, html } from '../html.ts';
import { csrfField, type Page, rows, type Seat } from '../layout.ts';

export function playbooksPage(items: readonly PlaybookSummary[]): Page {
  return {
    title: 'Playbooks',
    part: 'playbooks',
    main: html`<h1>Playbooks</h1>${items.map(
      ({ id, summary, risk, startedBy, command }) => html`<article><h3><a href="/playbooks/${encodeURIComponent(id)}">${id}</a></h3>
<p>${summary}</p><p class="soft">${risk}; started by ${startedBy.join(', ')}${command !== undefined && `; /dr ${command}`}</p></article>`,
    )}`,
  };
}

/** One playbook: what it answers, what it asks of people, and the form that starts it. */
export function playbookPage(playbook: PlaybookView, { session }: Seat, key: string): Page {
  const { id, summary, match, command, stages, text } = playbook;
  return {
    title: id,
    part: 'playbooks',
    main: html`
<h1>${id}</h1>
<p class="answer">${summary}</p>
${rows([
  ['Alerts', match.map((one) => html`<code>${one}</code> `)],
  ['Command', command],
  ['Risk', playbook.risk],
  ['Stages', html`<ol>${stages.map((stage) => html`<li>${stage.id}: ${stage.kind}, ${stage.risk}${stage.asks !== undefined && `; ${stage.asks}`}</li>`)}</ol>`],
])}
<h2>Start it</h2>
${session === undefined ? html`<p class="panel">To start it, <a href="/login?to=${encodeURIComponent(`/playbooks/${encodeURIComponent(id)}`)}">log in</a>.</p>` : startForm(playbook, html`${csrfField(session)}<input type="hidden" name="key" value="${key}">`)}
<details id="text"><summary>The file</summary><pre>${text}</pre></details>`,
  };
}

/** `hidden` has a key of its own for each page, so that a form that is sent twice starts one run. */
function startForm({ id, parameters }: PlaybookView, hidden: Html): Html {
  const { properties, required } = parameters;
  const needed = Array.isArray(required) ? required : [];
  const fields = isObject(properties) ? Object.entries(properties) : [];
  return html`<form class="stack" action="/playbooks/${encodeURIComponent(id)}/runs" method="post">${hidden}
${fields.map(([name, schema]) => field(name, schema, needed.includes(name)))}
<label>Reason<input name="reason" maxlength="1000" required></label>
<label class="row"><input type="checkbox" name="dry" value="yes"> Only say what would happen</label>
<button>Start</button></form>`;
}

function field(name: string, schema: unknown, isNeeded: boolean): Content {
  const { enum: choices, default: preset, description } = isShape(schema) ? schema : {};
  const needed = isNeeded && preset === undefined && html` required`;
  const label = html`${name}${typeof description === 'string' && html` <span class="soft">${description}</span>`}`;
  if (Array.isArray(choices)) {
    const options = [...(isNeeded ? [] : ['']), ...choices.map(String)];
    return html`<label>${label}<select name="param.${name}">${options.map((one) => html`<option${one === String(preset) && html` selected`}>${one}</option>`)}</select></label>`;
  }
  return html`<label>${label}<input name="param.${name}" value="${preset === undefined ? '' : textOf(preset)}"${needed}></label>`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isShape(schema: unknown): schema is { readonly enum?: unknown; readonly default?: unknown; readonly description?: unknown } {
  return typeof schema === 'object' && schema !== null;
}
