import { formatTime } from '../model/time.ts';
import { escapeHtml as esc } from './escape.ts';
import type { Report, RunReport } from './report-data.ts';
import { clockRows, measureRows } from './report-rows.ts';
import { reportSvg } from './report-svg.ts';

/** For light and dark, for a screen and for paper. */
const STYLE = `
:root{color-scheme:light dark;--text:#24292f;--back:#fff;--line:#d0d7de;--soft:#57606a;--good:#1a7f37;--bad:#cf222e}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--back:#0d1117;--line:#3d444d;--soft:#9198a1;--good:#57ab5a;--bad:#f47067}}
body{max-width:960px;margin:2rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back)}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem;border-top:1px solid var(--line);padding-top:1rem}h3{font-size:1rem}
table{border-collapse:collapse;margin:.5rem 0}th,td{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.answer{font-size:1.15rem}.soft,time{color:var(--soft);font-variant-numeric:tabular-nums}.met{color:var(--good)}.missed{color:var(--bad)}
pre{overflow-x:auto;margin:.3rem 0;padding:.5rem;border:1px solid var(--line);font:13px/1.4 ui-monospace,monospace;white-space:pre-wrap}
figure{margin:1rem 0;overflow-x:auto}ol,ul{padding-left:1.2rem}
`;

/** The report as one page that needs nothing else: no script, no picture or font from elsewhere. All text from outside is escaped. */
export function reportHtml(report: Report): string {
  const { incident } = report;
  const title = `${incident.severity} ${incident.title}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${esc(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${esc(title)}</h1>
<p class="answer">${esc(report.summary)}</p>
${rowsTable(factsOf(report))}
<figure>
${reportSvg(report)}
</figure>
${report.runs.map(runPart).join('\n')}
<h2>Timeline</h2>
<ol>
${report.timeline.map((line) => `<li>${time(line.atMs)} ${esc(line.text)}</li>`).join('\n')}
</ol>
${report.gaps.length === 0 ? '' : `<h2>To be filled in by people</h2>\n${list(report.gaps)}`}
${report.actions.length === 0 ? '' : `<h2>Action items</h2>\n<table><tr><th>What</th><th>Who</th><th>Until when</th></tr>${report.actions.map((one) => `<tr><td>${esc(one)}</td><td></td><td></td></tr>`).join('')}</table>`}
</body>
</html>
`;
}

function factsOf({ incident, people, generatedMs }: Report): readonly (readonly [string, string])[] {
  return [
    ['Incident', incident.id],
    ['State', incident.state],
    ['Cluster', incident.cluster],
    ...(incident.playbook === undefined ? [] : [['Playbook', incident.playbook] as const]),
    ['Opened', formatTime(incident.openedMs)],
    ...(incident.closedMs === undefined ? [] : [['Closed', formatTime(incident.closedMs)] as const]),
    ['People', people.length === 0 ? 'nobody' : people.join(', ')],
    ['Written', formatTime(generatedMs)],
  ];
}

function runPart(run: RunReport): string {
  const measures = measureRows(run).map(
    ([name, measured, objective, met]) => `<tr><th>${name}</th><td>${esc(measured)}</td><td>${esc(objective)}</td><td class="${met}">${met}</td></tr>`,
  );
  return `<h2>${esc(`${run.playbook} on ${run.target}: ${run.state}`)}</h2>
${run.summary === undefined ? '' : `<p>${esc(run.summary)}</p>`}
<p class="soft">Run ${esc(run.id)} on cluster ${esc(run.cluster)}, started by ${esc(run.startedBy)} at ${formatTime(run.createdMs)}. ${esc(run.reason ?? '')}</p>
${rowsTable(clockRows(run))}
<table><tr><th>Measured</th><th>Time</th><th>Objective</th><th></th></tr>${measures.join('')}</table>
${run.steps.length === 0 ? '' : `<h3>Plan</h3>\n${run.steps.map(stepPart).join('\n')}`}
${run.approvals.length === 0 ? '' : `<h3>Approvals</h3>\n<ul>${run.approvals.map((one) => `<li>${time(one.atMs)} ${esc(one.text)}${one.plan === undefined ? '' : ` <span class="soft">plan ${esc(one.plan)}</span>`}</li>`).join('')}</ul>`}
${run.evidence.length === 0 ? '' : `<h3>Evidence</h3>\n<ul>${run.evidence.map((one) => `<li>${time(one.atMs)} ${esc(one.text)}</li>`).join('')}</ul>`}`;
}

function stepPart(step: RunReport['steps'][number]): string {
  const head = `<p><strong>${esc(step.step)}</strong> ${esc(step.action)}, proposal ${step.generation}: ${esc(step.phase)}. ${esc(step.summary)} ${esc(step.reason ?? '')}</p>`;
  return step.diff.length === 0 ? head : `${head}\n<pre>${esc(step.diff.join('\n'))}</pre>`;
}

function rowsTable(rows: readonly (readonly [string, string])[]): string {
  return `<table>${rows.map(([name, value]) => `<tr><th>${esc(name)}</th><td>${esc(value)}</td></tr>`).join('')}</table>`;
}

function list(texts: readonly string[]): string {
  return `<ul>${texts.map((text) => `<li>${esc(text)}</li>`).join('')}</ul>`;
}

function time(atMs: number): string {
  return `<time>${formatTime(atMs)}</time>`;
}
