import type { Group, Person, Policy } from '../model/policy.ts';
import { sourceOfTeam } from '../model/team.ts';

/** What Slack or PagerDuty last said of a team: ids of its members there. Both absent: it was not asked yet. */
export type Members = { readonly ids?: readonly string[]; readonly atMs?: number; readonly problem?: string };

/** An answer counts so long; then nobody is in the team, until it is asked again. */
export const GROUP_FRESH_MS = 3_600_000;

/** Every team of the configuration whose members others keep. */
export function groupTeams({ approvals, roles, rights }: Pick<Policy, 'approvals' | 'roles' | 'rights'>): readonly string[] {
  const { reversible, destructive, stricter, breakGlass } = approvals;
  const rules = [reversible, destructive, ...stricter];
  const named = [
    ...[...rules, breakGlass].flatMap((rule) => (rule?.need ?? []).flatMap(({ team }) => team ?? [])),
    ...rules.flatMap((rule) => (rule.stages ?? []).flatMap(({ addApprovers }) => addApprovers)),
    ...Object.values(roles).flat(),
    ...Object.values(rights).flatMap((who) => (who === 'everyone' ? [] : who)),
  ];
  return [...new Set(named)].filter((team) => sourceOfTeam(team) !== undefined);
}

/**
 * The policy with the people of its groups as members of these teams. Whom the configuration does not know is nobody, whatever Slack or PagerDuty says;
 * so is everybody of a group that could not be asked within the last hour.
 */
export function withGroups(policy: Policy, known: ReadonlyMap<string, Members>, nowMs: number): Policy {
  const teams = groupTeams(policy);
  if (teams.length === 0) return policy;
  const groups = Object.fromEntries(teams.map((team) => [team, groupOf(team, { people: policy.people, said: known.get(team), nowMs })]));
  const people = policy.people.map((person) => {
    // Nobody joins such a team by a line of the configuration.
    const own = person.teams.filter((team) => sourceOfTeam(team) === undefined);
    return { ...person, teams: [...own, ...teams.filter((team) => groups[team]?.people?.includes(person.name))] };
  });
  return { ...policy, people, groups };
}

type Asked = { readonly people: readonly Person[]; readonly said: Members | undefined; readonly nowMs: number };

function groupOf(team: string, { people, said, nowMs }: Asked): Group {
  const by = sourceOfTeam(team)?.by;
  const problem = said?.problem === undefined ? {} : { problem: said.problem };
  // A clock that went back makes no answer young again.
  const isFresh = said?.ids !== undefined && said.atMs !== undefined && Math.abs(nowMs - said.atMs) <= GROUP_FRESH_MS;
  if (!isFresh || by === undefined) return problem;
  const ids = new Set(said.ids);
  const names = people.flatMap((person) => {
    const id = by === 'slack' ? person.slack : person.pagerduty;
    return id !== undefined && ids.has(id) ? [person.name] : [];
  });
  return { people: names, ...(said.atMs === undefined ? {} : { atMs: said.atMs }), ...problem };
}

/** Why nobody is in this group, in words that say what to do. */
export function emptyGroupWords(team: string, group: Group | undefined): string {
  const [who, id] = sourceOfTeam(team)?.by === 'slack' ? ['Slack', 'slack'] : ['PagerDuty', 'pagerduty'];
  if (group?.people !== undefined) return `${who} names nobody in ${team} who is among the people of the configuration (with their ${id} id)`;
  if (group?.problem !== undefined) return `who is in ${team} is not known: ${group.problem}`;
  return `who is in ${team} is not known: ${who} was not asked within the last hour`;
}
