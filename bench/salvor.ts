import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/port/clock.ts';
import { systemIds } from '../src/port/ids.ts';
import { silentLog } from '../src/port/log.ts';
import { INBOX, LEDGER, type Store } from '../src/port/store.ts';
import { openEmbedded } from '../src/store/embedded.ts';
import { kubeconfig } from '../src/world/kubeconfig.ts';
import { startChild } from './child.ts';
import { get } from './sender.ts';

/** One Salvor on a store of its own, in a process of its own, in front of the given API server. */
export type Salvor = {
  readonly url: string;
  /** Ana's, who may read. */
  readonly token: string;
  /** Where Alertmanager posts. */
  readonly webhook: string;
  /** From the start of its process until `/readyz` said yes. */
  readonly readyMs: number;
  readonly usage: () => Promise<Usage>;
  /** What it takes once it has nothing more to do, and since when that is so. */
  readonly quiet: () => Promise<Usage & { readonly sinceMs: number }>;
  /** How many alerts were folded until now. */
  readonly handled: () => Promise<number>;
  /** When so many alerts were folded; asks every few ms. */
  readonly folded: (alerts: number) => Promise<number>;
  /** Ends it cleanly and answers what its store holds. */
  readonly stop: () => Promise<Stored>;
};
export type Usage = { readonly rssMb: number; readonly cpuMs: number };
export type Stored = {
  readonly accepted: number;
  readonly pending: number;
  readonly handled: number;
  readonly quarantined: number;
  readonly runs: number;
  readonly done: number;
  readonly incidents: number;
};

/** Less than this in such a while: nothing is going on. */
const LOOK_MS = 300;
const IDLE_MS = 12;

/** `api`: the address of a stub, or the kubeconfig of a cluster. `settings`: more lines of the configuration. */
export async function startSalvor(api: string | { readonly kubeconfig: string }, node: readonly string[] = [], settings = ''): Promise<Salvor> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-'));
  const path = join(folder, 'data');
  const file = join(folder, 'salvor.yaml');
  mkdirSync(path);
  const token = systemIds.next();
  writeFileSync(join(folder, 'token'), token);
  writeFileSync(join(folder, 'kubeconfig'), typeof api === 'string' ? kubeconfig({ url: api, cluster: 'prod' }) : readFileSync(api.kubeconfig));
  writeFileSync(file, `${configText(folder, path)}${settings}`);
  const startedMs = performance.now();
  const child = startChild('server.ts', [file], { log: join(folder, 'salvor.log'), node });
  const { url, operationsUrl } = await child.hear('ready');
  while ((await get(`${String(operationsUrl)}/readyz`)).status !== 200) await pause(2);
  const readyMs = performance.now() - startedMs;

  const usage = async (): Promise<Usage> => {
    child.say('usage');
    const { rssBytes, cpuMs } = await child.hear('usage');
    return { rssMb: Number(rssBytes) / 1e6, cpuMs: Number(cpuMs) };
  };
  const handled = async (): Promise<number> => {
    const { text } = await get(`${String(operationsUrl)}/metrics`);
    return Number(/^salvor_alerts_total\{outcome="handled"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  return {
    url: String(url),
    token,
    webhook: `${String(url)}/api/v1/alertmanager`,
    readyMs,
    usage,
    handled,
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
        if ((await handled()) >= alerts) return performance.now();
        await pause(20);
      }
    },
    async stop() {
      child.say('stop');
      await child.ended;
      const store = await openEmbedded({ path, clock: systemClock, log: silentLog });
      const stored = await read(store);
      await store.close();
      rmSync(folder, { recursive: true, force: true });
      return stored;
    },
  };
}

async function read(store: Store): Promise<Stored> {
  const [accepted = 0, pending = 0, handled = 0, quarantined = 0] = await store.counts(INBOX, [
    LEDGER.accepted,
    LEDGER.pending,
    LEDGER.handled,
    LEDGER.quarantined,
  ]);
  const count = async (query: Omit<Parameters<Store['list']>[0], 'limit'>): Promise<number> => {
    let found = 0;
    let cursor: string | undefined;
    do {
      const page: Awaited<ReturnType<Store['list']>> = await store.list({ ...query, limit: 500, ...(cursor === undefined ? {} : { cursor }) });
      found += page.records.length;
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  };
  const runs = await count({ kind: 'run' });
  const done = await count({ kind: 'run', where: { state: 'done' } });
  return { accepted, pending, handled, quarantined, runs, done, incidents: await count({ kind: 'incident' }) };
}

/** Everything is automatic and unlimited, so that nothing but the way itself takes time. */
function configText(folder: string, path: string): string {
  const own = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
  return `listen: { address: 127.0.0.1, port: 0, operations: 0 }
store: { kind: embedded, path: ${JSON.stringify(path)} }
clusters:
  - { name: prod, default: true, kubeconfig: ${JSON.stringify(join(folder, 'kubeconfig'))} }
people: [{ name: ana, teams: [platform], token: { file: ${JSON.stringify(join(folder, 'token'))} } }]
roles: { approver: [platform] }
rights: { read: [platform], run: [platform] }
approvals: { auto: [{ action: bench.touch, limit: 1000000/h }, { action: node.cordon, limit: 1000000/h }] }
playbooks: { folders: [${own('playbooks')}] }
handlers: [${own('handlers')}]
`;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
