import { type App, buildApp, type Settings } from '../../src/app.ts';
import { callerOf } from '../../src/command/access.ts';
import { hearPager } from '../../src/command/pager.ts';
import { recordRefusal } from '../../src/command/refusal.ts';
import type { Chat } from '../../src/port/chat.ts';
import type { Ids } from '../../src/port/ids.ts';
import type { Cluster } from '../../src/port/kube.ts';
import { silentLog } from '../../src/port/log.ts';
import type { Pager, PagerNews } from '../../src/port/pager.ts';
import type { Store } from '../../src/port/store.ts';
import { connectPager } from '../../src/serve/pager.ts';
import { slackChat } from '../../src/slack/chat.ts';
import { type Desk, openDesk } from '../../src/slack/desk.ts';
import type { SimulatedWorld } from '../../src/world/world.ts';
import { linkedCluster } from './cluster-link.ts';
import type { Link } from './link.ts';
import { linkedPagerDuty } from './pager/reach.ts';
import { linkedChat, linkedPager } from './people-link.ts';
import type { Replica } from './replica.ts';
import type { Where } from './script.ts';
import type { Services } from './services.ts';
import { CLUSTERS } from './site.ts';
import { linkedSlack } from './slack/client.ts';
import type { Watches } from './watches.ts';

export type Program = {
  readonly app: App;
  readonly replica: Replica;
  /** As this program reaches it. */
  readonly store: Store;
  /** Where people and the pager are heard; absent: there are recorders only. */
  readonly ears?: { readonly desk: Desk; readonly heard: (news: PagerNews) => Promise<unknown> };
};

export type ProgramOptions = {
  readonly settings: Settings;
  readonly store: Store;
  readonly ids: Ids;
  readonly replica: Replica;
  readonly link: (where: Where) => Link;
  readonly world: SimulatedWorld;
  readonly services: Services | undefined;
  readonly watches: Watches;
};

const CHANNEL = '#dr';

/** `src/serve/serve.ts` without its sockets: one life of one program. */
export function buildProgram(options: ProgramOptions): Program {
  const { settings, store, ids, replica, link, world, services, watches } = options;
  const { clock } = replica;
  const ports = new Map<string, Cluster>(CLUSTERS.map((name) => [name, linkedCluster(link(name), world.cluster(name))]));
  const parts = { settings, store, clock, ids, log: silentLog, clusters: { names: () => [...CLUSTERS], get: (name: string) => ports.get(name) } };
  const build = (chat: Chat, pager: Pager): App => buildApp({ ...parts, chat, pager, reread: async () => ({ failed: 'there is no Alertmanager' }) });
  if (services === undefined)
    return { app: build(linkedChat(prompt(link('chat')), world.chat, watches), linkedPager(prompt(link('pager')), world.pager, watches)), replica, store };

  const { slack, pagerduty } = services;
  const posted = (by: string, underWayMs: number): void => watches.posted(by, underWayMs);
  const channel = (): string => CHANNEL;
  const chat = slackChat({ client: linkedSlack(link('chat'), slack, posted), channel, site: () => undefined, clock, log: silentLog });
  const pager = connectPager({
    config: () => ({ ...settings.config, pagerduty: services.account }),
    log: silentLog,
    clock,
    reach: linkedPagerDuty(link('pager'), pagerduty, (one) => watches.pagerTook(one)),
  });
  const app = build(chat, pager);
  const policy = () => settings.config.policy;
  const desk = openDesk({
    commands: app.commands,
    callerOf: (person) => callerOf(policy(), person, 'slack'),
    policy,
    // As in `serve`: a client of its own, and by the same network.
    client: linkedSlack(link('chat'), slack, posted),
    channel,
    apiUrl: () => undefined,
    record: recordRefusal({ store, ids }),
    clock,
    log: silentLog,
  });
  return { app, replica, store, ears: { desk, heard: hearPager({ store, ids, policy, own: () => pager.own() }) } };
}

/** A recorder has no deadline of its own: where a delivery took longer than the lease of its lane, somebody else would deliver. */
function prompt(link: Link): Link {
  return { ...link, latestOutMs: 800 };
}
