import type { Config } from '../../src/config.ts';
import { type SimulatedPagerDuty, simulatedPagerDuty } from '../../src/world/pagerduty/pagerduty.ts';
import { type SimulatedSlack, simulatedSlack } from '../../src/world/slack/slack.ts';
import { type Chance, idsOf } from './chance.ts';
import { clockOf, type EventLoop } from './loop.ts';
import { newsWay } from './pager/news.ts';
import type { Program } from './program.ts';
import type { Where } from './script.ts';
import { PAGERDUTY, ROUTES } from './site.ts';
import { ways } from './slack/ways.ts';
import type { Weather } from './weather.ts';

/** The services of a history in which people are reached by Slack and PagerDuty, and not by recorders. */
export type Services = { readonly slack: SimulatedSlack; readonly pagerduty: SimulatedPagerDuty; readonly account: NonNullable<Config['pagerduty']> };

type ServicesOptions = {
  readonly loop: EventLoop;
  readonly chance: Chance;
  /** Both rungs of the ladder page by one integration: the second one is called by escalating there. */
  readonly shared: boolean;
  readonly living: () => readonly Program[];
  readonly weather: (of: string, where: Where) => Weather;
  readonly met: (of: string, fault: string) => void;
};

export function openServices({ loop, chance, shared, living, weather, met }: ServicesOptions): Services {
  const clock = clockOf(loop, 'services');
  const ears = (where: 'chat' | 'pager') =>
    living().flatMap(({ replica, ears: its }) => (its === undefined ? [] : [{ replica, weather: weather(replica.name.split('#')[0] ?? '', where), ...its }]));
  const slack = simulatedSlack({ clock, ids: idsOf(chance.fork('slack')), ways: ways({ loop, chance, listeners: () => ears('chat'), met }) });
  slack.apply({ users: [{ name: 'dora' }, { name: 'gus', guest: 'single' }] });
  const pagerduty = simulatedPagerDuty({ clock, send: newsWay({ loop, chance, hearing: () => ears('pager') }) });
  pagerduty.apply({
    policies: [
      { name: 'primary', levels: [['ana'], ['ben']] },
      { name: 'secondary', levels: [['ben'], ['cleo']] },
    ],
    services: [
      { name: 'primary', key: ROUTES['platform-primary'], policy: 'primary' },
      { name: 'secondary', key: ROUTES['platform-secondary'], policy: 'secondary' },
    ],
    webhooks: [{ url: 'http://salvor.simulation/pagerduty/webhooks', secrets: ['simulation'] }],
  });
  return {
    slack,
    pagerduty,
    account: { ...PAGERDUTY, webhookSecrets: [...PAGERDUTY.webhookSecrets], routes: shared ? {} : PAGERDUTY.routes, changes: undefined },
  };
}
