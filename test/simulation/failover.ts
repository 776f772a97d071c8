import { INBOX } from '../../src/port/store.ts';
import { keyOf, type OracleState } from '../../src/store/oracle/state.ts';
import type { Happening } from './script.ts';
import { CLUSTERS } from './site.ts';
import type { Site } from './stage.ts';

/** What a partition held at one moment. Values are never changed, only replaced. */
type Copy = { readonly [M in 'records' | 'mail' | 'entries' | 'counts']: readonly (readonly [string, unknown])[] };

/**
 * Redis fails over: the replica that takes over has not received the last commits, of each partition the last so many, and what it has is a beginning of
 * what was acknowledged. Then nobody reaches the new primary for a while.
 */
export function failover(site: Site, { lostMs, awayMs }: Extract<Happening, { kind: 'failover' }>, wentBack: (partition: string) => void): void {
  const { loop, state, chance } = site;
  const copies = new Map<string, Copy>();
  for (const partition of [INBOX, ...CLUSTERS])
    loop.after(chance.next() * lostMs, 'a replica falls behind', () => void copies.set(partition, copyOf(state, partition)));
  loop.after(lostMs, 'the store fails over', () => {
    for (const [partition, copy] of copies) {
      goBack(state, partition, copy);
      wentBack(partition);
    }
    for (const of of site.programs) site.weather(of, 'store').come({ gives: 'refused', share: 1, lasts: awayMs, chance: chance.fork(`${loop.nowMs()}`) });
  });
}

function copyOf({ records, mail, entries, counts }: OracleState, partition: string): Copy {
  const prefix = keyOf(partition, '');
  const of = <V>(map: ReadonlyMap<string, V>): readonly (readonly [string, V])[] => [...map].filter(([key]) => key.startsWith(prefix));
  return { records: of(records), mail: of(mail), entries: of(entries), counts: of(counts) };
}

function goBack(state: OracleState, partition: string, copy: Copy): void {
  const prefix = keyOf(partition, '');
  for (const name of ['records', 'mail', 'entries', 'counts'] as const) {
    const map: Map<string, unknown> = state[name];
    for (const key of map.keys()) if (key.startsWith(prefix)) map.delete(key);
    for (const [key, value] of copy[name]) map.set(key, value);
  }
}
