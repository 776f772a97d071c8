import type { Webhook } from '../../model/alert.ts';
import { SalvorError } from '../../model/error.ts';
import { INBOX } from '../../port/store.ts';
import { inboxFull } from '../inbox-full.ts';
import { inboxId } from '../inbox-id.ts';
import { indexedText } from './commit.ts';
import { keyOf, type OpenRedis, wokenIn } from './open-redis.ts';
import { listIn, textIn } from './reply.ts';
import { ACCEPT } from './script.ts';

type Waiting = {
  readonly id: string;
  readonly args: readonly (string | number)[];
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
};

/** A script holds up everybody for as long as it runs: larger bodies go by themselves. */
const LARGEST_TEXT = 64 * 1024;
const LARGEST_BATCH = 128;
/** A time, a random number, a counter: two processes can only meet by the same of all three. */
const BOOTS = 36 ** 4;

/** Group commit of webhooks: all that arrive in a tick go as one script, cut to about 64 KB. */
export class Intake {
  readonly #store: OpenRedis;
  readonly #boot: number;
  #number = 0;
  #lastMs = 0;
  #waiting: Waiting[] = [];
  #soon = false;

  /** `random` is in [0, 1); `boot` is for tests that compare ids. */
  constructor(store: OpenRedis, { random, boot }: { readonly random: () => number; readonly boot?: number | undefined }) {
    this.#store = store;
    this.#boot = boot ?? Math.floor(random() * BOOTS);
  }

  accept(webhook: Webhook): Promise<string> {
    const id = this.#nextId();
    const args = [id, webhook.alerts, indexedText(JSON.stringify({ sender: webhook.sender })), JSON.stringify(webhook)];
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, args, resolve, reject });
      if (this.#soon) return;
      this.#soon = true;
      setImmediate(() => this.#flush());
    });
  }

  #nextId(): string {
    // Time never goes back within one opening, so the ids keep the order of arrival.
    this.#lastMs = Math.max(this.#lastMs, this.#store.time.callerMs());
    this.#number += 1;
    return inboxId({ atMs: this.#lastMs, boot: this.#boot, number: this.#number });
  }

  #flush(): void {
    this.#soon = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const batch of batchesOf(waiting)) {
      this.#send(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
    }
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const store = this.#store;
    await store.partitions.enter(INBOX);
    const args = [store.time.forScript(), store.limits.inbox, batch.length, ...batch.flatMap((one) => one.args)];
    const reply = listIn(await store.intake.run(ACCEPT, [keyOf(store, INBOX), ...args], store.wait));
    const woken = wokenIn(store, reply.slice(batch.length));
    if (woken.size > 0) store.hints.happened(woken);
    for (const [at, { id, resolve, reject }] of batch.entries()) {
      const word = textIn(reply[at]);
      if (word === 'done') resolve(id);
      else if (word === 'full') reject(inboxFull(store.limits.inbox));
      else reject(new SalvorError('store.unavailable', 'Another webhook has the same id. Send it again.', { retry: 'later' }));
    }
  }
}

function batchesOf(waiting: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const batches: Waiting[][] = [];
  let length = 0;
  for (const one of waiting) {
    const size = one.args.reduce<number>((sum, arg) => sum + String(arg).length, 0);
    const batch = batches.at(-1);
    if (batch === undefined || batch.length >= LARGEST_BATCH || length + size > LARGEST_TEXT) {
      batches.push([one]);
      length = size;
    } else {
      batch.push(one);
      length += size;
    }
  }
  return batches;
}
