/**
 * Eight hours of mixed load in as long as they take: the whole application on the embedded store, in this process, with a clock that passes when there
 * is nothing left to do. `node --expose-gc bench/programs/day.ts FOLDER HOURS`. Tells its parent at the end of each hour what it takes.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCatalog } from '../../src/action/catalog.ts';
import { buildApp } from '../../src/app.ts';
import { shortId } from '../../src/model/identity.ts';
import { loggedChat, loggedPager } from '../../src/observe/quiet-people.ts';
import { listAll } from '../../src/port/list-all.ts';
import { silentLog } from '../../src/port/log.ts';
import { INBOX, LEDGER, type Store } from '../../src/port/store.ts';
import { alertBody } from '../../src/rehearse/alert-body.ts';
import { rehearsalConfig, SITE_TEXT } from '../../src/rehearse/site.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { virtualClock } from '../../src/world/clock.ts';
import { seededIds } from '../../src/world/ids.ts';
import { theKind } from '../../src/world/kinds.ts';
import { simulatedWorld } from '../../src/world/world.ts';
import { playbookOf } from '../../test/scenario/scene.ts';
import { benchTouch } from '../handlers/bench-touch.ts';

const [folder = '', hours = '8'] = process.argv.slice(2);
const path = join(folder, 'data');
const copies = join(folder, 'copies');
mkdirSync(copies);
const MINUTE_MS = 60_000;
/** Of each minute: automatic runs, runs that are approved, and alerts that no playbook answers. Each is over five minutes later. */
const MINUTE = { BenchTouch: 8, BenchAsk: 2, BenchCounted: 20 } as const;
const OVER_AFTER = 5;

const clock = virtualClock({ settle });
const ids = seededIds('day');
let asked = 0;
const answered: (() => void)[] = [];
const opened = await openEmbedded({ path, clock, log: silentLog });
const store = counted(opened);
const world = simulatedWorld({ clock, ids, clusters: [{ name: 'prod', scenario: { namespaces: ['bench'] } }] });
const playbooks = ['bench-touch', 'bench-ask'].map((id) => playbookOf(id, readFileSync(join(import.meta.dirname, '..', 'playbooks', `${id}.yaml`), 'utf8')));
const app = buildApp({
  settings: {
    config: rehearsalConfig({ auto: ['bench.touch'] }, `${SITE_TEXT}keep: { closed: 1h }\n`),
    site: { catalog: makeCatalog([benchTouch]), playbooks },
  },
  store,
  clock,
  ids,
  log: silentLog,
  clusters: world.clusters,
  chat: loggedChat(silentLog),
  pager: loggedPager(silentLog),
  reread: async () => ({ failed: 'there is no Alertmanager here' }),
});
await Promise.all([app.start(), clock.pass(1000)]);

for (let minute = 0; minute < Number(hours) * 60; minute += 1) {
  await Promise.all(
    Object.entries(MINUTE).flatMap(([name, count]) =>
      Array.from({ length: count }, async (_, turn) => {
        await say(name, `m${minute}-${name.toLowerCase()}-${turn}`, 'firing');
        if (minute >= OVER_AFTER) await say(name, `m${minute - OVER_AFTER}-${name.toLowerCase()}-${turn}`, 'resolved');
      }),
    ),
  );
  await clock.pass(MINUTE_MS / 2);
  // An answer to a person waits for the run to read it.
  await Promise.all([approveAll(), clock.pass(MINUTE_MS / 2)]);
  if ((minute + 1) % 60 === 0) await tellHour((minute + 1) / 60);
}
const [accepted, pending, handled] = await opened.counts(INBOX, [LEDGER.accepted, LEDGER.pending, LEDGER.handled]);
const made = world.writes();
const effects = Number(hours) * 60 * (MINUTE.BenchTouch + MINUTE.BenchAsk);
const missing = effects - new Set(made).size;
process.send?.({ is: 'over', lost: (accepted ?? 0) - (handled ?? 0) + (pending ?? 0) + missing, twice: made.length - new Set(made).size });
await app.stop();
await opened.close();
process.disconnect?.();

async function say(alertname: string, mark: string, status: 'firing' | 'resolved'): Promise<void> {
  const labels = { alertname, cluster: 'prod', mark, severity: 'warning' };
  const nowMs = clock.nowMs();
  await store.accept({ sender: 'prod', clusters: ['prod'], receivedMs: nowMs, body: alertBody({ labels, status, startsAtMs: nowMs, nowMs }), alerts: 1 });
}

async function approveAll(): Promise<void> {
  const ana = { person: 'ana', rights: ['read', 'run'], surface: 'cli' } as const;
  const proposed = await listAll(opened, { kind: 'run', where: { state: 'proposed' } });
  await Promise.all(
    proposed.map(async ({ id }) => {
      const { digest = '' } = await app.commands.run(ana, shortId(id));
      await app.commands.approve(ana, shortId(id), { plan: digest });
    }),
  );
}

async function tellHour(hour: number): Promise<void> {
  // What the simulated cluster holds is no business of Salvor's.
  const configMap = theKind('v1', 'ConfigMap');
  const { objects } = world.cluster();
  for (const { metadata } of objects.all(configMap, 'bench')) objects.remove(configMap, 'bench', metadata.name);
  objects.forget();
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  // The file as it is with nothing in the log beside it.
  const { sizeBytes: storeBytes } = await opened.backup(join(copies, `hour-${hour}.db`));
  process.send?.({ is: `hour ${hour}`, rss, heapUsed, storeBytes, runs: (await listAll(opened, { kind: 'run' })).length });
}

/** The same store, which knows how many calls wait for an answer. */
function counted(inner: Store): Store {
  const during = async <T>(call: Promise<T>): Promise<T> => {
    asked += 1;
    try {
      return await call;
    } finally {
      asked -= 1;
      if (asked === 0) for (const tell of answered.splice(0)) tell();
    }
  };
  return {
    ...inner,
    accept: (webhook) => during(inner.accept(webhook)),
    claim: (request) => during(inner.claim(request)),
    commit: (commit) => during(inner.commit(commit)),
    renew: (lease) => during(inner.renew(lease)),
    get: (partition, id) => during(inner.get(partition, id)),
    list: (query) => during(inner.list(query)),
    entries: (query) => during(inner.entries(query)),
    mail: (partition, reader) => during(inner.mail(partition, reader)),
    counts: (partition, named) => during(inner.counts(partition, named)),
    partitions: () => during(inner.partitions()),
    prune: (request) => during(inner.prune(request)),
  };
}

/** Until nobody waits for the store, for a few turns of the loop. */
async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet += 1) {
    if (asked > 0) {
      await new Promise<void>((resolve) => answered.push(resolve));
      quiet = 0;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
