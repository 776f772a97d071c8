/**
 * Retention over 2,000 backups of eight schedules, each with two volumes: from a person's request until the plan is there to be approved, on a simulated
 * cluster over HTTP. Every backup is judged twice, by the diagnosis and by the plan.
 */
import { z } from 'zod';
import { RunView, Started } from '../../src/port/view/run.ts';
import type { Salvor } from '../salvor.ts';
import { pause } from '../scope.ts';
import { openSite } from '../site.ts';
import { inTurns, type Work } from '../work.ts';
import { startWorld } from '../world.ts';

const SCHEDULES = 8;

export const retention: Work = {
  name: 'retention',
  about: 'Retention over 2,000 backups: from the request until the plan is there.',
  lines: [{ figure: 'planMs', what: 'from the request to the plan', unit: 'ms', digits: 0, targets: [{ atMost: 2000 }] }],
  boundS: 240,
  warmsUp: true,
  async open({ many, scope }) {
    const count = many(2000, 80);
    const scheduleOf = (n: number): string => `daily-of-${n % SCHEDULES}`;
    const world = await startWorld(scope, {
      schedules: Array.from({ length: SCHEDULES }, (_, n) => ({ name: scheduleOf(n), cron: '0 2 * * *', paused: true })),
      backups: Array.from({ length: count }, (_, n) => ({
        name: `${scheduleOf(n)}-${n}`,
        schedule: scheduleOf(n),
        ago: `${10 + 24 * Math.floor(n / SCHEDULES)}h`,
        ttl: '90000h',
        items: 200,
        volumes: { attempted: 2, kind: 'pod-volume' as const },
      })),
    });
    const site = await openSite(scope, { of: 'embedded', api: { kubeconfig: world.kubeconfig } });
    const salvor = await site.start();
    return inTurns([['embedded', async () => ({ planMs: await planned(salvor) })]]);
  },
};

/** By the clock of the one who asks; the proposal is rejected afterwards. */
async function planned(salvor: Salvor): Promise<number> {
  const startedMs = Date.now();
  const { run: id } = await salvor.ask('/api/v1/playbooks/retention-cleanup/runs', Started, { params: { atMost: 8, most: 100 }, reason: 'the benchmark' });
  const path = `/api/v1/runs/${encodeURIComponent(id)}`;
  for (;;) {
    const run = await salvor.ask(path, RunView);
    if (run.endedAt !== undefined) throw new Error(`the run ended ${run.state}: ${run.end ?? ''}`);
    const asked = run.state === 'proposed' ? run.journal.findLast(({ type }) => type === 'run.proposed') : undefined;
    if (asked === undefined) {
      await pause(20);
      continue;
    }
    if ((run.plan?.steps[0]?.changes.length ?? 0) === 0) throw new Error('the plan is empty');
    await salvor.ask(`${path}/reject`, z.unknown(), { reason: 'the benchmark' });
    return asked.at - startedMs;
  }
}
