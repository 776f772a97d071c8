import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { makeCatalog } from '../../../src/action/catalog.ts';
import type { Action } from '../../../src/action/contract.ts';
import { type App, buildApp, type Settings } from '../../../src/app.ts';
import { callerOf } from '../../../src/command/access.ts';
import { authenticator } from '../../../src/http/api/authenticate.ts';
import { apiRouter } from '../../../src/http/api/router.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Commands } from '../../../src/port/commands.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import type { RunView } from '../../../src/port/view/run.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { simulatedWorld } from '../../../src/world/world.ts';
import { say } from '../../contract/cli/terminal.ts';
import { playbookOf } from '../scene.ts';

/** One version of Salvor: the actions that it has, and the texts of its playbooks by id. */
export type Version = { readonly actions: readonly Action[]; readonly playbooks: { readonly [id: string]: string }; readonly config?: string };

const HOUR_MS = 3_600_000;
const PERSON = { ana: 'token-of-ana', ben: 'token-of-ben', cleo: 'token-of-cleo', dora: 'token-of-dora' };

/**
 * Salvor on its embedded store, in a file that outlives it, beside a world and a clock that outlive it, too. It is stopped, killed and started again, in the
 * same version or another one; people ask it by the command line.
 */
export async function openLongSite() {
  const folder = await mkdtemp(join(tmpdir(), 'salvor-long-'));
  const busy = { calls: 0 };
  const clock = virtualClock({ settle: () => settled(busy) });
  const ids = seededIds('long');
  const world = simulatedWorld({ clock, ids, clusters: [{ name: 'prod', scenario: { namespaces: ['app'], velero: { server: 'down' } } }] });
  let here: Running | undefined;

  const running = (): Running => {
    if (here === undefined) throw new Error('Salvor does not run');
    return here;
  };
  const as = <T>(person: string, what: (commands: Commands, caller: ReturnType<typeof callerOf>) => Promise<T>): Promise<T> => {
    const { app } = running();
    return inTime(what(app.commands, callerOf(app.settings().config.policy, person, 'cli')));
  };
  /** A request waits for the engine, and the engine for the clock. */
  const inTime = async <T>(request: Promise<T>): Promise<T> => {
    let over = false;
    const ended = request.finally(() => (over = true));
    ended.catch(() => undefined);
    for (let turn = 0; turn < 20 && !over; turn += 1) await clock.pass(200);
    return ended;
  };

  const site = {
    clock,
    world,
    as,
    pass: (hours: number): Promise<void> => clock.pass(hours * HOUR_MS),
    /** Starts Salvor in a version, on what is in the file. */
    async start(version: Version): Promise<void> {
      const store = counted(await openEmbedded({ path: folder, clock, log: silentLog }), busy);
      const settings: Settings = {
        config: rehearsalConfig({}, version.config),
        site: {
          catalog: makeCatalog(version.actions),
          playbooks: Object.entries(version.playbooks).map(([id, text]) => playbookOf(id, text)),
        },
      };
      const app = buildApp({
        settings,
        store,
        clock,
        ids,
        log: silentLog,
        clusters: world.clusters,
        chat: world.chat,
        pager: world.pager,
        reread: async () => ({ failed: 'there is no Alertmanager here' }),
      });
      here = { app, store, ...(await serveApi(app, clock)) };
      await app.start();
      await clock.pass(1000);
    },
    /** Stops it as an upgrade does: it lets go of what it has in hand. */
    async stop(): Promise<void> {
      const { app, store, close } = running();
      here = undefined;
      await inTime(app.stop());
      await close();
      await store.close();
    },
    /** Kills it: what it has in hand finds no store any more. */
    async kill(): Promise<void> {
      const { app, store, close } = running();
      here = undefined;
      await store.close();
      void app.stop();
      await close();
    },
    /** One command line that looks, as a person at a terminal types it, and all that it prints. */
    async salvor(person: keyof typeof PERSON, ...words: readonly string[]): Promise<string> {
      const { out, err } = await say(words, { url: running().url, person, clock });
      return out + err;
    },
    begin: async (person: string, playbook: string, params: JsonObject): Promise<string> =>
      (await as(person, (commands, caller) => commands.startRun(caller, { playbook, params, reason: 'it is time' }))).run,
    run: (id: string): Promise<RunView> => as('ana', (commands, ana) => commands.run(ana, id)),
    async approve(person: string, id: string): Promise<void> {
      const { digest = '' } = await site.run(id);
      await as(person, (commands, caller) => commands.approve(caller, id, { plan: digest }));
    },
    answer: (person: string, id: string, ask: string, value: string | boolean) => as(person, (commands, caller) => commands.answer(caller, id, { ask, value })),
    audit: () => as('dora', (commands, dora) => commands.auditVerify(dora)),
    async [Symbol.asyncDispose]() {
      if (here !== undefined) await site.stop();
      await rm(folder, { recursive: true });
    },
  };
  return site;
}

type Running = { readonly app: App; readonly store: Store; readonly url: string; readonly close: () => Promise<void> };

async function serveApi({ commands, settings }: App, clock: ReturnType<typeof virtualClock>): Promise<Pick<Running, 'url' | 'close'>> {
  const { policy } = settings().config;
  const draining = new AbortController();
  const tokens = Object.entries(PERSON).map(([person, token]) => ({ person, token }));
  const server = createServer(
    express().use(
      apiRouter({
        commands,
        clock,
        log: silentLog,
        version: '0.0.0-test',
        draining: draining.signal,
        authenticate: authenticator({ tokens: () => tokens, callerOf: (person) => callerOf(policy, person, 'cli') }),
        anonymous: () => callerOf(policy, undefined, 'api'),
      }),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      draining.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same store; how many of its answers are still to come is counted, for the clock to wait for. */
function counted(store: Store, busy: { calls: number }): Store {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...given: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(method, target, given);
        if (!(answer instanceof Promise)) return answer;
        busy.calls += 1;
        return answer.finally(() => (busy.calls -= 1));
      };
    },
  });
}

/** Until the store's own thread has answered all, and nothing was asked for that. */
async function settled(busy: { readonly calls: number }): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet = busy.calls === 0 ? quiet + 1 : 0) await new Promise<void>((resolve) => setImmediate(resolve));
}
