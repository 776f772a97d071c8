import { systemClock } from '../../src/port/clock.ts';
import { seededIds } from '../../src/world/ids.ts';
import { KILL_BUGS } from '../../test/crash/kills/bugs.ts';
import { openGround } from '../../test/crash/kills/ground.ts';
import { judge, kindOf, linesOf } from '../../test/crash/kills/judge.ts';
import { runsOf, startLoad, type Target } from '../../test/crash/kills/load.ts';
import { drawWay, killOnce, START_MS, untilThrough, WAYS } from '../../test/crash/kills/rounds.ts';
import { holds, type Proof, type Row, timed } from './proof.ts';

const KINDS = [
  { by: 'alert', decision: 'approve' },
  { by: 'alert', decision: 'reject' },
  { by: 'hand', decision: 'approve' },
] as const;
/** So many targets are open at most: what is added later waits. */
const MOST_OPEN = 4;
/** Velero takes one backup after the other, and its queue moves about once a minute: four that are left take their time. */
const THROUGH_WITHIN_MS = 600_000;
const EVERY = 25;

type Asked = {
  readonly kills: number;
  readonly seed: string;
  /** No round begins later. */
  readonly withinMs?: number;
  /** One of `KILL_BUGS`. */
  readonly bug?: string;
  readonly say?: (line: string) => void;
};

/** Kills a real `salvor serve` on its embedded store again and again, over a mixed load, and looks whether anything is lost or done twice. */
export async function proveKills({ kills, seed, withinMs = Number.POSITIVE_INFINITY, bug, say = () => {} }: Asked): Promise<Row> {
  return timed(async () => {
    const endMs = systemClock.monotonicMs() + withinMs;
    const ids = seededIds(seed);
    const names = Array.from({ length: KINDS.length + kills }, (_, at) => `s${at}`);
    const targets: readonly Target[] = names.map((schedule, at) => ({
      schedule,
      ...(KINDS[at < KINDS.length ? at : Math.floor(ids.random() * KINDS.length)] ?? KINDS[0]),
    }));
    const ground = await openGround(names, { bug });
    try {
      const { site, program } = ground;
      const [alertmanagerToken = '', personToken = ''] = site.secrets;
      const where = { port: site.line.port, alertmanagerToken, personToken };
      const load = startLoad(where);
      const runs = (schedule: string) => runsOf(where, schedule);

      // One of each kind, without a kill: what the others are compared with.
      for (const target of targets.slice(0, KINDS.length)) load.add(target);
      await untilThrough(ground, load, THROUGH_WITHIN_MS);
      const undisturbed = new Map<string, string>();
      for (const target of targets.slice(0, KINDS.length)) {
        const [run] = await runs(target.schedule);
        if (run !== undefined) undisturbed.set(kindOf(target), linesOf(run));
      }
      await program().stop();

      const killed = new Map<string, number>();
      const waiting = targets.slice(KINDS.length);
      let [rounds, paceMs] = [0, START_MS];
      while (rounds < kills && systemClock.monotonicMs() < endMs) {
        while (load.open() < MOST_OPEN && waiting.length > 0) load.add(waiting.shift() ?? targets[0] ?? { schedule: 's0', ...KINDS[0] });
        const way = drawWay(ids);
        paceMs = await killOnce(ground, way, { ids, paceMs });
        killed.set(way, (killed.get(way) ?? 0) + 1);
        rounds += 1;
        if (rounds % EVERY === 0) say(`${rounds} of ${kills} kills`);
      }
      const begun = targets.filter((target) => !waiting.includes(target));
      const salvor = await untilThrough(ground, load, THROUGH_WITHIN_MS);
      const wrong = await judge({ targets: begun, ground, load, api: salvor.api, runs, undisturbed });
      const { attempts } = load.sent();
      await load.stop();
      const of = (kind: string): number => wrong.filter(({ is }) => is === kind).length;
      return {
        proof: 'random kills',
        counts: [
          ['kills', rounds],
          ...WAYS.map((way) => [way, killed.get(way) ?? 0] as const),
          ['runs', begun.length],
          ['writes', ground.cluster.world.writes().length],
          ['alerts sent', attempts],
        ],
        lost: of('lost'),
        twice: of('twice'),
        wrong: of('wrong'),
        lines: [
          ...(rounds < kills ? [`its time was over behind ${rounds} of ${kills} kills`] : []),
          ...wrong.slice(0, 20).map(({ is, words }) => `${is}: ${words}`),
        ],
        again: `npm run prove -- --only "random kills" --kills ${rounds} --from-seed ${seed}`,
      };
    } finally {
      await ground.close();
    }
  });
}

export const killsProof: Proof = {
  name: 'random kills',
  claim: 'kill -9 of a real server on the embedded store, over a mixed load, loses nothing and does nothing twice',
  run: ({ kills, killsWithinMs, seed }, say) => proveKills({ kills, seed, withinMs: killsWithinMs, say }),
};

/** A test of the judge of the kills: a server that breaks its promises, killed in the same way. */
export const plantedKillsProof: Proof = {
  name: 'planted in a server',
  claim: 'The judge of the kills finds a server that acknowledges too early, and one that repeats a write without a look',
  run: ({ bugKills, seed }, say) =>
    timed(async () => {
      const lines: string[] = [];
      let found = 0;
      let kills = 0;
      for (const { id, words } of KILL_BUGS) {
        const row = await proveKills({ kills: bugKills, seed, bug: id, say });
        kills += row.counts[0]?.[1] ?? 0;
        if (!holds(row)) found += 1;
        lines.push(`${id} (${words}): ${holds(row) ? 'NOT found' : `${row.lost} lost, ${row.twice} twice, ${row.wrong} wrong`} behind ${bugKills} kills`);
        say(lines.at(-1) ?? '');
      }
      const counts = [
        ['bugs', KILL_BUGS.length],
        ['found', found],
        ['kills', kills],
      ] as const;
      const again = `npm run prove -- --only "planted in a server" --from-seed ${seed}`;
      return { proof: 'planted in a server', counts, lost: 0, twice: 0, wrong: KILL_BUGS.length - found, lines, again };
    }),
};
