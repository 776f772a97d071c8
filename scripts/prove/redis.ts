import { systemClock } from '../../src/port/clock.ts';
import { REDIS_FAULTS, type RedisFault, strikes } from '../../test/redis/faults.ts';
import { isInstalled } from '../../test/redis/server.ts';
import { type Proof, type Row, timed } from './proof.ts';

type Asked = { readonly rounds: number /** No round begins later. */; readonly withinMs: number; readonly say?: (line: string) => void };

/** Lets one fault of Redis strike again and again, under load, and counts what of it was acknowledged and is not there, or there twice. */
export async function proveFault(fault: RedisFault, { rounds, withinMs, say = () => {} }: Asked): Promise<Row> {
  const proof = `redis: ${fault.name}`;
  const named = { proof, again: `npm run prove -- --only "${proof}" --rounds ${rounds}`, ...(fault.mayLose === true ? { mayLose: true as const } : {}) };
  if (!isInstalled('redis-server'))
    return {
      ...named,
      counts: [],
      lost: 0,
      twice: 0,
      wrong: 0,
      lines: [],
      skipped: 'redis-server is not installed here: scripts/install-redis.sh',
      seconds: 0,
    };
  return timed(async () => {
    const endMs = systemClock.monotonicMs() + withinMs;
    let [done, commits, webhooks, refusals, lost, twice, wrong, longestMs] = [0, 0, 0, 0, 0, 0, 0, 0];
    const lines: string[] = [];
    await strikes(fault, rounds, (round, outcome) => {
      done = round;
      commits += outcome.commits;
      webhooks += outcome.webhooks;
      refusals += outcome.refusals;
      lost += outcome.lost;
      twice += outcome.twice;
      // Where a store went back in time, its parts went back each by itself.
      wrong += fault.mayLose === true && outcome.lost > 0 ? 0 : outcome.wrong.length;
      longestMs = Math.max(longestMs, outcome.longestMs);
      if (lines.length < 10) lines.push(...outcome.wrong.map((one) => `round ${round}: ${one}`));
      say(`${proof}: ${round} of ${rounds} rounds, ${lost} lost, ${twice} twice`);
      return systemClock.monotonicMs() < endMs;
    });
    const counts = [
      ['rounds', done],
      ['commits', commits],
      ['webhooks', webhooks],
      ['refused and sent again', refusals],
      ['ms the longest wait', longestMs],
    ] as const;
    return { ...named, counts, lost, twice, wrong, lines };
  });
}

export const redisProofs: readonly Proof[] = REDIS_FAULTS.map((fault) => ({
  name: `redis: ${fault.name}`,
  claim:
    fault.mayLose === true
      ? `Redis, ${fault.name}: what is lost is counted; nothing is done twice`
      : `Redis, ${fault.name}, under load: nothing that was acknowledged is lost, and nothing is there twice`,
  run: ({ rounds, roundsWithinMs }, say) => proveFault(fault, { rounds, withinMs: roundsWithinMs, say }),
}));
