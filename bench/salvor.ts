import type { z } from 'zod';
import { Ledger } from '../src/port/view/operation.ts';
import { RunPage } from '../src/port/view/run.ts';
import { startChild } from './child.ts';
import { pause, type Scope } from './scope.ts';
import { ask, get } from './sender.ts';

/** One Salvor as it is served, in a process of its own. */
export type Salvor = {
  readonly url: string;
  /** Ana's, who may read, start and approve. */
  readonly token: string;
  /** Where Alertmanager posts. */
  readonly webhook: string;
  /** From the start of its process until `/readyz` said yes. */
  readonly readyMs: number;
  readonly usage: () => Promise<Usage>;
  /** What `programs/counting.ts` counted until now, where it is loaded. */
  readonly counts: () => Promise<ReadonlyMap<string, number>>;
  /** What it takes once it has nothing more to do, and since when that is so. */
  readonly quiet: () => Promise<Usage & { readonly sinceMs: number }>;
  readonly ledger: () => Promise<z.output<typeof Ledger>>;
  /** When so many alerts were folded; asks every few ms. */
  readonly folded: (alerts: number) => Promise<number>;
  /** When no run is any more as the query of the list says; asks every few ms. */
  readonly untilNone: (query: string) => Promise<number>;
  /** When every alert is folded and every run is over. */
  readonly untilOver: () => Promise<number>;
  readonly ask: <T>(path: string, schema: z.ZodType<T>, body?: object) => Promise<T>;
  /** Ends it cleanly. */
  readonly stop: () => Promise<void>;
  /** Ends it as a crash would. */
  readonly kill: () => Promise<void>;
};
export type Usage = { readonly rssMb: number; readonly cpuMs: number };

/** Less than this in such a while: nothing is going on. */
const LOOK_MS = 300;
const IDLE_MS = 12;

type Start = { readonly file: string; readonly token: string; readonly log: string; readonly node: readonly string[] };

export async function startSalvor(scope: Scope, { file, token, log, node }: Start): Promise<Salvor> {
  const startedMs = performance.now();
  // With the limit that the launcher starts it with.
  const child = startChild(scope, 'server.ts', { args: [file], log, node: ['--max-semi-space-size=8', ...node] });
  const said = await child.hear('ready');
  const url = String(said['url']);
  while ((await get(`${String(said['operationsUrl'])}/readyz`)).status !== 200) await pause(2);
  const readyMs = performance.now() - startedMs;

  const usage = async (): Promise<Usage> => {
    child.say('usage');
    const { rssBytes, cpuMs } = await child.hear('usage');
    return { rssMb: Number(rssBytes) / 1e6, cpuMs: Number(cpuMs) };
  };
  const asAna: Salvor['ask'] = (path, schema, body) => ask({ url: `${url}${path}`, token, schema, ...(body === undefined ? {} : { body }) });
  const ledger = (): Promise<z.output<typeof Ledger>> => asAna('/api/v1/ledger', Ledger);
  const untilNone = async (query: string): Promise<number> => {
    for (;;) {
      if ((await asAna(`/api/v1/runs?${query}&limit=1`, RunPage)).items.length === 0) return performance.now();
      await pause(20);
    }
  };
  return {
    url,
    token,
    webhook: `${url}/api/v1/alertmanager`,
    readyMs,
    usage,
    async counts() {
      child.say('counts');
      return new Map(Object.entries(await child.hear('counts')).map(([name, value]) => [name, Number(value)]));
    },
    ledger,
    ask: asAna,
    kill: child.kill,
    async quiet() {
      for (let before = await usage(); ; ) {
        const sinceMs = performance.now();
        await pause(LOOK_MS);
        const now = await usage();
        if (now.cpuMs - before.cpuMs < IDLE_MS) return { ...now, sinceMs };
        before = now;
      }
    },
    async folded(alerts) {
      for (;;) {
        if ((await ledger()).handled >= alerts) return performance.now();
        await pause(20);
      }
    },
    untilNone,
    async untilOver() {
      while ((await ledger()).pending > 0) await pause(20);
      return untilNone('open=true');
    },
    async stop() {
      child.say('stop');
      await child.ended;
    },
  };
}
