import type { Members } from './approval/group.ts';
import { policyNow } from './approval/policy-now.ts';
import { createCommands } from './command/create-commands.ts';
import type { CommandDeps } from './command/deps.ts';
import { reportSource } from './command/incident.ts';
import { endPauses, spreadPauses } from './command/pause.ts';
import { sealAudit } from './command/seal.ts';
import type { Config, Site } from './config.ts';
import { driveIncident, type IncidentDeps } from './incident/drive.ts';
import { putHeartbeat } from './ingest/heartbeat.ts';
import { errorText, SalvorError } from './model/error.ts';
import type { Json, JsonObject } from './model/json.ts';
import type { ChannelSettings } from './notify/channel/wanted.ts';
import { LANE_LEASE_MS } from './notify/hold.ts';
import { deliverLane } from './notify/outbox.ts';
import { report } from './notify/report.ts';
import { reportData } from './notify/report-data.ts';
import { reportTable } from './notify/report-table.ts';
import { expireEpisodes, fanOut, startParked, watchdogDue } from './pipeline.ts';
import type { Chat } from './port/chat.ts';
import { type Clock, sleep } from './port/clock.ts';
import type { Commands } from './port/commands.ts';
import type { Ids } from './port/ids.ts';
import type { Clusters } from './port/kube.ts';
import type { Log } from './port/log.ts';
import type { Pager } from './port/pager.ts';
import { type Claimed, INBOX, type Store } from './port/store.ts';
import { type RoutePlaybook, routePlaybook } from './route/choose.ts';
import { wakeWhatRests } from './run/clock-back.ts';
import { driveRun } from './run/drive.ts';
import { dryRun } from './run/dry-run.ts';
import type { Engine } from './run/engine.ts';
import { explainBody } from './run/explain.ts';
import { findTargets } from './run/find-targets.ts';
import type { Intake } from './run/intake.ts';
import { watchingInterest } from './run/interest.ts';
import { tellOpenRuns } from './run/look-again.ts';
import { type Loop, startLoop } from './run/loop.ts';
import { pruneHistory } from './run/prune.ts';
import { repeat } from './run/repeat.ts';
import { isScheduleSlot, keepSchedules, scheduleDue } from './run/schedule.ts';
import { LEASE_MS } from './run/session.ts';
import { lookForSpoiled } from './run/spoiled.ts';
import { tellStart } from './run/tell-start.ts';
import { readerOf } from './run/views.ts';

/** What is configured now; replaced as a whole by a reload. */
export type Settings = { readonly config: Config; readonly site: Pick<Site, 'catalog' | 'playbooks'> };

/** Everything from outside: the same app runs on real adapters, on the simulated world, and on a virtual clock. */
export type Parts = {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly clusters: Clusters;
  readonly chat: Chat;
  readonly pager: Pager;
  readonly reread: Intake['reread'];
  readonly happened?: Intake['happened'];
  /** What Slack and PagerDuty last said of the teams that they keep; absent: nobody is asked, and nobody is in them. */
  readonly groups?: () => ReadonlyMap<string, Members>;
};

export type App = {
  readonly commands: Commands;
  readonly settings: () => Settings;
  /** Who may do what now, with the people of the groups. */
  readonly policy: () => Config['policy'];
  readonly explain: (of: { readonly body: Json; readonly atMs: number }) => Promise<JsonObject>;
  /** Takes what is due, for ever; answers once everything runs. */
  start(): Promise<void>;
  /** Takes a new configuration; the caller has checked it. Open runs keep their text. */
  reload(settings: Settings): Promise<void>;
  /** Open runs look again: what they wait for may have changed. */
  look(why: string): Promise<void>;
  /** Takes nothing new and lets go of what is in hand. The store stays open. */
  stop(): Promise<void>;
};

/** Renewed while the work takes its time: where a replica dies, nothing that it had in hand waits longer than its runs. */
const LOOP_LEASE = { leaseMs: LEASE_MS, renewed: true } as const;
/** Webhooks that are folded at once lie in memory, as text and read: one of the largest, else no more than fit. */
const INBOX_BYTES = 16 * 1024 * 1024;
/** News of one incident comes in bursts, and work comes first: whoever reads it does not miss the 25 ms. */
const NEWS_MS = 25;
const SEAL_MS = 10_000;
const SEARCH_MS = 10_000;
const PRUNE_MS = 3_600_000;
const CLOCK_MS = 10_000;

/**
 * Builds every room once, in the order of the walk from webhook to report. Longer than a file should be, and one straight function on purpose:
 * who wants to know what talks to what reads it from top to bottom.
 */
