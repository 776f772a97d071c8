import type { ChainHead } from './entry.ts';
import type { Severity } from './policy.ts';

export type IncidentState = 'open' | 'mitigated' | 'closed';

/** One ladder being walked for one cause. */
export type Climb = {
  readonly key: string;
  readonly ladder: string;
  readonly reason: string;
  readonly sinceMs: number;
  readonly walked: number;
  /** So many rungs are due whatever the time: a page of the one below called nobody. */
  readonly ahead?: number;
  readonly stoppedMs?: number;
  /** Somebody answered, and the cause is still there. */
  readonly answered?: boolean;
};

/** A ladder of this beginning has one rung and is configured nowhere: it calls whoever is named behind the colon. */
export const ONE_RUNG = 'page:';

/** Who is called by a ladder, in words. */
export function callWords(ladder: string): string {
  return ladder.startsWith(ONE_RUNG) ? `Calling ${ladder.slice(ONE_RUNG.length)}` : `Calling people by ladder "${ladder}"`;
}

/** A proposal that was shown to people: the line of the timeline that it is, and what was decided about it so far. */
export type Proposal = {
  readonly run: string;
  /** The number of its line. */
  readonly n: number;
  readonly digest: string;
  readonly votes: readonly { readonly by: string; readonly surface: string; readonly atMs: number }[];
  /** What is missing to a yes, in words. */
  readonly missing?: string;
  /** Where it changed since it was shown. */
  readonly expiresMs?: number;
  /** Who keeps it from starting, why, and since when. */
  readonly held?: { readonly by: string; readonly reason: string; readonly atMs?: number };
  /** Who may vote by now, too: for whoever looks at the card. */
  readonly also?: readonly string[];
  /** Nobody can decide about it any more. */
  readonly over?: { readonly how: 'approved' | 'rejected' | 'expired' | 'replaced' | 'void' | 'ended'; readonly text: string; readonly atMs: number };
};

/** The channel that an incident has for itself, as far as it is known here. */
export type IncidentChannel = {
  /** What it is to be called; the one that there is may carry a number behind it. */
  readonly wanted: string;
  /** `lost`: people archived it, took us out or opened it to others; `none`: it could not be made. Both: the one place for all is the place. */
  readonly state: 'wanted' | 'open' | 'lost' | 'none' | 'archived';
  /** As the chat calls it, and as people do. */
  readonly id?: string;
  readonly name?: string;
  /** What was last asked of it, as a digest. */
  readonly asked?: string;
};

/** What people coordinate about. Its journal is the timeline. */
export type Incident = {
  readonly id: string;
  /** Playbook and correlate values, or `unrouted/<cluster>/<alertname>`. */
  readonly key: string;
  readonly ordinal: number;
  readonly cluster: string;
  readonly playbook?: string;
  readonly title: string;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly lead?: string;
  /** Who speaks for it to others. */
  readonly communications?: string;
  /** What others were told last. */
  readonly update?: { readonly text: string; readonly by: string; readonly atMs: number };
  readonly openedMs: number;
  readonly mitigatedMs?: number;
  readonly closedMs?: number;
  readonly closedBecause?: string;
  /** Open runs and firing episodes by id, so that closing needs no look elsewhere. */
  readonly openRuns: readonly string[];
  readonly firing: readonly string[];
  /** Every run that belonged to it, oldest first, at most 1,000. */
  readonly runs: readonly string[];
  /** Runs that ended without having helped: while there is one, the incident is not mitigated. */
  readonly unwell?: readonly string[];
  readonly climbs: readonly Climb[];
  /** The newest proposal of each open run, where one was shown. */
  readonly proposals?: readonly Proposal[];
  /** When the newest of what the pager told about its acknowledgement happened there: older news of it count no more. */
  readonly pagerMs?: number;
  /** Episodes that fired during the cooldown and start the next ordinal if they still fire then. */
  readonly parked: readonly { readonly episode: string; readonly untilMs: number }[];
  readonly channel?: IncidentChannel;
  readonly chain: ChainHead;
};

export const INCIDENT_VERSION = 1;
