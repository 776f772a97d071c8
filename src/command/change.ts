import type { Entry } from '../model/entry.ts';
import { SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import type { Incident } from '../model/incident.ts';
import { sleep } from '../port/clock.ts';
import type { Commands } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import type { StoredRecord } from '../port/store.ts';
import type { Change } from '../port/view/incident.ts';
import { assertMayRead } from './access.ts';
import { type ChangeCursor, OVERLAP_MS, readCursor, writeCursor } from './change-cursor.ts';
import type { CommandDeps } from './deps.ts';
import { findRecord } from './find.ts';
import { timelineText } from './incident.ts';
import { liveRecords } from './live.ts';
import { incidentOf, readJournal } from './read.ts';
import { nextHint } from './wait.ts';

/** The store's hint may not come; so look this often anyway. */
const LOOK_MS = 1000;
/** Many changes at once are read together. */
const GAP_MS = 100;

type FeedDeps = Pick<CommandDeps, 'store' | 'clock'>;
type Look = () => Promise<readonly StoredRecord[]>;

/** New lines of timelines as they are stored. Nothing is kept per reader but how far it has read, and the cursor carries that over a restart. */
export function changes(deps: FeedDeps): Pick<Commands, 'changes'> {
  const live = liveRecords(deps, { kind: 'incident' });
  let looking: Promise<readonly StoredRecord[]> | undefined;
  // Readers share a look.
  const look: Look = () => {
    looking ??= live().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  return {
    async changes(caller, { after, incident, signal }) {
      assertMayRead(caller);
      const from = after === undefined ? undefined : readCursor(after);
      if (incident !== undefined) {
        const one = incidentOf(await findRecord(deps.store, 'incident', incident));
        const n = from === undefined ? 0 : from.kind === 'one' ? from.n : (from.heads.get(shortId(one.id)) ?? 0);
        return { from: writeCursor({ kind: 'one', n }), changes: ofOne(deps, one, { signal, n }) };
      }
      if (from?.kind === 'one') throw new SalvorError('request.invalid', 'This cursor is of one incident; ask for its stream');
      const atMs = from?.atMs ?? deps.clock.nowMs();
      const read = await readUntil(deps, look, from);
      return { from: cursorOf(read, atMs), changes: ofAll(deps, look, { signal, atMs, read, all: from !== undefined }) };
    },
  };
}

async function* ofOne(deps: FeedDeps, incident: Incident, { signal, ...from }: { readonly signal: AbortSignal; readonly n: number }): AsyncGenerator<Change> {
  const { store, clock } = deps;
  let { n } = from;
  while (!signal.aborted) {
    const hint = nextHint(store, clock);
    try {
      for (const line of await readJournal(store, { partition: incident.cluster, of: incident.id, afterN: n })) {
        if (signal.aborted) return;
        ({ n } = line);
        yield changeOf(incident, line, writeCursor({ kind: 'one', n }));
      }
      await hint.come(LOOK_MS, signal);
    } finally {
      hint.forget();
    }
  }
}

/** How far each timeline was read, and when its last line was written. */
type Read = Map<string, { readonly n: number; readonly atMs: number }>;
type Since = Extract<ChangeCursor, { kind: 'all' }> | undefined;

/** Where a reader begins: behind its cursor, or without one behind everything that is there already. */
async function readUntil(deps: FeedDeps, look: Look, from: Since): Promise<Read> {
  if (from === undefined) return new Map((await look()).map((record) => [record.id, { n: incidentOf(record).chain.n, atMs: record.updatedMs }]));
  const read: Read = new Map();
  for (const record of await listAll(deps.store, { kind: 'incident', newestFirst: true }, 5000)) read.set(record.id, await readBefore(deps, record, from));
  return read;
}

type Feed = {
  readonly signal: AbortSignal;
  readonly atMs: number;
  readonly read: Read;
  /** Begin with what was closed, too. */
  readonly all: boolean;
};

async function* ofAll(deps: FeedDeps, look: Look, { signal, atMs, read, all }: Feed): AsyncGenerator<Change> {
  const { store, clock } = deps;
  let readMs = atMs;
  // Behind a cursor, what was closed meanwhile may have lines, too; afterwards only what is live.
  let grown = !all ? [] : await listAll(store, { kind: 'incident', newestFirst: true }, 5000);
  while (!signal.aborted) {
    const hint = nextHint(store, clock);
    try {
      for (const record of grown) {
        const incident = incidentOf(record);
        const before = read.get(record.id)?.n ?? 0;
        if (incident.chain.n <= before) continue;
        for (const line of await readJournal(store, { partition: incident.cluster, of: incident.id, afterN: before })) {
          if (signal.aborted) return;
          readMs = Math.max(readMs, line.atMs);
          // Last in the map: a cursor with too many heads leaves out the ones that stood still longest.
          read.delete(record.id);
          read.set(record.id, { n: line.n, atMs: line.atMs });
          yield changeOf(incident, line, cursorOf(read, readMs));
        }
      }
      await hint.come(LOOK_MS, signal);
    } finally {
      hint.forget();
    }
    await sleep(clock, GAP_MS, signal);
    if (!signal.aborted) grown = await look();
  }
}

/** Names the timelines that moved shortly before. */
function cursorOf(read: Read, atMs: number): string {
  const heads = [...read].filter(([, one]) => one.atMs >= atMs - 2 * OVERLAP_MS).map(([id, { n }]) => [shortId(id), n] as const);
  return writeCursor({ kind: 'all', atMs, heads: new Map(heads) });
}

/** How far a timeline was read by somebody with this cursor. */
async function readBefore({ store }: FeedDeps, record: StoredRecord, from: NonNullable<Since>): Promise<{ readonly n: number; readonly atMs: number }> {
  const incident = incidentOf(record);
  const named = from.heads.get(shortId(incident.id));
  if (named !== undefined) return { n: named, atMs: from.atMs };
  // Lines are stored together with the record: where it stood still, they were all read.
  if (record.updatedMs < from.atMs - OVERLAP_MS) return { n: incident.chain.n, atMs: record.updatedMs };
  const lines = await readJournal(store, { partition: incident.cluster, of: incident.id });
  const last = lines.findLast((line) => line.atMs < from.atMs - OVERLAP_MS);
  return { n: last?.n ?? 0, atMs: last?.atMs ?? 0 };
}

function changeOf(incident: Incident, line: Entry, cursor: string): Change {
  const { run, state } = line.data;
  return {
    cursor,
    incident: shortId(incident.id),
    cluster: incident.cluster,
    n: line.n,
    at: line.atMs,
    type: line.type,
    text: timelineText(line),
    run: typeof run === 'string' ? shortId(run) : undefined,
    state: typeof state === 'string' ? state : undefined,
    data: line.data,
  };
}
