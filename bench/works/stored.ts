/**
 * What the server takes in memory with 100,000 finished runs in its store: when it is ready, and after 500 alerts more. 500 runs are made by the real
 * server; the others are copies of their records and journals under other names, written through the store's own port. Once, not in rounds.
 */
import { RunPage } from '../../src/port/view/run.ts';
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { copyRuns } from '../copy-runs.ts';
import { flood } from '../flood.ts';
import { takenByImports } from '../imports-alone.ts';
import { inside, type Scope } from '../scope.ts';
import { openSite } from '../site.ts';
import { type Figures, inTurns, type StoreName, type Work } from '../work.ts';

const CONNECTIONS = 64;
/** 512 MiB. */
const MOST_MB = 536;

export const stored: Work = {
  name: 'stored',
  about: 'Memory of the server with 100,000 finished runs in its store.',
  lines: [
    { figure: 'runs', what: 'runs in the store', unit: '', digits: 0 },
    { figure: 'readyS', what: 'start to ready', unit: 's' },
    { figure: 'restMb', what: 'memory when it is ready', unit: 'MB', digits: 0, targets: [{ atMost: MOST_MB }] },
    { figure: 'afterMb', what: 'memory after 500 alerts more', unit: 'MB', digits: 0, targets: [{ atMost: MOST_MB }] },
    { figure: 'beyondMb', what: 'beyond the imports alone', unit: 'MB', digits: 0 },
    { figure: 'listMs', what: 'the list of runs, first page', unit: 'ms', digits: 1 },
    { figure: 'storeMb', what: 'the store', unit: 'MB', digits: 0 },
  ],
  boundS: 300,
  once: true,
  async open({ stores, many, scope, tell }) {
    const importsMb = await takenByImports(scope);
    const asked = { importsMb, made: many(500, 20), runs: many(100_000, 200), tell };
    return inTurns(stores.map((of) => [of, () => inside(scope, (own) => measure(own, { of, ...asked }))]));
  },
};

type Asked = { readonly of: StoreName; readonly importsMb: number; readonly made: number; readonly runs: number; readonly tell: (text: string) => void };

async function measure(scope: Scope, { of, importsMb, made, runs, tell }: Asked): Promise<Figures> {
  const api = await openApiStub(scope);
  const site = await openSite(scope, { of, api: api.url });
  const burst = (url: string, name: string) =>
    flood({ url, connections: CONNECTIONS, count: made, body: (turn) => webhookBody(`${name}${turn}`, [{ name: 'BenchTouch', mark: `${name}-${turn}` }]) });

  const first = await site.start();
  await burst(first.webhook, 'first');
  await first.folded(made);
  await first.untilOver();
  await first.quiet();
  await first.stop();
  const store = await site.openStore();
  await copyRuns(store, { times: Math.ceil(runs / made) - 1, tell });
  await store.close();

  const second = await site.start();
  const rest = await second.quiet();
  const startedMs = performance.now();
  await second.ask('/api/v1/runs', RunPage);
  const listMs = performance.now() - startedMs;
  await burst(second.webhook, 'second');
  await second.folded(made);
  await second.untilOver();
  const after = await second.quiet();
  const sizeBytes = await site.sizeBytes();
  await second.stop();
  return {
    runs: Math.ceil(runs / made) * made + made,
    readyS: second.readyMs / 1000,
    restMb: rest.rssMb,
    afterMb: after.rssMb,
    beyondMb: after.rssMb - importsMb,
    listMs,
    storeMb: sizeBytes / 1e6,
  };
}
