import { formatTime } from '../model/time.ts';
import { escapeMarkdown as esc } from './escape.ts';
import type { Report, RunReport } from './report-data.ts';
import { clockRows, measureRows } from './report-rows.ts';

/** The report as Markdown: for a repository or a ticket. All text from outside is escaped. */
export function reportMarkdown(report: Report): string {
  const { incident } = report;
  const parts = [
    `# ${esc(`${incident.severity} ${incident.title}`)}`,
    esc(report.summary),
    table(
      ['', ''],
      [
        ['Incident', incident.id],
        ['State', incident.state],
        ['Cluster', incident.cluster],
        ...(incident.playbook === undefined ? [] : [['Playbook', incident.playbook]]),
        ['Opened', formatTime(incident.openedMs)],
        ...(incident.closedMs === undefined ? [] : [['Closed', formatTime(incident.closedMs)]]),
        ['People', report.people.length === 0 ? 'nobody' : report.people.join(', ')],
        ['Written', formatTime(report.generatedMs)],
      ],
    ),
    ...report.runs.map(runPart),
    '## Timeline',
    report.timeline.length === 0 ? 'Nothing was written.' : report.timeline.map((line) => `- ${formatTime(line.atMs)} ${esc(line.text)}`).join('\n'),
    ...(report.gaps.length === 0 ? [] : ['## To be filled in by people', report.gaps.map((gap) => `- ${esc(gap)}`).join('\n')]),
    ...(report.actions.length === 0
      ? []
      : [
          '## Action items',
          table(
            ['What', 'Who', 'Until when'],
            report.actions.map((action) => [action, '', '']),
          ),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function runPart(run: RunReport): string {
  const parts = [
    `## ${esc(`${run.playbook} on ${run.target}: ${run.state}`)}`,
    ...(run.summary === undefined ? [] : [esc(run.summary)]),
    `Run ${esc(run.id)} on cluster ${esc(run.cluster)}, started by ${esc(run.startedBy)} at ${formatTime(run.createdMs)}.${run.reason === undefined ? '' : ` ${esc(run.reason)}`}`,
    table(['Clock', 'Time'], clockRows(run)),
    table(['Measured', 'Time', 'Objective', ''], measureRows(run)),
    ...(run.steps.length === 0 ? [] : ['### Plan', run.steps.map(stepPart).join('\n')]),
    ...(run.approvals.length === 0
      ? []
      : [
          '### Approvals',
          run.approvals.map((one) => `- ${formatTime(one.atMs)} ${esc(one.text)}${one.plan === undefined ? '' : ` (plan ${esc(one.plan)})`}`).join('\n'),
        ]),
    ...(run.evidence.length === 0 ? [] : ['### Evidence', run.evidence.map((one) => `- ${formatTime(one.atMs)} ${esc(one.text)}`).join('\n')]),
  ];
  return parts.join('\n\n');
}

function stepPart(step: RunReport['steps'][number]): string {
  const head = `- ${esc(step.step)} (${esc(step.action)}, proposal ${step.generation}): ${esc(step.phase)}. ${esc(step.summary)}${step.reason === undefined ? '' : ` ${esc(step.reason)}`}`;
  return [head, ...step.diff.map((line) => `  - ${esc(line)}`)].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.map(esc).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}
