import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { errorText } from '../../model/error.ts';
import type { Json } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { SimulatedWorld } from '../world.ts';
import { respondJson } from './respond.ts';
import type { Incoming } from './route.ts';

const Pass = z.strictObject({ passMs: z.number().min(0) });

/** A clock that can be told to pass. */
type Passing = Clock & { pass(durationMs: number): Promise<void> };

function canPass(clock: Clock): clock is Passing {
  return 'pass' in clock && typeof clock.pass === 'function';
}

/**
 * The world's own switches under `/world`: `POST apply` a scenario, `GET writes`, `GET people`, `POST clock {passMs}`.
 * No part of Kubernetes; for demos and for tests in other languages.
 */
export async function control(world: SimulatedWorld, response: ServerResponse, { method, path, query, body }: Incoming): Promise<void> {
  const refuse = (code: number, error: string): void => respondJson(response, { error }, code);
  try {
    switch (`${method} ${path}`) {
      case 'POST /world/apply':
        world.apply(JSON.parse(body));
        return respondJson(response, { applied: true });
      case 'GET /world/writes': {
        const names = query.get('cluster') === null ? world.names() : [query.get('cluster') ?? ''];
        const writes = names.flatMap((name) =>
          world
            .cluster(name)
            .record()
            .writes.map((write): Json => ({ cluster: name, ...write })),
        );
        return respondJson(response, { writes: world.writes(), record: writes, probes: names.flatMap((name) => world.cluster(name).probes()) });
      }
      case 'GET /world/people': {
        const posted: Json = JSON.parse(JSON.stringify({ messages: world.chat.messages(), pages: world.pager.pages() }));
        return respondJson(response, posted);
      }
      case 'GET /world/clock':
        return respondJson(response, { nowMs: world.clock.nowMs(), canPass: canPass(world.clock) });
      case 'POST /world/clock': {
        const { passMs } = Pass.parse(JSON.parse(body));
        if (!canPass(world.clock)) return refuse(409, 'this world has a clock that runs by itself');
        await world.clock.pass(passMs);
        return respondJson(response, { nowMs: world.clock.nowMs() });
      }
      default:
        return refuse(404, 'no such switch');
    }
  } catch (error) {
    return refuse(400, errorText(error));
  }
}
