import { SalvorError } from '../../model/error.ts';
import type { Answer, Call } from './message.ts';
import { nextBatch } from './next-batch.ts';

type Waiting = { readonly call: Call; readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void };

/**
 * Group commit: all calls that arrive in a tick, or while a batch is under way, go as one batch.
 * Waiting a fixed time instead would cost latency and gain nothing.
 */
export class BatchQueue {
  readonly #send: (calls: readonly Call[]) => Promise<readonly Answer[]>;
  #waiting: Waiting[] = [];
  #busy = false;
  #lastSender: string | undefined;
  /** Set by `drain`; called when nothing is under way any more. */
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(send: (calls: readonly Call[]) => Promise<readonly Answer[]>) {
    this.#send = send;
  }

  call(call: Call): Promise<Answer> {
    if (this.#drained !== undefined) return Promise.reject(new SalvorError('store.unavailable', 'The store is closed.'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      this.#start();
    });
  }

  /** Takes no more calls; resolves when all that were taken are answered. */
  drain(): Promise<void> {
    this.#drained ??= Promise.withResolvers();
    this.#start();
    return this.#drained.promise;
  }

  #start(): void {
    if (this.#busy) return;
    if (this.#waiting.length === 0) return this.#drained?.resolve();
    this.#busy = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const { batch, last } = nextBatch(this.#waiting, this.#lastSender);
    this.#lastSender = last;
    const taken = new Set(batch);
    this.#waiting = this.#waiting.filter((one) => !taken.has(one));
    try {
      const answers = await this.#send(batch.map(({ call }) => call));
      // The next batch is on its way before anybody works with the answers of this one: both threads have something to do.
      this.#next();
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error('the store answered fewer calls than it was asked'));
        else resolve(answer);
      }
    } catch (error) {
      this.#next();
      for (const { reject } of batch) reject(error);
    }
  }

  #next(): void {
    if (this.#waiting.length > 0) return void this.#flush();
    this.#busy = false;
    this.#start();
  }
}
