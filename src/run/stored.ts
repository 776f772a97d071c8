import { SalvorError } from '../model/error.ts';
import { isList, isObject, type Json, type JsonObject } from '../model/json.ts';
import { END_STATES, OPEN_STATES, RUN_VERSION, type Run } from '../model/run.ts';
import type { StoredRecord } from '../port/store.ts';

/**
 * What turns a run of format n into one of format n + 1, by n. An open run of an older Salvor goes on under a newer one; the list only grows.
 */
const UPGRADES: ReadonlyMap<number, (value: JsonObject) => JsonObject> = new Map();

/** The run in a record, in today's format. Throws `store.damaged` for one that a newer Salvor wrote: an older one must not touch it. */
export function readRun({ id, version, value }: Pick<StoredRecord, 'id' | 'version' | 'value'>): Run {
  if (version > RUN_VERSION)
    throw new SalvorError('store.damaged', `${id} was written by a newer Salvor (format ${version}, this one knows ${RUN_VERSION}): run that version again`);
  if (!isRun(value)) throw new SalvorError('store.damaged', `${id} holds no run: another hand wrote it`);
  let upgraded: JsonObject = value;
  for (let from = version; from < RUN_VERSION; from += 1) {
    const upgrade = UPGRADES.get(from);
    if (upgrade === undefined) throw new SalvorError('store.damaged', `${id} is of format ${from}, which this Salvor cannot read any more`);
    upgraded = upgrade(upgraded);
  }
  // Only the engine writes records of this kind, and it writes this type.
  return upgraded as unknown as Run;
}

/** The runs in records, without those that hold none: what another hand put there hides nobody else's run. The audit names it. */
export function readRuns(records: readonly StoredRecord[]): readonly Run[] {
  return records.filter(({ value }) => isRun(value)).map(readRun);
}

const STATES: ReadonlySet<Json | undefined> = new Set([...OPEN_STATES, ...END_STATES]);
const TEXTS = ['id', 'playbook', 'playbookDigest', 'cluster', 'target', 'incident'] as const;
const LISTS = ['steps', 'openIntents', 'lockKeys'] as const;

/** Whether a value has what every format of a run ever had. */
function isRun(value: Json): value is JsonObject {
  if (!isObject(value)) return false;
  const { chain, start, state } = value;
  return (
    TEXTS.every((name) => typeof value[name] === 'string') &&
    LISTS.every((name) => isList(value[name])) &&
    STATES.has(state) &&
    isObject(start) &&
    isObject(chain) &&
    typeof chain['n'] === 'number' &&
    typeof chain['hash'] === 'string'
  );
}
