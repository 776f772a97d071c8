import { readFileSync } from 'node:fs';
import { benchTouch } from '../../../bench/handlers/bench-touch.ts';
import { makeCatalog } from '../../../src/action/catalog.ts';
import { type App, buildApp } from '../../../src/app.ts';
import { callerOf } from '../../../src/command/access.ts';
import { isOpen } from '../../../src/model/run.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import { sleep, systemClock } from '../../../src/port/clock.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';
import { simulatedWorld } from '../../../src/world/world.ts';
import { bodyAlert, sampleBody } from '../../unit/ingest/samples.ts';
import { mortal, type Point } from './death.ts';

/** How the story ended, in everything that a user could notice, and at how many commits its first start could have died. */
export type ToldOn = { readonly end: unknown; readonly commits: number; readonly died: boolean };

const file = 'bench/playbooks/bench-touch.yaml';
const parsed = parsePlaybook({ id: 'bench-touch', text: readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8'), file });
const LOOK_MS = 20;
const PATIENCE_MS = 60_000;
/** Lines that are there once or twice, as a look came before or behind a death. */
const LOOKS = new Set(['run.trouble', 'run.joined', 'alert.resolved', 'approval.refused', 'write.outcome']);

/**
 * An alert, a proposal, its approval, the write, the end of the alert: on a real driver, in real time. `open` opens the same store each time. Where a
 * point is named, Salvor dies there and is started again at once; whoever heard no answer asks again.
 */
export async function tellOn(open: () => Promise<Store>, point?: Point): Promise<ToldOn> {
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  const world = simulatedWorld({ clock: systemClock, ids: systemIds, clusters: [{ name: 'prod', scenario: { namespaces: ['bench'] } }] });
  const settings = { config: rehearsalConfig(), site: { catalog: makeCatalog([benchTouch]), playbooks: [parsed.playbook] } };
  const death = Promise.withResolvers<void>();
  const life = mortal(point, death.resolve);
  const ana = callerOf(settings.config.policy, 'ana', 'slack');

  const boot = async () => {
    const inner = await open();
    const store = life.around(inner);
    const app = buildApp({
      settings,
      store,
      clock: systemClock,
      ids: systemIds,
      log: silentLog,
      clusters: world.clusters,
      chat: world.chat,
      pager: world.pager,
      reread: async () => ({ failed: 'there is no Alertmanager here' }),
    });
    const started = app.start();
    started.catch(() => undefined);
    return { inner, store, app };
  };
  let now = await boot();
  const reborn = death.promise.then(async () => {
    // Its loops wait for answers that never come; what it was is let go with its store.
    void now.app.stop();
    await now.inner.close();
    now = await boot();
  });
  reborn.catch(() => undefined);

  /** Until it is heard: by the first one, or by the one that follows it. */
  const insist = async <T>(
    what: string,
    ask: (salvor: { readonly store: Store; readonly inner: Store; readonly app: App }) => Promise<T | undefined>,
  ): Promise<T> => {
    const endMs = systemClock.monotonicMs() + PATIENCE_MS;
    let last: unknown;
    while (systemClock.monotonicMs() < endMs) {
      if (life.isDead()) await reborn;
      const answer = await Promise.race([
        ask(now).catch((error: unknown) => void (last = error)),
        life.isDead() ? sleep(systemClock, PATIENCE_MS) : death.promise,
      ]);
      if (answer !== undefined) return answer;
      await sleep(systemClock, LOOK_MS);
    }
    throw new Error(`in vain: ${what}`, { cause: last });
  };
  const startsAt = new Date(systemClock.nowMs()).toISOString();
  const post = (status: 'firing' | 'resolved'): Promise<unknown> => {
    const ended = status === 'resolved' ? { endsAt: new Date(systemClock.nowMs()).toISOString() } : {};
    const body = sampleBody({ alerts: [bodyAlert({ alertname: 'BenchTouch', mark: 'm' }, { status, startsAt, ...ended })] });
    return insist('the webhook', ({ store }) => store.accept({ sender: 'prod', clusters: ['prod'], receivedMs: systemClock.nowMs(), body, alerts: 1 }));
  };
  const run = async ({ app }: { readonly app: App }) => {
    const [newest] = (await app.commands.runs(ana, { limit: 2 })).items;
    return newest === undefined ? undefined : app.commands.run(ana, newest.id);
  };

  try {
    await post('firing');
    const { id, digest = '' } = await insist('the proposal', async (salvor) => {
      const found = await run(salvor);
      return found?.state === 'proposed' || (found !== undefined && !isOpen(found.state)) ? found : undefined;
    });
    // A press whose answer was lost is made again: then there is nothing to decide any more.
    await insist('the approval', async ({ app }) => {
      const pressed = await app.commands.approve(ana, id, { plan: digest }).catch(() => undefined);
      return pressed ?? ((await app.commands.run(ana, id)).state === 'proposed' ? undefined : true);
    });
    await insist('the end of the run', async (salvor) => ((await run(salvor))?.state === 'done' ? true : undefined));
    await post('resolved');
    await insist('the end of the incident', async ({ app }) => {
      const [incident] = (await app.commands.incidents(ana, { limit: 2 })).items;
      const reported = world.chat.messages().some(({ kind }) => kind === 'report');
      return incident?.state === 'closed' && reported ? true : undefined;
    });
    const ledger = await insist('an empty inbox', async ({ app }) => {
      const counted = await app.commands.ledger(ana);
      return counted.pending === 0 ? counted : undefined;
    });
    const end = await insist('how it ended', async ({ app, inner }) => {
      const { items: runs } = await app.commands.runs(ana, { limit: 5 });
      const views = await Promise.all(runs.map((one) => app.commands.run(ana, one.id)));
      return {
        runs: views.map(({ state, journal, openIntents }) => [state, journal.map(({ type }) => type).filter((type) => !LOOKS.has(type)), openIntents]),
        writes: world.writes(),
        // A webhook whose answer was lost comes again: there may be one more of it.
        ledger: [ledger.handled === ledger.accepted, ledger.quarantined, ledger.accepted >= 2 && ledger.accepted <= 3],
        messages: world.chat
          .messages()
          .flatMap(({ kind }) => (kind === 'timeline' ? [] : [kind]))
          .toSorted(),
        audit: (await app.commands.auditVerify(ana)).problems,
        store: (await inner.check()).problems,
      };
    });
    return { end, commits: life.commits().length, died: life.isDead() };
  } finally {
    // The point may be in its stop.
    if (!life.isDead()) await Promise.race([now.app.stop(), death.promise]);
    if (life.isDead()) {
      await reborn;
      await now.app.stop();
    }
    await now.inner.close();
  }
}
