import { errorText } from '../../model/error.ts';
import type { Clock } from '../../port/clock.ts';
import type { Log } from '../../port/log.ts';
import type { RecordKind, Store } from '../../port/store.ts';
import { kindNamed } from '../kinds.ts';

type Listener = Parameters<Store['onChange']>[0];
type Due = ReadonlyMap<RecordKind, number>;
type HintsOptions = { readonly clock: Clock; readonly log: Log; readonly self: string; readonly publish: (message: string) => void };

/** Others hear of everything that happened within this time at once. */
const GATHER_MS = 4;

/** Tells listeners here at once, and other replicas soon: a hint only, so one that is lost costs time and nothing else. */
export class Hints {
  readonly #listeners = new Set<Listener>();
  readonly #options: HintsOptions;
  #gathered: Map<RecordKind, number> | undefined;

  constructor(options: HintsOptions) {
    this.#options = options;
  }

  listen(listener: Listener): () => void {
    const own: Listener = (due) => listener(due);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Something changed by our hand. */
  happened(due: Due): void {
    queueMicrotask(() => this.#tell(due));
    if (this.#gathered === undefined) {
      this.#gathered = new Map();
      this.#options.clock.after(GATHER_MS, () => this.#publish());
    }
    for (const [kind, dueMs] of due) this.#gathered.set(kind, Math.min(this.#gathered.get(kind) ?? dueMs, dueMs));
  }

  /** Something may have changed by any hand. */
  mayHaveHappened(): void {
    this.#tell(undefined);
  }

  /** What another replica published. */
  hear(message: string): void {
    const [self, ...words] = message.split(' ');
    if (self === this.#options.self) return;
    try {
      this.#tell(new Map(words.map((word) => [kindNamed(word.split('=')[0] ?? ''), Number(word.split('=')[1])])));
    } catch (error) {
      // A newer version may know more kinds: something changed, whatever it was.
      this.#options.log.debug('store.hint-unread', { reason: errorText(error) });
      this.#tell(undefined);
    }
  }

  end(): void {
    this.#listeners.clear();
  }

  #publish(): void {
    const due = [...(this.#gathered ?? [])].map(([kind, dueMs]) => `${kind}=${dueMs}`);
    this.#gathered = undefined;
    this.#options.publish([this.#options.self, ...due].join(' '));
  }

  #tell(due: Due | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(due);
      } catch (error) {
        // The commit is done; a listener cannot undo it, nor keep the others from hearing of it.
        this.#options.log.error('store.listener-failed', { reason: errorText(error) });
      }
    }
  }
}
