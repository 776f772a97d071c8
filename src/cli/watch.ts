import { clockTime } from '../model/when.ts';
import { type Clock, sleep } from '../port/clock.ts';
import { Change } from '../port/view/incident.ts';
import { short } from '../port/view/run-words.ts';
import { type Client, type ClientOptions, openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { type Failed, parsed, printFailed } from './failed.ts';
import { type Io, paint, printLine } from './print.ts';
import { readEvents } from './sse.ts';
import { type Ended, endOf, findWatched, proposalLines, type Watched } from './watched.ts';

export type WatchOptions = ClientOptions & { /** A run or an incident; absent: everything from now on. */ readonly id?: string };

/** How long nothing at all may come: the server speaks every 15 s. */
const SILENCE_MS = 60_000;
/** How often it is asked whether it ended, while no line says so. */
const LOOK_MS = 10_000;
const RETRY_MS = 2000;

/** `salvor watch [ID]`: lines as they come, until the run or incident ends, or Ctrl-C. */
export async function watch(options: WatchOptions, context: Context): Promise<number> {
  const { io } = context;
  const stop = context.stop();
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client, options);
  const watched = await findWatched(client, options.id);
  if (watched.kind === 'failed') return printFailed(io, watched, options);
  const json = options.json === true;
  if (!json) printLine(io, paint(io, 'dim', headingOf(watched)));
  return follow({ client, watched, json, stop, context });
}

function headingOf(watched: Watched): string {
  if (watched.kind === 'all') return 'Every line from now on; Ctrl-C ends';
  return `${watched.kind === 'run' ? 'Run' : 'Incident'} ${watched.id} from its beginning to its end; Ctrl-C ends`;
}

type Following = { readonly client: Client; readonly watched: Watched; readonly json: boolean; readonly stop: AbortSignal; readonly context: Context };

/** How far was read: where to go on, and the last line of each incident, since over a restart of the server lines may come twice. */
type Place = { last: string | undefined; readonly seen: Map<string, number> };

async function follow(following: Following): Promise<number> {
  const { client, json, stop, context } = following;
  const { io, clock } = context;
  const place: Place = { last: undefined, seen: new Map() };
  let broken = false;
  for (let first = true; !stop.aborted; first = false) {
    const outcome = await listen(following, place, () => {
      if (broken) io.stderr('Connected again\n');
      broken = false;
    });
    if (outcome.kind === 'ended') {
      if (!json) printLine(io, paint(io, outcome.good ? 'green' : 'red', outcome.text));
      return outcome.good ? EXIT.done : EXIT.no;
    }
    if (stop.aborted) break;
    // A refusal stays one; what cannot be reached at the first try is most likely not there at all.
    if (outcome.failed !== undefined && (first || outcome.failed.exitCode !== EXIT.unreached)) return printFailed(io, outcome.failed);
    if (!broken) io.stderr(`The connection to ${client.url} is gone; trying again\n`);
    broken = true;
    await sleep(clock, RETRY_MS, stop);
  }
  return EXIT.done;
}

type Outcome = ({ readonly kind: 'ended' } & Ended) | { readonly kind: 'gone' /** Why there was no connection at all. */; readonly failed?: Failed };

/** Reads one connection to its end. */
async function listen({ client, watched, json, stop, context }: Following, place: Place, connected: () => void): Promise<Outcome> {
  const { io, clock } = context;
  const over = new AbortController();
  let ended: Ended | undefined;
  const look = async (): Promise<void> => {
    ended ??= await endOf(client, watched);
    if (ended !== undefined) over.abort();
  };
  const silence = again(clock, SILENCE_MS, () => over.abort(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
  const looking = again(clock, LOOK_MS, () => void look().finally(() => looking.restart()));
  try {
    const opened = await client.open('/api/v1/stream', {
      query: { incident: watched.kind === 'all' ? undefined : watched.incident },
      headers: { accept: 'text/event-stream', ...(place.last === undefined ? {} : { 'last-event-id': place.last }) },
      signal: AbortSignal.any([stop, over.signal]),
    });
    if (opened.kind === 'failed') return { kind: 'gone', failed: opened };
    connected();
    for await (const { id, text } of readEvents(opened.response.body, silence.restart)) {
      place.last = id ?? place.last;
      const change = text === undefined ? undefined : Change.safeParse(parsed(text)).data;
      if (change === undefined || change.n <= (place.seen.get(change.incident) ?? 0)) continue;
      place.seen.set(change.incident, change.n);
      if (watched.kind === 'run' && change.run !== watched.id) continue;
      if (json) io.stdout(`${text}\n`);
      else {
        printChange(io, change, { nowMs: clock.nowMs(), watched });
        for (const told of await proposalLines(client, change)) printLine(io, told);
      }
      if (change.type === (watched.kind === 'run' ? 'run.ended' : 'incident.closed')) await look();
      if (ended !== undefined) break;
    }
  } catch {
    // Broken off in the middle: that is made good by going on behind the last line.
  } finally {
    silence.cancel();
    looking.cancel();
  }
  return ended === undefined ? { kind: 'gone' } : { kind: 'ended', ...ended };
}

function printChange(io: Io, change: Change, { nowMs, watched }: { readonly nowMs: number; readonly watched: Watched }): void {
  if (change.text === undefined || change.text === '') return;
  const about = change.run === undefined ? `incident ${short(change.incident)}` : `run ${short(change.run)}`;
  const place = watched.kind === 'all' ? `${change.cluster}  ${about}  ` : watched.kind === 'incident' && change.run !== undefined ? `${about}  ` : '';
  printLine(io, `${clockTime(change.at, nowMs)}  ${paint(io, 'dim', place)}${change.text}`);
}

/** A timer that can be set back, and ended for good. */
function again(clock: Clock, delayMs: number, act: () => void): { readonly restart: () => void; readonly cancel: () => void } {
  let isOver = false;
  let cancel = (): void => undefined;
  const restart = (): void => {
    cancel();
    if (!isOver) cancel = clock.after(delayMs, act);
  };
  restart();
  return {
    restart,
    cancel() {
      isOver = true;
      cancel();
    },
  };
}
