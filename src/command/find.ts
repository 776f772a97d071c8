import { SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import { listAll } from '../port/list-all.ts';
import type { Store, StoredRecord } from '../port/store.ts';

/** How many records a short name is looked for among, newest first. */
const MOST = 5000;
const SHORTEST = 8;

/**
 * The run or incident with this id, or with this beginning of at least 8 characters. Ids of one target differ only in the number behind the dash, so
 * among several that begin alike the only open one is meant; else the answer names them.
 */
export async function findRecord(store: Store, kind: 'run' | 'incident', given: string): Promise<StoredRecord> {
  const id = `${kind}/${shortId(given)}`;
  for (const partition of await store.partitions()) {
    const record = await store.get(partition, id);
    if (record?.kind === kind) return record;
  }
  if (shortId(given).length < SHORTEST)
    throw new SalvorError('request.not-found', `There is no ${kind} "${given.slice(0, 80)}"; a short name has at least ${SHORTEST} characters`);
  const alike = (await listAll(store, { kind, newestFirst: true }, MOST)).filter((record) => record.id.startsWith(id));
  const open = alike.filter((record) => record.indexed['open'] === 'yes' || (kind === 'incident' && record.indexed['state'] !== 'closed'));
  const [only, ...others] = open.length === 1 ? open : alike;
  if (only === undefined) throw new SalvorError('request.not-found', `There is no ${kind} "${given.slice(0, 80)}"`);
  if (others.length === 0) return only;
  const names = [only, ...others].slice(0, 8).map((record) => shortId(record.id));
  const more = others.length >= 8 ? ` and ${others.length - 7} more` : '';
  throw new SalvorError('request.conflict', `"${given}" is the beginning of several: ${names.join(', ')}${more}`);
}

/** The digest that is meant: the whole one, or its first 8 characters or more. Undefined: another one is meant. */
export function matchDigest(given: string, digest: string): boolean {
  if (given.length < SHORTEST) throw new SalvorError('request.invalid', `"${given}" is too short for a digest: at least its first ${SHORTEST} characters`);
  return digest.startsWith(given.toLowerCase());
}
