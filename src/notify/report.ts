import { type ReportSource, reportData } from './report-data.ts';
import { reportHtml } from './report-html.ts';
import { reportMarkdown } from './report-markdown.ts';

/** The report of an incident, written: for a repository, for a browser, for a program. */
export function report(source: ReportSource, format: 'md' | 'html' | 'json'): string {
  const data = reportData(source);
  switch (format) {
    case 'md':
      return reportMarkdown(data);
    case 'html':
      return reportHtml(data);
    case 'json':
      return `${JSON.stringify(data, null, 2)}\n`;
  }
}