export function buildApp(parts: Parts): App {
  const { store, clock, ids, log, clusters, chat, pager } = parts;
  let settings = parts.settings;
  let routes = routesOf(settings);
  let clusterList = settings.config.clusters.map(clusterSettings);
  const policy = policyNow({ configured: () => settings.config.policy, known: parts.groups ?? (() => NO_GROUPS), nowMs: () => clock.nowMs() });
  const owner = ids.next();

  const interest = watchingInterest({ store, clock, ids });
  const known: Engine['known'] = (id, digest) => settings.site.playbooks.find((playbook) => playbook.id === id && playbook.digest === digest);
  const engine: Engine = { store, clock, ids, log, clusters, actions: { get: (id) => settings.site.catalog.get(id) }, policy, interest, known };
  const intake: Intake = {
    store,
    clock,
    ids,
    log,
    policy,
    catalog: () => routes,
    clusters: () => clusterList,
    watchdog: () => watchdogOf(settings.config),
    findTargets: (find) => findTargets(engine, find),
    reread: parts.reread,
    ...(parts.happened === undefined ? {} : { happened: parts.happened }),
  };
  const explain: App['explain'] = (of) => explainBody({ intake, engine, actions: engine.actions }, of);
  const commandDeps: CommandDeps = {
    store,
    clock,
    ids,
    policy,
    intake,
    actions: engine.actions,
    rehearsePlan: (asked) => dryRun(engine, asked),
    reader: (name) => {
      const cluster = clusters.get(name);
      return cluster === undefined ? undefined : readerOf(cluster.access);
    },
    explain,
    report,
    onCall: { of: (target) => pager.onCall?.(target), problem: () => pager.onCallProblem?.() },
    keptSinceMs: () => clock.nowMs() - settings.config.keep.closedMs,
  };
  const commands = createCommands(commandDeps);
  const seal = sealAudit({ store, clock, ids });
  const wakeLate = wakeWhatRests({ store, clock, ids, log });
  const endPause = endPauses({ store, clock, ids });
  const incidentDeps: IncidentDeps = {
    store,
    clock,
    ids,
    log,
    policy,
    takes: () => chat.takes,
    ...(pager.takes === undefined ? {} : { pagerTakes: () => pager.takes?.() ?? new Set() }),
    measured: async ({ id }) => reportTable(reportData(await reportSource(commandDeps, id))),
    channels: () => channelSettings(settings.config, chat),
    files: () => chat.files === true,
    updates: () => settings.config.slack?.updates?.severities,
    onCall: (target) => pager.onCall?.(target)?.names ?? [],
    startParked: (of) => startParked(intake, of),
  };

  const loops: readonly Loop[] = [
    {
      name: 'inbox',
      kinds: ['inbox'],
      limit: 500,
      ...LOOP_LEASE,
      mostBytes: INBOX_BYTES,
      inTurnBy: 'sender',
      together: true,
      handle: (claimed) => fanOut(intake, claimed),
    },
    { name: 'run', kinds: ['run'], limit: 128, leaseMs: LEASE_MS, handle: each((claimed, stop) => driveRun(engine, claimed, stop)) },
    {
      name: 'incident',
      kinds: ['incident'],
      limit: 32,
      ...LOOP_LEASE,
      lingerMs: NEWS_MS,
      handle: each((claimed) => driveIncident(incidentDeps, claimed)),
    },
    {
      name: 'lane',
      kinds: ['lane'],
      limit: 16,
      ...LOOP_LEASE,
      leaseMs: LANE_LEASE_MS,
      handle: each((claimed, stop) => deliverLane({ store, clock, chat, pager, log }, claimed, stop)),
    },
    { name: 'episode', kinds: ['episode'], limit: 200, ...LOOP_LEASE, together: true, handle: (claimed) => expireEpisodes(intake, claimed) },
    { name: 'slot', kinds: ['slot'], limit: 8, ...LOOP_LEASE, handle: each((claimed) => slotDue(intake, claimed)) },
    { name: 'pause', kinds: ['pause'], limit: 8, ...LOOP_LEASE, together: true, handle: endPause },
  ];

  const stopping = new AbortController();
  let running: readonly { readonly stop: () => Promise<void> }[] = [];
  const settle = async (config: Config): Promise<void> => {
    for (const { name } of config.clusters) await spreadPauses({ store, clock, ids }, name);
    await awaitWatchdogs(parts, config);
    await keepSchedules(intake);
  };
  const sealAll = async (): Promise<void> => {
    for (const partition of [INBOX, ...settings.config.clusters.map(({ name }) => name)]) await seal(partition);
  };
  const prune = async (): Promise<void> => {
    const removed = await pruneHistory({ store, clock, stop: stopping.signal }, settings.config.keep);
    if (removed > 0) log.info('history.pruned', { removed });
  };

  /** Not at once: whoever waits for the start has waited for enough. */
  const searchJournals = async (): Promise<void> => {
    await sleep(clock, SEARCH_MS, stopping.signal);
    for (const { name } of settings.config.clusters) await lookForSpoiled(engine, name, stopping.signal);
  };

  return {
    commands,
    explain,
    settings: () => settings,
    policy,
    async start() {
      await settle(settings.config);
      for (const { name } of settings.config.clusters) await tellStart(engine, name);
      if (stopping.signal.aborted) return;
      running = loops.map((loop) => startLoop({ store, clock, log, owner }, loop));
      const every = { clock, log, signal: stopping.signal };
      void repeat(every, { name: 'seal', everyMs: SEAL_MS, act: sealAll });
      searchJournals().catch((error: unknown) => log.warn('journals.not-searched', { reason: errorText(error) }));
      void repeat(every, { name: 'prune', everyMs: PRUNE_MS, act: prune });
      void repeat(every, { name: 'clock', everyMs: CLOCK_MS, act: async () => void (await wakeLate()) });
    },
    async reload(next) {
      // A cluster that is new is paused, where everything is, before anything can run there.
      await settle(next.config);
      settings = next;
      routes = routesOf(next);
      clusterList = next.config.clusters.map(clusterSettings);
      await keepSchedules(intake);
      for (const { name } of next.config.clusters) await tellOpenRuns(store, ids, { cluster: name, why: 'the configuration was read again' });
    },
    async look(why) {
      for (const { name } of settings.config.clusters) await tellOpenRuns(store, ids, { cluster: name, why });
    },
    async stop() {
      stopping.abort();
      interest.close();
      await Promise.all(running.toReversed().map((loop) => loop.stop()));
      await sealAll().catch((error: unknown) => log.warn('seal.failed', { reason: errorText(error) }));
    },
  };
}

