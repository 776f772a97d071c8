import { type Config, readSecret } from '../config.ts';
import { SalvorError } from '../model/error.ts';
import { loggedPager } from '../observe/quiet-people.ts';
import { pagerdutyEvents } from '../pagerduty/events.ts';
import type { Log } from '../port/log.ts';
import type { Pager } from '../port/pager.ts';

/** The pager as it is configured now: a reload counts from the next page on. Without one pages are lines of the log. */
export function connectPager(config: () => Pick<Config, 'pagerduty' | 'listen'>, log: Log): Pager {
  const logged = loggedPager(log);
  return {
    async send(page) {
      const { pagerduty, listen } = config();
      if (pagerduty === undefined) return logged.send(page);
      const { eventsUrl, routes, routingKey } = pagerduty;
      const events = pagerdutyEvents({
        url: eventsUrl,
        clientUrl: listen.publicUrl,
        routingKey: (target) => keyOf(Object.hasOwn(routes, target) ? (routes[target] ?? routingKey) : routingKey),
      });
      await events.send(page);
      log.info('pager.sent', { action: page.action, dedupKey: page.dedupKey, target: page.target });
    },
  };
}

/** A key that cannot be read holds the page, and the lane tries again: its file may be mended. */
function keyOf(secret: Parameters<typeof readSecret>[0]): string {
  try {
    return readSecret(secret).trim();
  } catch (error) {
    throw new SalvorError('pager.unavailable', 'the integration key of PagerDuty cannot be read', { retry: 'later', cause: error });
  }
}
