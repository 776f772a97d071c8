import type { Need } from '../model/playbook.ts';
import { type FieldPath, nearest, suggestion } from '../model/problem.ts';
import { sourceOfTeam } from '../model/team.ts';
import type { Put } from './put.ts';
import type { ConfigFile } from './schema.ts';

const WEEK_MS = 7 * 86_400_000;

/** Every team that is named has somebody in it, every role that is asked for is mapped, and nothing is asked that nobody could ever give. */
export function checkApprovals(file: ConfigFile, put: Put): void {
  const known = knownTeams(file, put);
  for (const [index, { teams }] of file.people.entries())
    for (const [number, team] of teams.entries())
      if (sourceOfTeam(team) !== undefined)
        put(['people', index, 'teams', number], `${team} is kept by ${ownerOf(team)}: nobody joins it here; expected the name of a team of this file`);
  for (const [role, of] of Object.entries(file.roles)) for (const [index, team] of of.entries()) known(team, ['roles', role, index]);
  for (const [right, who] of Object.entries(file.rights))
    if (who !== 'everyone') for (const [index, team] of who.entries()) known(team, ['rights', right, index]);
  for (const [rule, path] of rulesOf(file)) checkRule(file, { rule, path, known, put });
  for (const role of DEFAULT_ROLES) {
    if ((file.roles[role] ?? []).length === 0) put(['roles', role], `the role ${role} is not mapped to a team: what needs it is held`, { warning: true });
  }
}

const DEFAULT_ROLES = ['approver', 'commander', 'owner'];

type Known = (team: string, path: FieldPath) => void;
type Rule = {
  readonly need?: readonly Need[] | undefined;
  readonly within?: number | undefined;
  readonly distinctTeams?: boolean | undefined;
  readonly stages?: ConfigFile['approvals']['reversible']['stages'] | undefined;
};

function rulesOf({ approvals }: ConfigFile): readonly (readonly [Rule, FieldPath])[] {
  return [
    [approvals.reversible, ['approvals', 'reversible']],
    [approvals.destructive, ['approvals', 'destructive']],
    ...(approvals.breakGlass === undefined ? [] : [[{ need: approvals.breakGlass.need }, ['approvals', 'breakGlass']] as const]),
    ...approvals.stricter.map((rule, index) => [rule, ['approvals', 'stricter', index]] as const),
  ];
}

/** A name near another is a slip; any other is a team that nobody has joined yet, and what needs it is held. */
function knownTeams(file: ConfigFile, put: Put): Known {
  const teams = [...new Set(file.people.flatMap((person) => person.teams))];
  return (team, path) => {
    const source = sourceOfTeam(team);
    if (source !== undefined) {
      if (source.name === '') put(path, `found ${team}, expected the name of ${source.by === 'slack' ? 'a user group' : 'a schedule'} behind the colon`);
      if (source.by === 'slack' && file.slack === undefined) put(path, `${team} asks Slack who is in it: missing slack`);
      if (source.by === 'pagerduty' && file.pagerduty?.apiToken === undefined) put(path, `${team} asks PagerDuty who is on call: missing pagerduty.apiToken`);
      const id = source.by;
      if (!file.people.some((person) => person[id] !== undefined))
        put(path, `nobody has a ${id} id under people, so nobody can be found in ${team}: what needs it is held`, { warning: true });
      return;
    }
    if (teams.includes(team)) return;
    const near = nearest(team, teams);
    if (near !== undefined) put(path, `nobody is in a team ${team}. Did you mean ${near}?`);
    else put(path, `nobody is in the team ${team}: what needs it is held`, { warning: true });
  };
}

function ownerOf(team: string): string {
  return sourceOfTeam(team)?.by === 'slack' ? 'Slack' : 'PagerDuty';
}

type Checking = { readonly rule: Rule; readonly path: FieldPath; readonly known: Known; readonly put: Put };

function checkRule(file: ConfigFile, { rule, path, known, put }: Checking): void {
  const { need = [], within, distinctTeams, stages = [] } = rule;
  for (const [index, one] of need.entries()) checkNeed(file, { need: one, path: [...path, 'need', index], known, put, widened: stages.length > 0 });
  if (within !== undefined && within > WEEK_MS) put([...path, 'within'], 'found more than 7d, expected at most 7d');
  for (const [index, stage] of stages.entries()) {
    const at = [...path, 'stages', index];
    for (const [number, team] of stage.addApprovers.entries()) known(team, [...at, 'addApprovers', number]);
    if (stage.within > WEEK_MS) put([...at, 'within'], 'found more than 7d, expected at most 7d');
    if (stage.page !== undefined && file.pagerduty === undefined)
      put([...at, 'page'], `nobody can be called: missing pagerduty; ${stage.page} is a line of the log`, { warning: true });
  }
  const asked = need.reduce((sum, { count }) => sum + count, 0);
  if (distinctTeams === true && asked < 2 && need.length > 0)
    put([...path, 'distinctTeams'], 'asks for people of different teams where one person is enough; expected a need of 2 or more');
  const teams = new Set([...need.flatMap((one) => teamsIn(file, one)), ...stages.flatMap(({ addApprovers }) => addApprovers)]);
  if (distinctTeams === true && teams.size > 0 && teams.size < asked)
    put([...path, 'distinctTeams'], `asks for ${asked} people of different teams, and names ${teams.size}: nobody can ever approve this`);
}

function teamsIn({ roles }: ConfigFile, { team, role }: Need): readonly string[] {
  if (team !== undefined) return [team];
  return role !== undefined && Object.hasOwn(roles, role) ? (roles[role] ?? []) : [];
}

type Needing = Omit<Checking, 'rule'> & { readonly need: Need; readonly widened: boolean };

function checkNeed(file: ConfigFile, { need, path, known, put, widened }: Needing): void {
  const { team, role, count } = need;
  if (team !== undefined) known(team, [...path, 'team']);
  if (role !== undefined && !Object.hasOwn(file.roles, role) && !DEFAULT_ROLES.includes(role))
    put([...path, 'role'], `there is no role ${role}.${suggestion(role, [...Object.keys(file.roles), ...DEFAULT_ROLES])}`);
  const asked = teamsIn(file, need);
  // Who is in a group is known only while it is asked, and a stage may bring more people.
  if (widened || asked.some((one) => sourceOfTeam(one) !== undefined)) return;
  const able = file.people.filter((person) => person.teams.some((one) => asked.includes(one))).length;
  if (asked.length > 0 && able > 0 && able < count)
    put([...path, 'count'], `needs ${count} of ${asked.join(' or ')}, which has ${able}: nobody can ever approve this`);
}
