import { INBOX } from '../../port/store.ts';
import { partitionKey } from './keys.ts';
import type { Link } from './link.ts';
import { numberIn, optional, textsIn } from './reply.ts';

/**
 * Which partitions there are: a set beside the inbox. A partition is entered before its first record is written, so the set may name one that is
 * empty and never misses one that is not. After a failover it is entered anew, with the first write.
 */
export class Partitions {
  readonly #link: Link;
  readonly #prefix: string;
  readonly #key: string;
  #entered = new Set<string>();
  #known: readonly string[] = [];

  constructor(link: Link, prefix: string) {
    this.#link = link;
    this.#prefix = prefix;
    this.#key = `${partitionKey(prefix, INBOX)}:partitions`;
    link.client.on('close', () => this.#entered.clear());
    link.client.on('-node', () => this.#entered.clear());
  }

  async enter(partition: string): Promise<void> {
    if (this.#entered.has(partition)) return;
    await this.#link.ask('sadd', this.#key, partition);
    this.#entered.add(partition);
  }

  /** Those of the last look, for who begins before the next answers. */
  get known(): readonly string[] {
    return this.#known;
  }

  async all(): Promise<readonly string[]> {
    this.#known = textsIn(await this.#link.ask('smembers', this.#key)).toSorted();
    return this.#known;
  }

  /** Those that hold a record. */
  async filled(): Promise<readonly string[]> {
    const all = await this.all();
    const records = await Promise.all(all.map((partition) => this.#meta(partition, 'records')));
    return all.filter((_, at) => (records[at] ?? 0) > 0);
  }

  /** How often something was written, all partitions together. */
  async changes(): Promise<number> {
    const each = await Promise.all((await this.all()).map((partition) => this.#meta(partition, 'changes')));
    return each.reduce((sum, one) => sum + one, 0);
  }

  async #meta(partition: string, field: 'records' | 'changes'): Promise<number> {
    return optional(await this.#link.ask('hget', `${partitionKey(this.#prefix, partition)}:meta`, field), numberIn) ?? 0;
  }
}
