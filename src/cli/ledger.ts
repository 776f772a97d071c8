import { Ledger } from '../port/view/operation.ts';
import { type ClientOptions, openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { printFailed } from './failed.ts';
import { present } from './present.ts';
import { paint, printLine, printTable } from './print.ts';

/** `salvor ledger`: the account of every alert ever received; it has to add up. */
export async function ledger(options: ClientOptions, context: Context): Promise<number> {
  const { io } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client, options);
  const adds = ({ accepted, handled, pending, quarantined }: Ledger): boolean => accepted === handled + pending + quarantined;
  return present(await client.ask('/api/v1/ledger'), {
    options,
    context,
    url: client.url,
    schema: Ledger,
    exitCode: (account) => (adds(account) ? EXIT.done : EXIT.no),
    print(account) {
      const { accepted, handled, pending, quarantined } = account;
      const rest = pending === 0 ? 'none waits' : `${pending} ${pending === 1 ? 'waits' : 'wait'}`;
      if (adds(account)) printLine(io, `${accepted} ${accepted === 1 ? 'alert' : 'alerts'} accepted, every one accounted for: ${rest}`);
      else printLine(io, paint(io, 'red', `The account does not add up: ${accepted} accepted, ${handled + pending + quarantined} accounted for`));
      printTable(io, ['ACCEPTED', 'HANDLED', 'PENDING', 'QUARANTINED'], [[accepted, handled, pending, quarantined].map(String)]);
      if (quarantined > 0) printLine(io, 'Why some could not be read: salvor quarantine');
    },
  });
}
