import { AuditReport } from '../port/view/operation.ts';
import { type ClientOptions, openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { printFailed, unreachable } from './failed.ts';
import { present } from './present.ts';
import { countOf, paint, printLine, printTable } from './print.ts';

export type AuditExportOptions = Omit<ClientOptions, 'json'> & {
  /** A moment, or an age such as `7d`. */
  readonly since?: string;
  readonly cluster?: string;
};

/** `salvor audit verify`: whether every journal is as it was written. */
export async function auditVerify(options: ClientOptions, context: Context): Promise<number> {
  const { io } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client, options);
  return present(await client.ask('/api/v1/audit'), {
    options,
    context,
    url: client.url,
    schema: AuditReport,
    exitCode: ({ ok }) => (ok ? EXIT.done : EXIT.no),
    print({ ok, journals, entries, sealed, problems }) {
      const looked = `${countOf(journals, 'journal')}, ${entries} ${entries === 1 ? 'entry' : 'entries'}, ${sealed} sealed`;
      printLine(
        io,
        ok
          ? paint(io, 'green', `ok: ${looked}, all as they were written`)
          : paint(io, 'red', `NOT as written: ${countOf(problems.length, 'problem')} in ${looked}`),
      );
      printTable(
        io,
        ['CLUSTER', 'JOURNAL', 'ENTRY', 'WHAT'],
        problems.map(({ cluster, journal, n, reason }) => [cluster, journal, n === undefined ? '' : String(n), reason]),
      );
      if (!ok) printLine(io, 'Keep the store and its backups as they are, and compare with an earlier export.');
    },
  });
}

/** `salvor audit export`: every journal entry, one JSON text a line, as it comes. */
export async function auditExport(options: AuditExportOptions, context: Context): Promise<number> {
  const { io } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client);
  const { since, cluster } = options;
  const opened = await client.open('/api/v1/audit/export', { query: { since, cluster } });
  if (opened.kind === 'failed') return printFailed(io, opened);
  const decoder = new TextDecoder();
  try {
    for await (const chunk of opened.response.body ?? []) io.stdout(decoder.decode(chunk, { stream: true }));
  } catch (error) {
    const failed = unreachable(client.url, error);
    return printFailed(io, { ...failed, text: `The export broke off, what is above is not all: ${failed.text}` });
  }
  return EXIT.done;
}
