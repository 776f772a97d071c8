import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, SalvorError } from '../../model/error.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Copies the store while work goes on: to a file beside the target first, so that what has the target's name is always whole.
 * Never into the store's own folder: a copy under the name of the live file would take its place under our feet. Never over anything but an older copy.
 */
export async function backupTo(sqlite: Sqlite, { file, storeFile }: { readonly file: string; readonly storeFile: string }): Promise<number> {
  return wholeFile(file, async (partial) => {
    if (realpathSync(dirname(file)) === realpathSync(dirname(storeFile))) throw insideTheStore(file);
    await sqlite.backup(partial);
  });
}

/** Makes a copy beside its place, and puts it there once it is whole: for its owner alone, and after a power cut still. Answers its size. */
export async function wholeFile(file: string, make: (partial: string) => Promise<void>): Promise<number> {
  const partial = `${file}.partial`;
  try {
    if (existsSync(file) && !isDatabase(file)) throw somethingElse(file);
    rmSync(partial, { force: true });
    await make(partial);
    chmodSync(partial, 0o600);
    renameSync(partial, file);
    syncFolder(dirname(file));
    return statSync(file).size;
  } catch (error) {
    rmSync(partial, { force: true });
    if (error instanceof SalvorError) throw error;
    const words = `The backup to ${file} could not be written (${errorText(error)}). The store itself goes on.`;
    throw new SalvorError('store.unavailable', words, { retry: 'later', cause: error });
  }
}

function insideTheStore(file: string): SalvorError {
  return new SalvorError(
    'request.invalid',
    `A backup cannot lie in the store's own folder (${file}): it would be lost together with the store. Choose another folder.`,
  );
}

/** The first bytes of every SQLite file (sqlite.org/fileformat.html). */
const MAGIC = Buffer.from('SQLite format 3\0');

/** An empty file is one to SQLite, too. */
function isDatabase(file: string): boolean {
  const opened = openSync(file, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    const sizeBytes = readSync(opened, head);
    return sizeBytes === 0 || head.equals(MAGIC);
  } finally {
    closeSync(opened);
  }
}

function somethingElse(file: string): SalvorError {
  return new SalvorError('request.invalid', `${file} is there and is no copy of a store: it is not written over. Choose another name.`);
}

/** After this the new name survives a power cut. */
function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
