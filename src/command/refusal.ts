import { digest } from '../model/digest.ts';
import type { IncidentMail } from '../model/mail.ts';
import { readRun } from '../run/stored.ts';
import type { CommandDeps } from './deps.ts';
import { findRecord } from './find.ts';

/** What somebody wanted to decide about: the id of a run or of an incident. */
type Subject = { readonly run: string } | { readonly incident: string };
type Line = { readonly by: string; readonly text: string; readonly key: string };

/**
 * Puts on the timeline that somebody was refused in Slack: whoever they are, also where the configuration does not know them. Durable when it resolves;
 * throws `request.not-found` where there is no such run or incident.
 */
export function recordRefusal({ store, ids }: Pick<CommandDeps, 'store' | 'ids'>): (of: Subject, line: Line) => Promise<void> {
  return async (of, { by, text, key }) => {
    const record = 'run' in of ? await findRecord(store, 'run', of.run) : await findRecord(store, 'incident', of.incident);
    const to = 'run' in of ? readRun(record).incident : record.id;
    const mail: IncidentMail = { kind: 'note', by, surface: 'slack', text };
    const change = { do: 'mail', to, key: `refused/${digest({ key })}`, value: mail } as const;
    await store.commit({ partition: record.partition, opId: ids.next(), guards: [], changes: [change] });
  };
}
