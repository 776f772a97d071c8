import { newsIn } from '../../../src/pagerduty/news.ts';
import type { PagerNews } from '../../../src/port/pager.ts';
import type { SendWebhook } from '../../../src/world/pagerduty/webhooks.ts';
import type { Chance } from '../chance.ts';
import type { EventLoop } from '../loop.ts';
import type { Replica } from '../replica.ts';
import type { Weather } from '../weather.ts';

export type Hearing = { readonly replica: Replica; readonly weather: Weather; readonly heard: (news: PagerNews) => Promise<unknown> };

const SLOWEST_MS = 400;
const PATIENCE_MS = 5000;

/** Webhooks of PagerDuty on their way to any of the programs: late, twice, out of order, and again until one of them says that it has it. */
export function newsWay({
  loop,
  chance,
  hearing,
}: {
  readonly loop: EventLoop;
  readonly chance: Chance;
  readonly hearing: () => readonly Hearing[];
}): SendWebhook {
  return (_, { body }) =>
    new Promise((resolve) => {
      const news = newsIn(body);
      const there = hearing().filter(({ weather }) => !weather.isCut());
      const cancel = loop.after(PATIENCE_MS, 'a webhook of the pager is not answered', () => resolve('no answer'));
      const answered = (status: number): void => {
        loop.after(chance.next() * SLOWEST_MS, 'a webhook of the pager is answered', () => {
          cancel();
          resolve(status);
        });
      };
      if (there.length === 0) return;
      const copies = chance.yes(0.1) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        const { replica, weather, heard } = chance.pick(there);
        const isLost = weather.fate() === 'lost';
        const taken = (status: number): void => {
          if (!isLost && replica.isAlive()) answered(status);
        };
        loop.after(chance.next() * SLOWEST_MS, `${replica.name} hears the pager`, () =>
          replica.enter(() => {
            if (news === undefined) return taken(202);
            heard(news).then(
              () => taken(202),
              () => taken(503),
            );
          }),
        );
      }
    });
}
