/** Teams whose members others keep. `usergroup:dr-approvers` is a user group of Slack, `oncall:PSCHED1` who is on call by a schedule of PagerDuty. */
export type TeamSource = { readonly by: 'slack' | 'pagerduty'; readonly name: string };

const PREFIXES = [
  ['usergroup:', 'slack'],
  ['oncall:', 'pagerduty'],
] as const;

/** Where the members of a team are asked for; undefined: the configuration says who is in it. */
export function sourceOfTeam(team: string): TeamSource | undefined {
  for (const [prefix, by] of PREFIXES) if (team.startsWith(prefix)) return { by, name: team.slice(prefix.length).replace(/^@/, '') };
  return undefined;
}
