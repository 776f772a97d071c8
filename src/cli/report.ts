import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { printLine } from './print.ts';

export type ReportOptions = Omit<ClientOptions, 'json'> & { readonly incident: string; readonly format: 'md' | 'html' | 'json' };

/** `salvor report INCIDENT`: the four clocks, timeline, plans, approvals, evidence and plots, for a file or a page. */
export async function report({ incident, format, ...options }: ReportOptions, context: Context): Promise<number> {
  const { io } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client);
  const asked = await client.ask(`/api/v1/incidents/${encodeURIComponent(incident)}/report`, { query: { format } });
  if (asked.kind === 'failed') return printFailed(io, asked, { json: format === 'json' });
  // Only a page for a person at a terminal must not steer it; the others are read by programs.
  if (format === 'md') printLine(io, asked.text.trimEnd());
  else io.stdout(asked.text.endsWith('\n') ? asked.text : `${asked.text}\n`);
  return 0;
}
