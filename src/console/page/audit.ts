import { parseDuration } from '../../model/duration.ts';
import { SalvorError } from '../../model/error.ts';
import type { AuditLine, AuditReport } from '../../port/view/operation.ts';
import { type Content, html } from '../html.ts';
import { moment, type Page, rows } from '../layout.ts';
import type { Looking } from '../looking.ts';
import { findLines, type Search } from './audit-search.ts';
import { valuePart } from './value.ts';

const USUAL = '24h';

/** The trail of everything that was decided and done: searched, and checked against its seals. */
export async function auditView(looking: Looking): Promise<Page> {
  const { commands, caller, clusters, seat, query } = looking;
  const search = searchIn(looking);
  const { lines, more } = search === undefined ? { lines: [], more: false } : await findLines(commands.auditExport(caller, search), search);
  const report = query('verify') === 'yes' ? await commands.auditVerify(caller) : undefined;
  const choice = (name: string, choices: readonly string[]): Content =>
    html`<select name="${name}"><option value="">any</option>${choices.map((one) => html`<option${one === query(name) && html` selected`}>${one}</option>`)}</select>`;
  return {
    title: 'Audit',
    part: 'audit',
    main: html`
<h1>Audit</h1>
<p class="answer${report !== undefined && (report.ok ? ' good' : ' bad')}">${answer({ report, search, found: lines.length, more })}</p>
${report !== undefined && reportPart(report)}
<h2>Search</h2>
<form class="search" action="/audit" method="get">
<label>Person${choice(
      'person',
      seat.rules.people.map(({ name }) => name),
    )}</label>
<label>Type <span class="soft">such as approval or step.done</span><input name="type" value="${query('type')}" maxlength="80"></label>
<label>Cluster${choice('cluster', clusters)}</label>
<label>Text <span class="soft">of the line</span><input name="text" value="${query('text')}" maxlength="200"></label>
<label>Since <span class="soft">2h ago: 2h; or a day</span><input name="since" value="${query('since') || USUAL}" maxlength="40"></label>
<label>Until <span class="soft">empty: now</span><input name="until" value="${query('until')}" maxlength="40"></label>
<input type="hidden" name="search" value="yes"><button>Search</button></form>
${lines.length > 0 && html`<h2>Found</h2><ol class="timeline">${lines.map((line) => linePart(line, seat.nowMs))}</ol>`}
<h2>Check</h2>
<p>Every journal is a chain of hashes, and its head is sealed: what was changed, dropped or added by another hand shows.</p>
<form action="/audit" method="get"><input type="hidden" name="verify" value="yes"><button class="quiet">Check every journal</button></form>
<p class="links"><a href="/api/v1/audit/export?since=24h">All lines of the last 24 hours, one JSON text a line</a></p>`,
  };
}

type Outcome = { readonly report: AuditReport | undefined; readonly search: Search | undefined; readonly found: number; readonly more: boolean };

function answer({ report, search, found, more }: Outcome): string {
  if (report !== undefined)
    return report.ok
      ? 'Every journal is as it was written.'
      : `${report.problems.length} ${report.problems.length === 1 ? 'journal is' : 'journals are'} not as written.`;
  if (search === undefined) return 'Who did what, and when. Search it, or check that nobody changed it.';
  if (found === 0) return 'Nothing is like this.';
  return more ? `More than ${found} lines are like this; these are the newest ${found}.` : `${found} ${found === 1 ? 'line is' : 'lines are'} like this.`;
}

function reportPart({ journals, entries, sealed, problems }: AuditReport): Content {
  return html`${rows([
    ['Journals', String(journals)],
    ['Entries', String(entries)],
    ['Sealed', String(sealed)],
  ])}${problems.length > 0 && html`<ul>${problems.map(({ cluster, journal, n, reason }) => html`<li>${cluster} ${journal}${n !== undefined && ` line ${n}`}: ${reason}</li>`)}</ul>`}`;
}

function linePart({ at, type, journal, n, cluster, data, hash }: AuditLine, nowMs: number): Content {
  const [kind = '', id = ''] = journal.split('/');
  const where = kind === 'run' || kind === 'incident' ? html`<a href="/${kind}s/${encodeURIComponent(id)}">${journal}</a>` : journal;
  const words = [data['text'], data['reason'], data['summary']].find((one) => typeof one === 'string');
  return html`<li>${moment(at, nowMs)} <b>${type}</b>${typeof data['by'] === 'string' && ` by ${data['by']}`}${typeof words === 'string' && `: ${words}`}
<details><summary>line ${n} of ${cluster}</summary><p>${where}</p>${valuePart(data)}<p class="soft">hash ${hash}</p></details></li>`;
}

/** Undefined: nothing was asked. */
function searchIn({ query, seat: { nowMs } }: Looking): Search | undefined {
  if (query('search') !== 'yes') return undefined;
  return {
    person: query('person'),
    type: query('type').trim(),
    text: query('text').trim(),
    ...(query('cluster') === '' ? {} : { cluster: query('cluster') }),
    sinceMs: momentIn(query('since') || USUAL, nowMs),
    untilMs: query('until').trim() === '' ? Number.POSITIVE_INFINITY : momentIn(query('until'), nowMs),
  };
}

/** `2h` is two hours ago; else a day or a moment, by UTC where it says nothing else. */
function momentIn(text: string, nowMs: number): number {
  const asked = text.trim();
  const agoMs = parseDuration(asked);
  if (agoMs !== undefined) return nowMs - agoMs;
  const atMs = Date.parse(/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$/.test(asked) ? `${asked.replace(' ', 'T')}${asked.length > 10 ? 'Z' : ''}` : asked);
  if (Number.isNaN(atMs)) throw new SalvorError('request.invalid', `"${asked.slice(0, 40)}" is no time: expected 2h, 2026-11-21 or 2026-11-21 14:10`);
  return atMs;
}
