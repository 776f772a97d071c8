import { errorText } from '../../model/error.ts';
import type { Clock } from '../../port/clock.ts';
import type { Log } from '../../port/log.ts';
import type { Hints } from './hints.ts';
import type { Partitions } from './partitions.ts';

type PollOptions = { readonly partitions: Partitions; readonly hints: Hints; readonly clock: Clock; readonly log: Log };

/** Published hints can be lost; what another replica wrote is noticed this late at the latest. */
const EVERY_MS = 500;

/** Asks now and then how much was written, and tells when that grew: one small number per partition in place of a look at what is due. */
export class Poll {
  readonly #options: PollOptions;
  /** Absent before the first look; behind a look that failed, nothing is what it was. */
  #seen: number | undefined;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(options: PollOptions) {
    this.#options = options;
    this.#later();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #later(): void {
    if (!this.#stopped) this.#cancel = this.#options.clock.after(EVERY_MS, () => void this.#look().then(() => this.#later()));
  }

  async #look(): Promise<void> {
    const { partitions, hints, log } = this.#options;
    try {
      const changes = await partitions.changes();
      if (this.#seen !== undefined && changes !== this.#seen) hints.mayHaveHappened();
      this.#seen = changes;
    } catch (error) {
      // Whoever works with the store says so louder.
      log.debug('store.poll-failed', { reason: errorText(error) });
      this.#seen = Number.NaN;
    }
  }
}
