import { buildApp, type Settings } from '../app.ts';
import { redact } from '../domain/redact.ts';
import { errorCode, errorText } from '../model/error.ts';
import { createLog } from '../observe/log.ts';
import { measuredStore } from '../observe/measured-store.ts';
import { systemClock } from '../port/clock.ts';
import type { Caller } from '../port/commands.ts';
import { systemIds } from '../port/ids.ts';
import { repeat } from '../run/repeat.ts';
import { acceptFirst } from '../store/accept-first.ts';
import { connectClusters } from './clusters.ts';
import { metricsOf, openDoors } from './doors.ts';
import { connectGroups } from './groups.ts';
import { openStore } from './open-store.ts';
import { connectPager } from './pager.ts';
import { fingerprint, readSettings, reloader } from './reload.ts';
import { rereadFrom } from './reread.ts';
import { connectSlack } from './slack.ts';
import { slackCaller } from './slack-caller.ts';
import { connectHearing } from './slack-hearing.ts';
import { VERSION } from './version.ts';

export type Io = { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void };

export type ServeOptions = {
  /** The configuration; absent: `SALVOR_CONFIG`, else `salvor.yaml`. */
  readonly file?: string | undefined;
  /** Aborts to stop: drains, and ends within 25 s. */
  readonly stop: AbortSignal;
  /** Where the log's lines go; absent: standard output. */
  readonly logTo?: (line: string) => void;
  /** Told once everything listens. */
  readonly ready?: (at: { readonly url: string; readonly operationsUrl: string }) => void;
  /** How often the files are looked at; absent: every 2 s. */
  readonly reloadEveryMs?: number;
};

/** Who makes the file of a report: what everybody in the channel may read. */
const READER: Caller = { person: undefined, rights: ['read'], surface: 'slack' };
const RELOAD_MS = 2000;
const DRAIN_MS = 20_000;
const LOOK_AT_PAGER_MS = 600_000;
const LOOK_AT_GROUPS_MS = 120_000;

/** The server: 0 after a clean stop, 2 where the configuration or the store does not let it start, 1 where it broke. */
export async function serve({ file, stop, ready, logTo, reloadEveryMs = RELOAD_MS }: ServeOptions, io: Io): Promise<number> {
  const read = await readSettings(file);
  if (!read.ok) {
    io.stderr(
      `Not started: ${read.problems.length} ${read.problems.length === 1 ? 'problem' : 'problems'} in the configuration\n${read.problems.join('\n')}\n`,
    );
    return 2;
  }
  try {
    const seen = await fingerprint(read.settings);
    return await run({ settings: read.settings, seen, file, stop, ready, logTo, reloadEveryMs }, io);
  } catch (error) {
    io.stderr(`Not started: ${errorText(error)}\n`);
    return errorCode(error) === 'internal' ? 1 : 2;
  }
}

type Running = {
  readonly settings: Settings;
  readonly seen: string;
  readonly file: string | undefined;
  readonly stop: AbortSignal;
  readonly ready: ServeOptions['ready'];
  readonly logTo: ServeOptions['logTo'];
  readonly reloadEveryMs: number;
};

async function run({ settings, seen, file, stop, ready, logTo, reloadEveryMs }: Running, io: Io): Promise<number> {
  const clock = systemClock;
  const ids = systemIds;
  const log = createLog({ clock, to: logTo ?? 'stdout', level: settings.config.log.level, redact });
  const broken = new AbortController();
  let storeRisks = 0;
  const stored = await openStore(settings.config, {
    clock,
    ids,
    log,
    onFatal: (error) => {
      log.error('store.broken', { code: error.code, reason: error.message });
      broken.abort();
    },
    onUnsafe: (risks) => {
      storeRisks = risks.length;
    },
  });
  const clusters = connectClusters({ clock, log, userAgent: `salvor/${VERSION}` });
  const metrics = metricsOf({ store: stored, clock, log, clusters: () => clusters.names(), storeRisks });
  const store = acceptFirst(measuredStore(stored, metrics, clock), clock);
  const pager = connectPager({ config: () => app.settings().config, log, clock });
  const groups = connectGroups({
    config: () => app.settings().config,
    slack: slackCaller(() => app.settings().config.slack),
    pagerduty: () => pager.rest(),
    clock,
    log,
    changed: () => app.look('who is in a group changed'),
  });
  const app = buildApp({
    settings,
    store,
    clock,
    ids,
    log,
    clusters,
    chat: connectSlack({ config: () => app.settings().config, clock, log, report: (incident) => app.commands.report(READER, incident, 'md') }),
    pager,
    groups: groups.known,
    reread: (cluster, group) => rereadFrom(app.settings, clock)(cluster, group),
    happened: (what, alerts) => {
      if (what === 'handled' || what === 'quarantined') metrics.alerts(what, alerts);
    },
  });
  const draining = new AbortController();
  const hearing = connectHearing({ app: () => app, store, clock, ids, log });
  const doors = await openDoors(
    { app, store, clock, ids, log, metrics, draining: draining.signal, ownInPager: () => pager.own(), slack: hearing.events },
    settings.config.listen,
  );
  log.info('serve.listening', { url: doors.url, operations: doors.operationsUrl, version: VERSION, pid: process.pid });
  ready?.(doors);

  // The Kubernetes library takes half a second to load: webhooks are taken in from the first moment, and wait durably.
  await clusters.use(settings.config.clusters);
  await app.start();
  hearing.start();
  const over = AbortSignal.any([stop, broken.signal]);
  void repeat({ clock, log, signal: over }, { name: 'reload', everyMs: reloadEveryMs, act: reloader({ file, app, clusters, log, seen }) });
  // PagerDuty may be away, or hang: nobody waits for it.
  void pager.look();
  void repeat({ clock, log, signal: over }, { name: 'on-call', everyMs: LOOK_AT_PAGER_MS, act: () => pager.look() });
  // The groups are asked for their members while they may be asked; who is in one that was not asked yet is not known.
  void groups.look().catch((error: unknown) => log.warn('groups.not-looked', { reason: errorText(error) }));
  void repeat({ clock, log, signal: over }, { name: 'groups', everyMs: LOOK_AT_GROUPS_MS, act: () => groups.look() });
  await aborted(over);

  log.info('serve.draining', { broken: broken.signal.aborted });
  draining.abort();
  const drained = await Promise.race([drain(), timeout()]);
  log.info('serve.stopped', { drained });
  if (broken.signal.aborted) io.stderr('Stopped: the store is broken; the log says how\n');
  return broken.signal.aborted ? 1 : 0;

  async function drain(): Promise<boolean> {
    await hearing.stop();
    await doors.close();
    await app.stop();
    await clusters.close();
    await store.close();
    return true;
  }

  function timeout(): Promise<boolean> {
    return new Promise((resolve) => {
      clock.after(DRAIN_MS, () => resolve(false));
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
