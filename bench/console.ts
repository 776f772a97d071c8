/**
 * Pages of the console on a store with 40 and with 10,000 open incidents: how long a page takes, alone and with eight people looking at once.
 * `node bench/console.ts [rounds]`.
 */
import { webhookBody } from './alert.ts';
import { openApiStub } from './api-stub.ts';
import { startSalvor } from './salvor.ts';
import { closedLoop, post } from './sender.ts';
import { machineLine, printTable, quantile, roundsAsked, spread } from './table.ts';

const INCIDENTS = [40, 10_000];
const IN_BODY = 100;
const LOOKS = 50;
const PEOPLE = 8;
const rounds = roundsAsked();

type Page = { readonly name: string; readonly path: (incident: string) => string };
const PAGES: readonly Page[] = [
  { name: 'incidents', path: () => '/' },
  { name: 'incidents, page 3', path: () => '/?page=3' },
  { name: 'one incident', path: (incident) => incident },
  { name: 'runs', path: () => '/runs' },
  { name: 'operations', path: () => '/operations' },
  { name: 'playbook', path: () => '/playbooks/node-drain' },
];
/** Reads journals, so it is looked at less often. */
const AUDIT: Page = { name: 'audit, last 24 hours', path: () => '/audit?search=yes&person=ana' };

type Seen = { readonly alone: number[]; readonly together: number[]; kilobytes: number };

async function measure(incidents: number, seen: ReadonlyMap<string, Seen>): Promise<void> {
  const api = await openApiStub();
  const salvor = await startSalvor(api.url);
  for (let at = 0; at < incidents; at += IN_BODY) {
    const marks = Array.from({ length: Math.min(IN_BODY, incidents - at) }, (_, turn) => ({ name: `Counted${at + turn}`, mark: `${at + turn}` }));
    await post(salvor.webhook, webhookBody(`g${at}`, marks));
  }
  await salvor.folded(incidents);
  await salvor.quiet();
  const cookie = await logIn(salvor);
  const incident = /href="(\/incidents\/[^"]+)"/.exec(await look(`${salvor.url}/`, cookie))?.[1] ?? '';
  for (const page of [...PAGES, AUDIT]) {
    const of = seen.get(page.name);
    if (of === undefined) continue;
    const url = `${salvor.url}${page.path(incident)}`;
    const looks = page === AUDIT ? 3 : LOOKS;
    of.kilobytes = Buffer.byteLength(await look(url, cookie)) / 1000;
    const timed = async (into: number[]): Promise<void> => {
      const startedMs = performance.now();
      await look(url, cookie);
      into.push(performance.now() - startedMs);
    };
    await closedLoop(1, looks, () => timed(of.alone));
    if (page !== AUDIT) await closedLoop(PEOPLE, looks * 2, () => timed(of.together));
  }
  await salvor.stop();
  await api.close();
}

async function logIn({ url, token }: { readonly url: string; readonly token: string }): Promise<string> {
  const answer = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token }) });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function look(url: string, cookie: string): Promise<string> {
  const answer = await fetch(url, { headers: { cookie } });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return answer.text();
}

console.log(`Pages of the console: ${rounds} rounds of ${LOOKS} looks, each on a fresh store; ms, min..median..max over the rounds\n${machineLine()}`);
for (const incidents of INCIDENTS) {
  const rows: string[][] = [];
  const all: ReadonlyMap<string, Seen>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const seen = new Map([...PAGES, AUDIT].map(({ name }): [string, Seen] => [name, { alone: [], together: [], kilobytes: 0 }]));
    await measure(incidents, seen);
    all.push(seen);
  }
  const over = (name: string, of: (seen: Seen) => number): string => {
    const values = all.flatMap((seen) => seen.get(name) ?? []).map(of);
    return spread(values, 1);
  };
  for (const { name } of [...PAGES, AUDIT]) {
    const together = name === AUDIT.name ? '' : over(name, (seen) => quantile(seen.together, 0.95));
    rows.push([
      name,
      over(name, (seen) => quantile(seen.alone, 0.5)),
      over(name, (seen) => quantile(seen.alone, 0.95)),
      together,
      over(name, (seen) => seen.kilobytes),
    ]);
  }
  console.log(`\n${incidents} open incidents`);
  printTable(['page', 'p50', 'p95', `p95, ${PEOPLE} at once`, 'kB'], rows);
}
