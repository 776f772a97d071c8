import type { IncidentState } from '../../../src/model/incident.ts';
import { isObject, type Json } from '../../../src/model/json.ts';
import type { Commit, RecordKind } from '../../../src/port/store.ts';

/** What becomes of a record of each kind in the stories: a kind that is not in here does not compile. */
const KINDS: { readonly [K in RecordKind]: readonly ('put' | 'delete')[] } = {
  inbox: ['delete'],
  episode: ['put'],
  incident: ['put'],
  run: ['put'],
  lock: ['put', 'delete'],
  lane: ['put'],
  slot: ['put'],
  pause: [],
  reply: ['put'],
  blob: ['put'],
  quarantine: [],
};

/** States that an incident can go to from each: a state that is not in here does not compile. */
const INCIDENT: { readonly [S in IncidentState]: readonly IncidentState[] } = { open: ['mitigated', 'closed'], mitigated: ['open', 'closed'], closed: [] };

/** Every boundary of what is not a run. */
export function derivedBoundaries(): readonly string[] {
  const records = Object.entries(KINDS).flatMap(([kind, does]) => does.map((one) => `${one} ${kind}`));
  const incidents = Object.entries(INCIDENT).flatMap(([from, states]) => states.map((to) => `incident ${from} --> ${to}`));
  return [...records, ...incidents];
}

/** Names what each commit of one story does to records and incidents. */
export function boundaryReader(): (commit: Commit) => readonly string[] {
  const incidents = new Map<string, string>();
  return ({ changes }) =>
    changes.flatMap((change) => {
      if (change.do === 'delete') return [`delete ${change.id.split('/')[0]}`];
      if (change.do !== 'put') return [];
      const state = change.kind === 'incident' ? stateOf(change.value) : undefined;
      const before = incidents.get(change.id);
      if (state !== undefined) incidents.set(change.id, state);
      const moved = state === undefined || before === undefined || before === state ? [] : [`incident ${before} --> ${state}`];
      return [`put ${change.kind}`, ...moved];
    });
}

function stateOf(value: Json): string | undefined {
  const state = isObject(value) ? value['state'] : undefined;
  return typeof state === 'string' ? state : undefined;
}
