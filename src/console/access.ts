import type { Need } from '../model/playbook.ts';
import type { Policy, Right } from '../model/policy.ts';
import type { Caller } from '../port/commands.ts';

/** The part of the configuration that says who may do what. */
export type Rules = Pick<Policy, 'people' | 'roles' | 'rights' | 'approvals'>;

/** What each right lets a person do. */
export const RIGHT_WORDS: { readonly [R in Right]: string } = {
  read: 'look at everything here',
  run: 'start and cancel runs, settle steps, acknowledge, give roles, set the severity, tell others, close',
  pause: 'pause and resume',
  supersede: 'take over from a run by hand',
  configure: 'have the store copied',
};

/** Why somebody may not; undefined: they may. Says who can be asked. */
export function whyNot(right: Right, caller: Caller, rules: Rules): string | undefined {
  if (caller.rights.includes(right)) return undefined;
  const teams = rules.rights[right];
  if (caller.person === undefined || teams === 'everyone') return `You may not ${RIGHT_WORDS[right]}: log in first.`;
  const why = `You, ${caller.person}, may not ${RIGHT_WORDS[right]}`;
  if (teams.length === 0) return `${why}: the right "${right}" belongs to nobody, because the configuration maps no team to it.`;
  return `${why}: the right "${right}" belongs to ${teams.map((team) => teamText(team, rules)).join(' and ')}.`;
}

/** `platform (ana, ben)`. */
export function teamText(team: string, { people }: Pick<Rules, 'people'>): string {
  const names = people.filter((person) => person.teams.includes(team)).map(({ name }) => name);
  return `${team} (${names.length === 0 ? 'nobody is in it' : names.join(', ')})`;
}

/** Who has a role, in words. */
export function roleText(role: string, rules: Pick<Rules, 'people' | 'roles'>): string {
  const teams = Object.hasOwn(rules.roles, role) ? (rules.roles[role] ?? []) : [];
  return teams.length === 0 ? 'nobody: the configuration maps no team to it' : teams.map((team) => teamText(team, rules)).join(', ');
}

/** Whether a person has a role. */
export function hasRole(person: string, role: string, { people, roles }: Pick<Rules, 'people' | 'roles'>): boolean {
  const teams = Object.hasOwn(roles, role) ? (roles[role] ?? []) : [];
  return people.some(({ name, teams: own }) => name === person && own.some((team) => teams.includes(team)));
}

/** `1 of platform (ana, ben) and 1 of the role commander: incident-command (cleo)`. */
export function needText(need: readonly Need[], rules: Pick<Rules, 'people' | 'roles'>): string {
  const words = need.map(
    ({ team, role, count }) => `${count} of ${team === undefined ? `the role ${role ?? ''}: ${roleText(role ?? '', rules)}` : teamText(team, rules)}`,
  );
  return words.length === 0 ? 'nobody may approve: the policy names no approver' : words.join(' and ');
}
