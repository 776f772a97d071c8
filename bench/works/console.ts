/**
 * Pages of the console on a store with 10,000 open incidents: how long a page takes one person, and eight who look at once. No browser is in it: from
 * the request to the last byte of the page.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import type { Salvor } from '../salvor.ts';
import { closedLoop, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { inTurns, type Line, type StoreName, type Work } from '../work.ts';

const IN_BODY = 100;
const PEOPLE = 8;
const PAGES = { incidents: '/', 'incidents, page 3': '/?page=3', runs: '/runs', operations: '/operations', playbook: '/playbooks/node-drain' } as const;

export const console10000: Work = {
  name: 'console',
  about: 'Pages of the console with 10,000 open incidents.',
  lines: Object.keys(PAGES).flatMap((page): readonly Line[] => [
    { figure: `${page} alone`, what: `${page}, p95`, unit: 'ms', digits: 1 },
    { figure: `${page} together`, what: `${page}, p95, ${PEOPLE} people at once`, unit: 'ms', digits: 1 },
  ]),
  boundS: 120,
  async open({ stores, many, scope }) {
    const api = await openApiStub(scope);
    const [incidents, looks] = [many(10_000, 100), many(50, 3)];
    const open = async (of: StoreName): Promise<{ readonly salvor: Salvor; readonly cookie: string }> => {
      const salvor = await (await openSite(scope, { of, api: api.url })).start();
      for (let at = 0; at < incidents; at += IN_BODY) {
        const marks = Array.from({ length: IN_BODY }, (_, turn) => ({ name: `Counted${at + turn}`, mark: `${at + turn}` }));
        await post(salvor.webhook, webhookBody(`g${at}`, marks));
      }
      await salvor.folded(incidents);
      await salvor.quiet();
      return { salvor, cookie: await logIn(salvor) };
    };
    const opened = new Map(await Promise.all(stores.map(async (of) => [of, await open(of)] as const)));
    return inTurns(
      [...opened].map(([of, { salvor, cookie }]) => [
        of,
        async () => {
          const figures: Record<string, number> = {};
          for (const [page, path] of Object.entries(PAGES)) {
            const alone: number[] = [];
            const together: number[] = [];
            const url = `${salvor.url}${path}`;
            await closedLoop(1, looks, async () => void alone.push(await look(url, cookie)));
            await closedLoop(PEOPLE, looks * 2, async () => void together.push(await look(url, cookie)));
            figures[`${page} alone`] = quantile(alone, 0.95);
            figures[`${page} together`] = quantile(together, 0.95);
          }
          return figures;
        },
      ]),
    );
  },
};

async function logIn({ url, token }: Pick<Salvor, 'url' | 'token'>): Promise<string> {
  const answer = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token }) });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** How long until the whole page is there; ms. */
async function look(url: string, cookie: string): Promise<number> {
  const startedMs = performance.now();
  const answer = await fetch(url, { headers: { cookie } });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  await answer.text();
  return performance.now() - startedMs;
}
