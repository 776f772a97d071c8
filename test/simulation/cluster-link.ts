import type { Cluster } from '../../src/port/kube.ts';
import { worldCluster } from '../../src/world/access.ts';
import type { SimulatedCluster } from '../../src/world/cluster.ts';
import type { Served } from '../../src/world/serve.ts';
import { unavailable } from '../../src/world/status.ts';
import { call, type Link } from './link.ts';

/** A simulated cluster as one program reaches it: each request is a call of its own, and its user agent is the life of the program that sent it. */
export function linkedCluster(link: Link, sim: SimulatedCluster): Cluster {
  const { loop, replica, chance, slowestMs, weather } = link;
  const reached: SimulatedCluster = {
    ...sim,
    api: {
      serve: (request) =>
        call<Served>(link, {
          what: `${sim.name}.${request.verb} ${request.kind.kind}/${request.name ?? ''}`,
          run: () => sim.api.serve(request),
          // A gateway that is there and knows that nothing was done, or nobody at all.
          refused: () => (chance.yes(0.5) ? { kind: 'answer', answer: unavailable() } : { kind: 'reset' }),
          lost: () => (chance.yes(0.8) ? { kind: 'reset' } : { kind: 'silence' }),
        }),
      async watch(request, { event, end }) {
        if (weather.isCut()) return { kind: 'reset' };
        let dueMs = 0;
        // In order, as a connection delivers; who is cut off hears its end.
        const later = (what: string, run: () => void): void => {
          dueMs = Math.max(dueMs, loop.nowMs() + chance.next() * slowestMs);
          loop.after(dueMs - loop.nowMs(), `${replica.name} ${what}`, () => replica.enter(run));
        };
        const opened = await sim.api.watch(request, {
          event: (one) => {
            if (weather.isCut()) later('watch cut', end);
            else later('watch event', () => event(one));
          },
          end: () => later('watch end', end),
        });
        return opened;
      },
    },
  };
  return worldCluster(reached, { userAgent: replica.name, clock: replica.clock });
}
