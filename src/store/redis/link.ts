import { Cluster, type Redis } from 'ioredis';
import { SalvorError } from '../../model/error.ts';
import { type Clock, sleep } from '../../port/clock.ts';
import type { Log } from '../../port/log.ts';
import type { Client } from './connect.ts';
import { type Fault, faultOf, isUnknownScript } from './fault.ts';
import { type Reply, toReply } from './reply.ts';
import type { Script } from './script.ts';

/** How many replicas must have a write before it counts as stored, and how long that may take. */
export type Wait = { readonly replicas: number; readonly timeoutMs: number };

type LinkOptions = { readonly client: Client; readonly clock: Clock; readonly log: Log; readonly where: string };

/** How long a call is tried again before it is refused; well under a lease, so that a holder still knows whether it holds. */
const PATIENCE_MS = 3500;
const CONNECT_MS = 10_000;
const AGAIN_MS = 100;
const WORTH_SAYING_MS = 1000;

/**
 * One connection, and what is done when it fails. A call is repeated for a few seconds, as a failover or a cut connection takes; every script
 * that writes recognizes its own repeat, so a lost answer is never a second effect. Where Redis is away for longer, calls are refused at once.
 */
export class Link {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #where: string;
  /** Since when which partition gets no answer, and whether that was said: in a cluster one may be away while the others are there. */
  readonly #down = new Map<string, { readonly sinceMs: number; said: boolean }>();
  #lastError: unknown;
  #closed = false;

