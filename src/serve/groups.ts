import { groupTeams, type Members } from '../approval/group.ts';
import type { Config } from '../config.ts';
import { errorCode, errorText } from '../model/error.ts';
import { sourceOfTeam } from '../model/team.ts';
import { onCallOf } from '../pagerduty/on-call.ts';
import type { Rest } from '../pagerduty/rest.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { SlackClient } from '../slack/client.ts';
import { askSelf } from '../slack/self.ts';
import { type GroupSaid, userGroups } from '../slack/user-group.ts';

type Deps = {
  readonly config: () => Pick<Config, 'policy' | 'slack' | 'pagerduty'>;
  /** Undefined where it is not configured. */
  readonly slack: () => Pick<SlackClient, 'call'> | undefined;
  readonly pagerduty: () => Rest | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody is in a group, or in none, who was not before. */
  readonly changed: () => Promise<void>;
};

export type ConnectedGroups = {
  readonly known: () => ReadonlyMap<string, Members>;
  /** Asks who is in every group that the configuration names; an answer that does not come leaves the last one, which grows old. */
  look(): Promise<void>;
};

/** The teams that Slack and PagerDuty keep, as they last said. */
export function connectGroups({ config, slack, pagerduty, clock, log, changed }: Deps): ConnectedGroups {
  let known: ReadonlyMap<string, Members> = new Map();

  const inSlack = async (names: readonly string[]): Promise<ReadonlyMap<string, GroupSaid>> => {
    const client = slack();
    if (client === undefined || names.length === 0) return new Map();
    const people = config().policy.people.flatMap((person) => person.slack ?? []);
    return userGroups({ client, self: askSelf(client), names, people });
  };
  const onSchedule = async (name: string): Promise<GroupSaid | undefined> => {
    const rest = pagerduty();
    if (rest === undefined) return undefined;
    const ids = await onCallOf(rest, name);
    return ids === undefined ? { problem: `PagerDuty has no schedule ${name}, or several` } : { ids };
  };
  /** What was said of a team, or why it could not be asked: then the answer before stays, as old as it is. */
  const asked = async (team: string, ask: () => Promise<GroupSaid | undefined>): Promise<readonly [string, Members]> => {
    const before = known.get(team) ?? {};
    // Its age counts from before the question.
    const atMs = clock.nowMs();
    try {
      const said = await ask();
      if (said === undefined) return [team, before];
      return [team, 'ids' in said ? { ids: said.ids, atMs } : { problem: said.problem }];
    } catch (error) {
      log.warn('groups.not-asked', { team, code: errorCode(error), reason: errorText(error) });
      return [team, { ...before, problem: errorText(error) }];
    }
  };

  return {
    known: () => known,
    async look() {
      const teams = groupTeams(config().policy);
      if (teams.length === 0 && known.size === 0) return;
      const sources = teams.flatMap((team) => {
        const source = sourceOfTeam(team);
        return source === undefined ? [] : [{ team, ...source }];
      });
      const names = sources.filter(({ by }) => by === 'slack').map(({ name }) => name);
      const all = inSlack(names);
      // Each team waits for it below, and says what became of it.
      all.catch(() => undefined);
      const next = await Promise.all(
        sources.map(({ team, by, name }) => asked(team, by === 'slack' ? async () => (await all).get(name) : () => onSchedule(name))),
      );
      const before = membersOf(known);
      known = new Map(next);
      if (membersOf(known) !== before) await changed();
    },
  };
}

function membersOf(known: ReadonlyMap<string, Members>): string {
  return JSON.stringify([...known].map(([team, { ids }]) => [team, ids?.toSorted() ?? null]));
}
