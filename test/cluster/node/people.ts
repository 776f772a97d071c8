import { buildApp } from '../../../src/app.ts';
import { loadSite, NOTHING_OWN } from '../../../src/config.ts';
import { openCluster } from '../../../src/kube/open-cluster.ts';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { systemClock } from '../../../src/port/clock.ts';
import type { Caller } from '../../../src/port/commands.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { RunView } from '../../../src/port/view/run.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { recordingChat, recordingPager } from '../../../src/world/people.ts';
import { until } from '../../e2e/stage/until.ts';

const callerOf = (person: string): Caller => ({ person, rights: ['read', 'run', 'pause', 'supersede', 'configure'], surface: 'cli' });

/** The whole application beside a real cluster, with the people of the rehearsal site: what is destructive takes two of them. */
export async function openSalvor(kubeconfig: string) {
  const adapter = await openCluster({ name: 'prod', kubeconfig, clock: systemClock, log: silentLog, userAgent: 'salvor/test' });
  const app = buildApp({
    settings: { config: rehearsalConfig(), site: await loadSite(NOTHING_OWN) },
    store: oracleStore({ clock: systemClock }),
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    clusters: { names: () => ['prod'], get: (name) => (name === 'prod' ? adapter : undefined) },
    chat: recordingChat({ clock: systemClock }),
    pager: recordingPager({ clock: systemClock }),
    reread: async () => ({ failed: 'there is no Alertmanager' }),
  });
  await app.start();
  const { commands } = app;
  const look = (id: string): Promise<RunView> => commands.run(callerOf('ana'), id);
  return {
    start: async (person: string, playbook: string, params: JsonObject): Promise<string> =>
      (await commands.startRun(callerOf(person), { playbook, params, reason: 'it is time' })).run,
    answer: (person: string, id: string, given: { readonly ask: string; readonly value: Json; readonly confirmation?: string }) =>
      commands.answer(callerOf(person), id, given),
    async approve(person: string, id: string, confirmation?: string): Promise<void> {
      const { digest = '' } = await look(id);
      await commands.approve(callerOf(person), id, { plan: digest, ...(confirmation === undefined ? {} : { confirmation }) });
    },
    cancel: (person: string, id: string) => commands.cancel(callerOf(person), id, { reason: 'second thoughts' }),
    /** Until the run is so; one that ends otherwise is told at once. */
    async when(id: string, what: string, is: (run: RunView) => boolean): Promise<RunView> {
      const run = await until(what, async () => [await look(id)].find((seen) => is(seen) || seen.endedAt !== undefined), { withinMs: 90_000, everyMs: 200 });
      if (!is(run)) throw new Error(`the run ended ${run.state} before this was so: ${what} (${run.end ?? 'without a reason'})`);
      return run;
    },
    async close(): Promise<void> {
      await app.stop();
      await adapter.close();
    },
  };
}

export type Salvor = Awaited<ReturnType<typeof openSalvor>>;
