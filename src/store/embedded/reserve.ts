import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A file of zeros beside the database. On a full disk even a delete needs room for the log: giving this file up makes that room.
 * It is made again as soon as twice its size is free.
 */
export class Reserve {
  readonly #file: string;
  readonly #sizeBytes: number;

  constructor(file: string, sizeBytes: number) {
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  giveUp(): void {
    rmSync(this.#file, { force: true });
  }

  /** Makes the file where there is room for it; answers whether it is there. */
  restore(): boolean {
    // A crash may have left a part of it.
    if (this.#isWhole()) return true;
    if (freeBytes(dirname(this.#file)) < 2 * this.#sizeBytes) return false;
    try {
      this.#write();
      return true;
    } catch (error) {
      // A quota can refuse what the free space promised; the next try comes later.
      this.giveUp();
      if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return false;
      throw error;
    }
  }

  #isWhole(): boolean {
    return (statSync(this.#file, { throwIfNoEntry: false })?.size ?? -1) >= this.#sizeBytes;
  }

  #write(): void {
    const block = Buffer.alloc(256 * 1024);
    const target = openSync(this.#file, 'w', 0o600);
    try {
      for (let written = 0; written < this.#sizeBytes; ) written += writeSync(target, block, 0, Math.min(block.length, this.#sizeBytes - written));
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
  }
}

/** Space on the disk of a folder that this user may take. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
