/**
 * What one alert with a run and an effect of its own costs: processor time of each thread of the server, and in a round of its own the exact counts of
 * what SQLite and the threads are asked. The counts are the same on a busy machine, and nearly so the processor time.
 */
import { join } from 'node:path';
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { flood } from '../flood.ts';
import { inside, type Scope } from '../scope.ts';
import { openSite } from '../site.ts';
import { type Figures, inTurns, type Work } from '../work.ts';

const CONNECTIONS = 64;
const COUNTING = join(import.meta.dirname, '..', 'programs', 'counting.ts');
const COUNTS = ['statements', 'commits', 'messages', 'bytes', 'records', 'fields', 'entries', 'mails'] as const;

export const cost: Work = {
  name: 'cost',
  about: 'What each of 5,000 alerts at once costs, each with a run and one effect: processor time by thread, and counts of a round that only counts.',
  lines: [
    { figure: 'mainMs', what: 'processor time of the main thread', unit: 'ms' },
    { figure: 'workerMs', what: "processor time of the store's thread", unit: 'ms' },
    { figure: 'otherMs', what: 'processor time of all other threads', unit: 'ms' },
    { figure: 'senderMs', what: 'processor time of the sender and the API stub', unit: 'ms' },
    { figure: 'statements', what: 'statements of SQLite', unit: '', digits: 1 },
    { figure: 'commits', what: 'transactions', unit: '' },
    { figure: 'messages', what: 'messages between the threads', unit: '' },
    { figure: 'bytes', what: 'bytes between the threads', unit: '', digits: 0 },
    { figure: 'records', what: 'records put', unit: '', digits: 1 },
    { figure: 'fields', what: 'indexed fields added', unit: '', digits: 1 },
    { figure: 'entries', what: 'lines of journals', unit: '', digits: 1 },
    { figure: 'mails', what: 'mails', unit: '', digits: 1 },
    { figure: 'requests', what: 'requests to the API server', unit: '', digits: 1 },
  ],
  boundS: 480,
  async open({ many, scope }) {
    const alerts = many(5000, 100);
    return inTurns([
      ['processor time', (round) => inside(scope, (own) => measure(own, { round, alerts, counted: false }))],
      ['counts', (round) => inside(scope, (own) => measure(own, { round, alerts, counted: true }))],
    ]);
  },
};

type Asked = { readonly round: number; readonly alerts: number; readonly counted: boolean };

async function measure(scope: Scope, { round, alerts, counted }: Asked): Promise<Figures> {
  const api = await openApiStub(scope);
  const site = await openSite(scope, { of: 'embedded', api: api.url });
  const salvor = await site.start({ node: ['--import', COUNTING, ...(counted ? ['--title=counting'] : [])] });
  const atRest = await salvor.quiet();
  const before = await salvor.counts();
  const senderBefore = process.cpuUsage();
  const body = (turn: number): string => webhookBody(`g${turn}`, [{ name: 'BenchTouch', mark: `c${round}-${turn}` }]);
  await flood({ url: salvor.webhook, connections: CONNECTIONS, count: alerts, body });
  await api.created(alerts);
  const after = await salvor.quiet();
  const counts = await salvor.counts();
  const sender = process.cpuUsage(senderBefore);
  await salvor.stop();
  const each = (name: string): number => ((counts.get(name) ?? 0) - (before.get(name) ?? 0)) / alerts;
  if (counted) return { ...Object.fromEntries(COUNTS.map((name) => [name, each(name)])), requests: api.requests() / alerts };
  const [mainMs, workerMs] = [each('mainMicros') / 1000, each('workerMicros') / 1000];
  const otherMs = (after.cpuMs - atRest.cpuMs) / alerts - mainMs - workerMs;
  return { mainMs, workerMs, otherMs, senderMs: (sender.user + sender.system) / 1000 / alerts };
}
