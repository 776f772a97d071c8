import { SalvorError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import { isObject } from '../model/json.ts';
import { RUN_VERSION, type Run } from '../model/run.ts';
import type { StoredRecord } from '../port/store.ts';

/**
 * What turns a run of format n into one of format n + 1, by n. An open run of an older Salvor goes on under a newer one; the list only grows.
 */
const UPGRADES: ReadonlyMap<number, (value: JsonObject) => JsonObject> = new Map();

/** The run in a record, in today's format. Throws `store.damaged` for one that a newer Salvor wrote: an older one must not touch it. */
export function readRun({ id, version, value }: Pick<StoredRecord, 'id' | 'version' | 'value'>): Run {
  if (version > RUN_VERSION)
    throw new SalvorError('store.damaged', `${id} was written by a newer Salvor (format ${version}, this one knows ${RUN_VERSION}): run that version again`);
  if (!isObject(value)) throw new SalvorError('store.damaged', `${id} holds no run`);
  let upgraded = value;
  for (let from = version; from < RUN_VERSION; from += 1) {
    const upgrade = UPGRADES.get(from);
    if (upgrade === undefined) throw new SalvorError('store.damaged', `${id} is of format ${from}, which this Salvor cannot read any more`);
    upgraded = upgrade(upgraded);
  }
  // Only the engine writes records of this kind, and it writes this type.
  return upgraded as unknown as Run;
}
