import { SalvorError } from '../model/error.ts';
import type { RecordKind } from '../port/store.ts';

// A record in place of a list: a new kind does not compile until it is named here.
const kinds: { readonly [K in RecordKind]: K } = {
  inbox: 'inbox',
  episode: 'episode',
  incident: 'incident',
  run: 'run',
  lock: 'lock',
  lane: 'lane',
  slot: 'slot',
  pause: 'pause',
  reply: 'reply',
  blob: 'blob',
  quarantine: 'quarantine',
};
const kindByName = new Map<string, RecordKind>(Object.entries(kinds));

/** Every kind of record. */
export const KINDS: readonly RecordKind[] = Object.values(kinds);

/** The kind that is stored under this name. Throws `store.damaged` where there is none. */
export function kindNamed(name: string): RecordKind {
  const kind = kindByName.get(name);
  if (kind === undefined) throw new SalvorError('store.damaged', `The store holds a record of the unknown kind "${name}".`);
  return kind;
}
