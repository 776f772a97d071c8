import type { AuditReport } from '../../port/view/operation.ts';
import { html } from '../html.ts';
import { type Page, rows } from '../layout.ts';

export function auditPage({ ok, journals, entries, sealed, problems }: AuditReport): Page {
  return {
    title: 'Audit',
    part: 'operations',
    main: html`
<h1>Audit</h1>
<p class="answer ${ok ? 'good' : 'bad'}">${ok ? 'Every journal is as it was written.' : `${problems.length} ${problems.length === 1 ? 'journal is' : 'journals are'} not as written.`}</p>
${rows([
  ['Journals', String(journals)],
  ['Entries', String(entries)],
  ['Sealed', String(sealed)],
])}
<ul>${problems.map(({ cluster, journal, n, reason }) => html`<li>${cluster} ${journal}${n !== undefined && ` line ${n}`}: ${reason}</li>`)}</ul>`,
  };
}
