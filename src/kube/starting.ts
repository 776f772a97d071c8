import { SalvorError } from '../model/error.ts';
import { type Clock, systemClock } from '../port/clock.ts';

/**
 * Whether a refusal by roles of a server that is not ready is meant. One that has just started refuses everybody, and says itself that it is not ready
 * where it may be asked; but some servers never let that be asked. So it is doubted for a while, and then believed.
 */
export type Doubt = {
  /** The fault to throw for such a refusal: to be tried again, and after a while the refusal itself. */
  about(refused: SalvorError): SalvorError;
  /** The server is ready, or it went away: the next refusal is doubted anew. */
  end(): void;
};

/** Much longer than a large cluster's server takes to read its roles. */
const LONGEST_MS = 60_000;

export function startingDoubt(cluster: string, clock: Pick<Clock, 'monotonicMs'> = systemClock): Doubt {
  let sinceMs: number | undefined;
  return {
    about(refused) {
      const nowMs = clock.monotonicMs();
      sinceMs ??= nowMs;
      if (nowMs - sinceMs > LONGEST_MS) return refused;
      return new SalvorError('kube.unavailable', `${cluster}: is not ready yet, and refuses: ${refused.message.replace(`${cluster}: `, '')}`, {
        retry: 'later',
        cause: refused,
      });
    },
    end() {
      sinceMs = undefined;
    },
  };
}
