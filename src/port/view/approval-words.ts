import type { RunView } from './run.ts';

type Voter = NonNullable<RunView['approval']>['people'][number];

/** So many names are said at once; a company may have hundreds. */
const MOST = 8;

/** `ana (in platform), cleo (in incident-command)`; where nobody is, that. */
export function mayWords(people: readonly Voter[]): string {
  const able = people.filter(({ may }) => may);
  return able.length === 0 ? 'nobody whom the configuration knows' : namesOf(able.map(({ name, why }) => `${name} (${why})`));
}

/** Who may not, and why, one line for each reason: `dora, emil: is in none of the teams that decide: 1 of platform`. */
export function mayNotLines(people: readonly Voter[]): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { name, may, why } of people) {
    if (may) continue;
    const reason = why.startsWith(`${name} `) ? why.slice(name.length + 1) : why;
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  return [...byReason].map(([reason, names]) => `${namesOf(names)}: ${reason}`);
}

function namesOf(names: readonly string[]): string {
  const more = names.length - MOST;
  return more > 0 ? `${names.slice(0, MOST).join(', ')} and ${more} more` : names.join(', ');
}