  constructor({ client, clock, log, where }: LinkOptions) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#where = where;
    // Calls say what failed; a connection that fails while nobody calls is no news. Why it fails, only the connection knows.
    for (const event of ['error', 'node error']) client.on(event, (error: unknown) => void (this.#lastError = error));
    client.on('ready', () => void (this.#lastError = undefined));
  }

  get client(): Client {
    return this.#client;
  }

  /** Connects, and waits until commands are taken. Throws `store.unavailable` with the first refusal that waiting cannot mend. */
  async connect(): Promise<void> {
    const endMs = this.#clock.monotonicMs() + CONNECT_MS;
    let last: unknown;
    const hear = (error: unknown): void => void (last = error);
    this.#client.on('error', hear);
    try {
      await this.#client.connect().catch(hear);
      while (this.#client.status !== 'ready') {
        const fault = last === undefined ? undefined : faultOf(rootOf(last), this.#where);
        if (fault?.again === false) throw fault.error;
        if (this.#clock.monotonicMs() > endMs) throw fault?.error ?? faultOf(new Error('timeout'), this.#where).error;
        if (this.#client.status === 'end') await this.#client.connect().catch(hear);
        await sleep(this.#clock, 50);
      }
    } catch (error) {
      this.#client.disconnect();
      throw error;
    } finally {
      this.#client.off('error', hear);
    }
    this.#client.on('end', () => void this.#connectAgain());
  }

  /** ioredis gives a connection up that is told to leave while it still asks the sentinels for the primary: then nobody but us makes it again. */
  async #connectAgain(): Promise<void> {
    await sleep(this.#clock, AGAIN_MS);
    if (!this.#closed) await this.#client.connect().catch(() => undefined);
  }

  /** Runs a script: its key first, then its arguments. Its changes are on so many replicas when it answers. */
  async run(script: Script, args: readonly [key: string, ...args: (string | number)[]], wait?: Wait): Promise<Reply> {
    return this.#patiently(args[0], async () => {
      if (wait !== undefined && wait.replicas > 0) return this.#runAndWait(script, args, wait);
      try {
        return toReply(await this.#client.evalsha(script.sha, 1, ...args));
      } catch (error) {
        if (!isUnknownScript(error)) throw error;
        return toReply(await this.#client.eval(script.text, 1, ...args));
      }
    });
  }

  /** One command that may be repeated freely. */
  async ask(command: string, key: string, ...args: readonly (string | number)[]): Promise<Reply> {
    return this.#patiently(key, async () => toReply(await this.#client.call(command, key, ...args)));
  }

  /** Hears what is published, also after the connection was lost and made again. */
  async subscribe(channel: string, hear: (message: string) => void): Promise<void> {
    this.#client.on('message', (_channel: string, message: string) => hear(message));
    try {
      await this.#client.subscribe(channel);
    } catch (error) {
      throw this.#faultOf(error).error;
    }
  }

  /** Tells whoever listens; nobody counts on it, so a failure is nothing. */
  publish(channel: string, message: string): void {
    this.#client.publish(channel, message).catch(() => undefined);
  }

  /** The keys of a pattern, on whatever server they lie; those that are there all the time are told at least once. */
  async *scan(pattern: string, count: number): AsyncGenerator<readonly string[]> {
    for (const server of this.#servers()) {
      let cursor = '0';
      do {
        const [next, keys] = await this.#patiently(pattern, () => server.scan(cursor, 'MATCH', pattern, 'COUNT', count));
        yield keys;
        cursor = next;
      } while (cursor !== '0');
    }
  }

  /** How many connections hear what is published on a channel. */
  async listeners(channel: string): Promise<number> {
    const each = await Promise.all(this.#servers().map((server) => this.#patiently(channel, () => server.pubsub('NUMSUB', channel))));
    return each.reduce((sum, [, count]) => sum + Number(count ?? 0), 0);
  }

  #servers(): readonly Redis[] {
    return this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#client.disconnect();
  }

  /** Both on one connection: WAIT speaks of the writes of its own. */
  async #runAndWait(script: Script, args: readonly (string | number)[], { replicas, timeoutMs }: Wait): Promise<Reply> {
    const send = async (command: 'evalsha' | 'eval', name: string): Promise<readonly [Error | null, unknown][]> =>
      (await this.#client
        .pipeline()
        .call(command, name, 1, ...args)
        .call('wait', replicas, timeoutMs)
        .exec()) ?? [];
    let [ran, waited] = await send('evalsha', script.sha);
    if (ran !== undefined && isUnknownScript(ran[0])) [ran, waited] = await send('eval', script.text);
    if (ran === undefined || waited === undefined) throw new Error('no answer');
    for (const [error] of [ran, waited]) if (error !== null) throw error;
    const have = Number(waited[1]);
    if (have >= replicas) return toReply(ran[1]);
    const words = `Redis stored it, and only ${have} of ${replicas} replicas have it within ${timeoutMs} ms (store.wait). It counts as not stored until they have. (${this.#where})`;
    throw new SalvorError('store.unavailable', words, { retry: 'now' });
  }

  async #patiently<T>(key: string, attempt: () => Promise<T>): Promise<T> {
    const about = this.#client instanceof Cluster ? (/^[^}]*\}/.exec(key)?.[0] ?? key) : this.#where;
    const startMs = this.#clock.monotonicMs();
    for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 250)) {
      if (this.#closed) throw closed();
      try {
        const reply = await attempt();
        this.#isUp(about);
        return reply;
      } catch (thrown) {
        if (this.#closed) throw closed();
        const { error, again, leave } = this.#faultOf(thrown);
        if (!again) throw error;
        this.#seekAnother(leave);
        const sinceMs = this.#isDown(about, startMs, error);
        if (this.#clock.monotonicMs() + pauseMs > sinceMs + PATIENCE_MS) throw asLater(error);
      }
      await sleep(this.#clock, pauseMs);
    }
  }

  /** A call over a connection that is not there fails with that and no more: the reason is what the connection met. */
  #faultOf(thrown: unknown): Fault {
    const isBare = !(thrown instanceof SalvorError) && this.#client.status !== 'ready' && this.#lastError !== undefined;
    return faultOf(isBare ? rootOf(this.#lastError) : thrown, this.#where);
  }

  #isUp(about: string): void {
    const down = this.#down.get(about);
    this.#down.delete(about);
    if (down?.said === true) this.#log.info('store.answers-again', { where: about, awayMs: Math.round(this.#clock.monotonicMs() - down.sinceMs) });
  }

  /** Since when it is down; what is over within a second is not worth a line. */
  #isDown(about: string, startMs: number, { message }: SalvorError): number {
    const down = this.#down.get(about) ?? { sinceMs: startMs, said: false };
    this.#down.set(about, down);
    if (!down.said && this.#clock.monotonicMs() - down.sinceMs > WORTH_SAYING_MS) {
      down.said = true;
      this.#log.warn('store.no-answer', { where: about, reason: message });
    }
    return Math.min(down.sinceMs, startMs);
  }

  /** Looks where the primary is now. */
  #seekAnother(leave: boolean): void {
    if (this.#client instanceof Cluster) this.#client.refreshSlotsCache(() => {});
    else if (leave) this.#client.disconnect(true);
  }
}

function closed(): SalvorError {
  return new SalvorError('store.unavailable', 'The store is closed.');
}

/** What a call was tried again for is over: the caller comes back later, and its op id is known then. */
function asLater(error: SalvorError): SalvorError {
  return error.retry === 'later' ? error : new SalvorError(error.code, error.message, { retry: 'later', cause: error });
}

/** A cluster that no node answers for says so with the last node's reason inside. */
function rootOf(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
}