const NO_GROUPS: ReadonlyMap<string, Members> = new Map();

type Handle = (claimed: Claimed, stop: AbortSignal) => Promise<void>;

function each(handle: Handle): Loop['handle'] {
  return async (claimed, stop) => {
    for (const one of claimed) await handle(one, stop);
  };
}

async function slotDue(intake: Intake, claimed: Claimed): Promise<void> {
  if (isScheduleSlot(claimed.record.id)) await scheduleDue(intake, claimed);
  else await watchdogDue(intake, claimed);
}

function routesOf({ site }: Settings): readonly RoutePlaybook[] {
  return site.playbooks.map((playbook) => {
    const route = routePlaybook(playbook);
    if ('error' in route) throw new SalvorError('playbook.invalid', `${playbook.id}: ${route.error}`);
    return route;
  });
}

function clusterSettings(cluster: Config['clusters'][number]): ReturnType<Intake['clusters']>[number] {
  const { name, isDefault, alertmanager, namespaces } = cluster;
  return { name, isDefault, repeatIntervalMs: alertmanager.repeatIntervalMs, rereads: alertmanager.url !== undefined, namespaces };
}

/** Which incidents have a channel of their own; undefined: none has, or the chat knows no such. */
function channelSettings({ slack, listen, policy }: Config, chat: Chat): ChannelSettings | undefined {
  if (slack?.incidentChannels === undefined || chat.channels === undefined) return undefined;
  const { private: isPrivate, invite, archiveAfter: archiveAfterMs, ...rest } = slack.incidentChannels;
  const teams = [...(policy.roles['owner'] ?? []), ...(policy.roles['approver'] ?? [])];
  return { ...rest, isPrivate, archiveAfterMs, invite: invite ?? teams, site: listen.publicUrl?.replace(/\/+$/, '') };
}

/** Without a word in the configuration, the silence of a Watchdog that once came pages; one that never came is not missed. */
function watchdogOf({ watchdog }: Config): ReturnType<Intake['watchdog']> {
  return watchdog === undefined
    ? { alertname: 'Watchdog', withinMs: 300_000, ladder: 'default' }
    : { alertname: watchdog.alertname, withinMs: watchdog.withinMs, ladder: watchdog.escalate };
}

/** A Watchdog that is configured is awaited from the start, also where none ever came. */
async function awaitWatchdogs({ store, clock, ids }: Pick<Parts, 'store' | 'clock' | 'ids'>, { watchdog, clusters }: Config): Promise<void> {
  if (watchdog === undefined) return;
  const nowMs = clock.nowMs();
  for (const { name } of clusters) {
    const put = putHeartbeat(name, { lastSeenMs: nowMs }, nowMs + watchdog.withinMs);
    await store.commit({ partition: name, opId: ids.next(), guards: [{ is: 'absent', id: put.id }], changes: [put] });
  }
}
