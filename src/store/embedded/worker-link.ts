import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SalvorError } from '../../model/error.ts';
import type { Log } from '../../port/log.ts';
import type { StoreLimits } from '../limits.ts';
import { toError } from './fault.ts';
import type { FromWorker, Reply, Request, ToWorker } from './message.ts';

type Asked = { readonly resolve: (reply: Reply) => void; readonly reject: (error: SalvorError) => void };
type Options = { readonly file: string; readonly limits: StoreLimits; readonly log: Log; readonly onFatal: (error: SalvorError) => void };

/** The main thread's end of the worker: requests by number, and the one place that knows whether the store still lives. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #log: Log;
  readonly #onFatal: (error: SalvorError) => void;
  readonly #asked = new Map<number, Asked>();
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  #number = 0;
  #ended: SalvorError | undefined;
  #closing = false;

  private constructor({ file, limits, log, onFatal }: Options) {
    this.#log = log;
    this.#onFatal = onFatal;
    // The same file serves from a checkout (.ts) and compiled (.js).
    const extension = extname(new URL(import.meta.url).pathname);
    this.#worker = new Worker(new URL(`../embedded-worker${extension}`, import.meta.url), { workerData: { file, limits }, name: 'salvor-store' });
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error) =>
      this.fail(new SalvorError('store.unavailable', `The store's worker thread failed: ${error.message}`, { cause: error })),
    );
    this.#worker.on('exit', () => this.#left());
  }

  /** Starts the worker; rejects where it cannot open the file. */
  static async start(options: Options): Promise<WorkerLink> {
    const link = new WorkerLink(options);
    await link.#ready.promise;
    return link;
  }

  ask(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended);
      this.#number += 1;
      this.#asked.set(this.#number, { resolve, reject });
      const message: ToWorker = { number: this.#number, request };
      this.#worker.postMessage(message);
    });
  }

  /** After the answer no request is taken any more, and the thread is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#ended === undefined) this.#noteFailedClose(await this.ask({ kind: 'close' }));
    this.#ended ??= new SalvorError('store.unavailable', 'The store is closed.');
    await this.#worker.terminate();
  }

  /** What was acknowledged is in the log of the file; the next opening finds it there. */
  #noteFailedClose(reply: Reply): void {
    if (reply.kind === 'fault') this.#log.warn('store.close-failed', { code: reply.fault.code, reason: reply.fault.message });
  }

  /** Ends the store for good: what waits and what comes later is refused with this fault. */
  fail(error: SalvorError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#ready.reject(error);
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
    this.#log.error('store.failed', { code: error.code, reason: error.message });
    this.#onFatal(error);
  }

  #hear(message: FromWorker): void {
    switch (message.is) {
      case 'ready':
        return this.#ready.resolve();
      case 'refused':
        this.#ended = toError(message.fault);
        return this.#ready.reject(this.#ended);
      case 'log':
        return this.#log[message.level](message.name, message.facts);
      case 'broken':
        return this.fail(toError(message.fault));
      case 'reply': {
        const asked = this.#asked.get(message.number);
        this.#asked.delete(message.number);
        return asked?.resolve(message.reply);
      }
    }
  }

  #left(): void {
    if (this.#closing && this.#asked.size === 0) return;
    this.fail(new SalvorError('store.unavailable', 'The worker thread of the store ended unexpectedly.'));
  }
}
