import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Cluster, Clusters } from '../port/kube.ts';
import type { Log } from '../port/log.ts';
import { worldCluster } from './access.ts';
import { type SimulatedCluster, simulatedCluster } from './cluster.ts';
import { PagerDutyScenario } from './pagerduty/account.ts';
import { type SimulatedPagerDuty, simulatedPagerDuty } from './pagerduty/pagerduty.ts';
import { type RecordingChat, type RecordingPager, recordingChat, recordingPager } from './people.ts';
import { Scenario } from './scenario.ts';
import { SlackScenario } from './slack/scenario.ts';
import { type SimulatedSlack, simulatedSlack } from './slack/slack.ts';

const PeopleState = z.enum(['up', 'down', 'slow', 'lost-reply']);

/**
 * A whole world as playbooks write it under `world:`, and as `salvor world --scenario` reads it. Fields of a scenario at the top are about
 * the first cluster; `clusters` is for several, by name; a name that is not there yet appears.
 */
export const WorldScenario = Scenario.extend({
  clusters: z.record(z.string(), Scenario).optional(),
  chat: PeopleState.optional(),
  pager: PeopleState.optional(),
  slack: SlackScenario.optional(),
  pagerduty: PagerDutyScenario.optional(),
});
export type WorldScenario = z.input<typeof WorldScenario>;

/** The simulated world: clusters, a chat and a pager, on one clock. */
export type SimulatedWorld = {
  readonly clock: Clock;
  readonly chat: RecordingChat;
  readonly pager: RecordingPager;
  /** What is asked over HTTP; `pager` is what is asked in process. */
  readonly pagerduty: SimulatedPagerDuty;
  /** What is asked over HTTP and by sockets; `chat` is what is asked in process. */
  readonly slack: SimulatedSlack;
  /** As the engine sees them. A cluster that was added later is in it at once. */
  readonly clusters: Clusters;
  names(): readonly string[];
  /** A cluster by name; without one, the first. Throws `config.invalid`. */
  cluster(name?: string): SimulatedCluster;
  /** A cluster appears. */
  add(name: string, scenario?: Scenario): SimulatedCluster;
  /** A cluster is away: it is no longer in `clusters`. */
  remove(name: string): void;
  /** What happens now. Throws `config.invalid`. */
  apply(scenario: WorldScenario): void;
  /** The writes of all clusters in order; with several clusters each line begins with `cluster: `. */
  writes(): readonly string[];
};

type WorldOptions = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly clusters: readonly { readonly name: string; readonly scenario?: Scenario }[];
  readonly log?: Log;
};

export function simulatedWorld({ clock, ids, clusters, log }: WorldOptions): SimulatedWorld {
  const found = new Map<string, { readonly sim: SimulatedCluster; readonly port: Cluster }>();
  const chat = recordingChat({ clock });
  const pager = recordingPager({ clock });
  const pagerduty = simulatedPagerDuty({ clock });
  const slack = simulatedSlack({ clock, ids });

  const add = (name: string, scenario: Scenario = {}): SimulatedCluster => {
    const sim = simulatedCluster({ name, clock, ids, scenario });
    found.set(name, { sim, port: worldCluster(sim, log === undefined ? {} : { log }) });
    return sim;
  };
  for (const { name, scenario } of clusters) add(name, scenario);

  const cluster = (name?: string): SimulatedCluster => {
    const one = name === undefined ? [...found.values()][0] : found.get(name);
    if (one === undefined) throw new SalvorError('config.invalid', `the simulated world has no cluster ${name ?? ''}`);
    return one.sim;
  };

  return {
    clock,
    chat,
    pager,
    pagerduty,
    slack,
    clusters: { names: () => [...found.keys()], get: (name) => found.get(name)?.port },
    names: () => [...found.keys()],
    cluster,
    add,
    remove(name) {
      void found.get(name)?.port.close();
      found.delete(name);
    },
    apply(given) {
      const { own, others, chat: chatState, pager: pagerState, slack: slackPart, pagerduty: account } = readWorld(given);
      if (Object.keys(own).length > 0) cluster().apply(own);
      for (const [name, scenario] of others) {
        if (found.has(name)) cluster(name).apply(scenario);
        else add(name, scenario);
      }
      if (chatState !== undefined) chat.behave(chatState);
      if (pagerState !== undefined) pager.behave(pagerState);
      if (slackPart !== undefined) slack.apply(slackPart);
      if (account !== undefined) pagerduty.apply(account);
    },
    writes() {
      const all = [...found].flatMap(([name, { sim }]) => sim.record().writes.map((write) => ({ ...write, name })));
      const sorted = all.toSorted((a, b) => a.atMs - b.atMs);
      return sorted.map(({ name, line }) => (found.size === 1 ? line : `${name}: ${line}`));
    },
  };
}

/** A world from what a playbook or file says: its clusters, or one of the given name. Throws `config.invalid`. */
export function worldFrom(given: unknown, { name = 'prod', ...options }: Omit<WorldOptions, 'clusters'> & { readonly name?: string }): SimulatedWorld {
  const { own, others, chat, pager, slack, pagerduty } = readWorld(given);
  const isOnlyOthers = Object.keys(own).length === 0 && others.length > 0;
  const clusters = [...(isOnlyOthers ? [] : [{ name, scenario: own }]), ...others.map(([other, of]) => ({ name: other, scenario: of }))];
  const world = simulatedWorld({ ...options, clusters });
  world.apply({ chat, pager, slack, pagerduty });
  return world;
}

type Parts = {
  readonly own: Scenario;
  readonly others: readonly (readonly [string, Scenario])[];
  readonly chat?: WorldScenario['chat'];
  readonly pager?: WorldScenario['pager'];
  readonly slack?: WorldScenario['slack'];
  readonly pagerduty?: WorldScenario['pagerduty'];
};

/** Takes a world apart. It is checked here and passed on as it was written: each cluster reads its own part. */
function readWorld(given: unknown): Parts {
  if (isWorld(given)) {
    const { clusters, chat, pager, slack, pagerduty, ...own } = given;
    return { own, others: Object.entries(clusters ?? {}), chat, pager, slack, pagerduty };
  }
  const problems = WorldScenario.safeParse(given).error?.issues.map((issue) => `${issue.path.join('.') || 'scenario'}: ${issue.message}`) ?? [];
  throw new SalvorError('config.invalid', `the scenario of the simulated world is wrong: ${problems.join('; ')}`);
}

function isWorld(given: unknown): given is WorldScenario {
  return WorldScenario.safeParse(given).success;
}
