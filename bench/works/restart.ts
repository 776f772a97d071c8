/**
 * 1,000 open runs, as many of them as are driven at once in the middle of a write that the API server never answers; the server is killed (SIGKILL)
 * and started again, and the API server answers from then on. From the start of the new process until every run has ended; its ready time is in it.
 * With Redis what the dead process held is held until its lease is over (6 s): nobody can know that it is dead. A process that is drained gives back.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { inside, type Scope } from '../scope.ts';
import { post } from '../sender.ts';
import { openSite } from '../site.ts';
import { storedOf } from '../stored.ts';
import { type Figures, inTurns, PROMISES, type StoreName, type Work } from '../work.ts';

const IN_BODY = 50;
const NEVER_MS = 3_600_000;

export const restart: Work = {
  name: 'restart',
  about: 'Killed with 1,000 open runs, some in the middle of a write, and started again: until every run has ended.',
  lines: [
    ...PROMISES,
    { figure: 'readyS', what: 'start to ready', unit: 's' },
    { figure: 'resumedS', what: 'start to the last effect', unit: 's', targets: (of) => [{ atMost: of === 'embedded' ? 3 : 10 }] },
    { figure: 'endedS', what: 'start to the end of the last run', unit: 's' },
  ],
  boundS: 240,
  async open({ stores, many, scope }) {
    const runs = many(1000, 50);
    return inTurns(stores.map((of) => [of, (round) => inside(scope, (own) => measure(own, { of, round, runs }))]));
  },
};

type Asked = { readonly of: StoreName; readonly round: number; readonly runs: number };

async function measure(scope: Scope, { of, round, runs }: Asked): Promise<Figures> {
  const api = await openApiStub(scope);
  api.answerAfter(NEVER_MS);
  const site = await openSite(scope, { of, api: api.url });
  const first = await site.start();
  for (let at = 0; at < runs; at += IN_BODY) {
    const marks = Array.from({ length: IN_BODY }, (_, turn) => ({ name: 'BenchTouch', mark: `o${round}-${at + turn}` }));
    await post(first.webhook, webhookBody(`g${at}`, marks));
  }
  await first.folded(runs);
  await api.created(1);
  await first.kill();
  api.answerAfter(0);
  const startedMs = performance.now();
  const second = await site.start();
  await api.created(runs);
  const resumedMs = Math.max(startedMs, ...api.arrivedMs.values());
  const endedMs = await second.untilOver();
  await second.stop();
  const stored = await storedOf(site);
  return {
    lost: runs - stored.done + stored.pending,
    twice: api.repeats() + Math.max(0, stored.runs - runs),
    readyS: second.readyMs / 1000,
    resumedS: (resumedMs - startedMs) / 1000,
    endedS: (endedMs - startedMs) / 1000,
  };
}
