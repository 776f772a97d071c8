// Kills a real `salvor serve` on its embedded store again and again, over a mixed load, and looks whether anything is lost or done twice.
// `node scripts/prove-kills.ts [rounds] [seed]`: one round takes two to three seconds.
import { seededIds } from '../src/world/ids.ts';
import { openGround } from '../test/crash/kills/ground.ts';
import { judge, kindOf, linesOf } from '../test/crash/kills/judge.ts';
import { runsOf, startLoad, type Target } from '../test/crash/kills/load.ts';
import { drawWay, killOnce, untilThrough, WAYS } from '../test/crash/kills/rounds.ts';
import { isMain, type ProofRow, printRow } from './proof-row.ts';

const KINDS = [
  { by: 'alert', decision: 'approve' },
  { by: 'alert', decision: 'reject' },
  { by: 'hand', decision: 'approve' },
] as const;
/** So many targets are open at most: what is added later waits. */
const MOST_OPEN = 4;
/** Velero takes one backup after the other, and its queue moves about once a minute: four that are left take their time. */
const THROUGH_WITHIN_MS = 600_000;

export async function proveKills({ rounds, seed }: { readonly rounds: number; readonly seed: string }): Promise<ProofRow> {
  const startedMs = performance.now();
  const ids = seededIds(seed);
  const names = Array.from({ length: KINDS.length + rounds }, (_, at) => `s${at}`);
  const targets: readonly Target[] = names.map((schedule, at) => ({
    schedule,
    ...(KINDS[at < KINDS.length ? at : Math.floor(ids.random() * KINDS.length)] ?? KINDS[0]),
  }));
  const ground = await openGround(names);
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
    for (let round = 0; round < rounds; round += 1) {
      while (load.open() < MOST_OPEN && waiting.length > 0) load.add(waiting.shift() ?? targets[0] ?? { schedule: 's0', ...KINDS[0] });
      const way = drawWay(ids);
      await killOnce(ground, way, ids);
      killed.set(way, (killed.get(way) ?? 0) + 1);
    }
    const begun = targets.filter((target) => !waiting.includes(target));
    const salvor = await untilThrough(ground, load, THROUGH_WITHIN_MS);
    const wrong = await judge({ targets: begun, ground, load, api: salvor.api, runs, undisturbed });
    const { attempts } = load.sent();
    await load.stop();
    const ways = WAYS.map((way) => `${killed.get(way) ?? 0} ${way}`).join(', ');
    return {
      claim: 'kill -9 of a real server on the embedded store loses nothing and does nothing twice',
      measured: `${rounds} kills (${ways}; seed ${seed}), ${begun.length} runs, ${ground.cluster.world.writes().length} writes, ${attempts} alerts sent, ${wrong.length} wrong`,
      ok: wrong.length === 0 && rounds > 0,
      details: wrong.slice(0, 20),
      seconds: Math.round((performance.now() - startedMs) / 1000),
    };
  } finally {
    await ground.close();
  }
}

if (isMain(import.meta.url)) printRow(await proveKills({ rounds: Number(process.argv[2] ?? 1000), seed: process.argv[3] ?? 'kills' }));
