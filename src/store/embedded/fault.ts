import { type ErrorCode, errorText, type Retry, SalvorError } from '../../model/error.ts';

/** A fault as plain fields, so that it can cross from the worker to the main thread. */
export type Fault = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retry: Retry;
  readonly details?: SalvorError['details'];
  /** The storage can no longer be trusted: nothing is tried again on this connection. */
  readonly fatal: boolean;
  /** The storage itself refused: the transaction is lost, not only one call of it. */
  readonly storage: boolean;
};

// Primary result codes of SQLite (sqlite.org/rescode.html); the extended code's low byte.
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** What a thrown value means for the one who called. `file` is named in the sentences for people. */
export function faultOf(error: unknown, file: string): Fault {
  if (error instanceof SalvorError) {
    const { code, message, retry, details } = error;
    return { code, message, retry, details, fatal: code === 'store.damaged', storage: code === 'store.damaged' };
  }
  const result = sqliteCode(error);
  const because = errorText(error);
  switch (result === undefined ? undefined : result & 0xff) {
    case BUSY:
    case LOCKED:
      return locked(file);
    case FULL:
      return {
        code: 'store.full',
        message: `The disk under ${file} is full. Nothing was stored. Free space or grow the volume: the store goes on by itself.`,
        retry: 'later',
        fatal: false,
        storage: true,
      };
    case NOMEM:
      return { code: 'store.unavailable', message: `No memory for ${file}.`, retry: 'later', fatal: false, storage: true };
    case CANTOPEN:
      return {
        code: 'store.unavailable',
        message: `${file} cannot be opened (${because}). Check that the folder exists and belongs to this user.`,
        retry: 'never',
        fatal: true,
        storage: true,
      };
    case READONLY:
      return damaged(`${file} can no longer be written (${because}). The file or its disk became read-only, or the file was moved.`);
    // A sync that failed once may have dropped pages that a later sync reports as written: it is never tried again.
    case IOERR:
      return damaged(`The disk under ${file} failed (${because}, code ${result}). Check the disk, then start again; what was acknowledged is on it.`);
    case CORRUPT:
    case NOTADB:
      return damaged(
        `${file} is damaged (${because}). Salvor does not write to it any more. Stop Salvor, move the file and its -wal aside, and put the latest backup in its place.`,
      );
    default:
      return { code: 'internal', message: because, retry: 'never', fatal: false, storage: false };
  }
}

export function toError(fault: Fault): SalvorError {
  return new SalvorError(fault.code, fault.message, { retry: fault.retry, details: fault.details ?? {} });
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

function locked(file: string): Fault {
  const message = `Another Salvor has this store open (${file}). The embedded store belongs to one process: stop the other one, ask it over its URL, or use the redis store for several replicas.`;
  return { code: 'store.locked', message, retry: 'later', fatal: true, storage: true };
}

function damaged(message: string): Fault {
  return { code: 'store.damaged', message, retry: 'never', fatal: true, storage: true };
}
