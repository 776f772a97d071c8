/** Bounds of a store; the defaults fit one small pod. */
export type StoreLimits = {
  /** Pending webhooks; above it `accept` refuses with `store.full`. */
  readonly inbox: number;
  /** Size of the write-ahead log above which a checkpoint no longer waits for an idle moment. */
  readonly walBytes: number;
  /** Size of the file that is given up when the disk is full, so that deletes and checkpoints still work. */
  readonly reserveBytes: number;
  /** Pages of 4 KiB that the database may have: a small disk, for tests. */
  readonly pages?: number;
};

export const defaultLimits: StoreLimits = { inbox: 50_000, walBytes: 64 * 1024 * 1024, reserveBytes: 8 * 1024 * 1024 };
