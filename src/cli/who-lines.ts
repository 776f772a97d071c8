import { mayNotLines, mayWords } from '../port/view/approval-words.ts';
import type { StageExplained } from '../port/view/explain.ts';
import type { RunView } from '../port/view/run.ts';

export type Fact = readonly [name: string, value: string];

/** Who may approve, by which team, what is missing, and who may not and why: for the one who has to find somebody at 03:00. */
export function whoFacts({ state, approval }: Pick<RunView, 'state' | 'approval'>): readonly Fact[] {
  if (state !== 'proposed' || approval === undefined) return [];
  const { missing, votes, code } = approval;
  return [
    ...(missing === undefined || votes.length === 0 ? [] : [['so far', missing] as const]),
    ...peopleFacts(approval),
    ...(code === undefined ? [] : [['phone', `a note "approve ${code}" on the incident in PagerDuty counts, too`] as const]),
  ];
}

/** The same of a stage before there is a plan, with the rules that ask for it. */
export function stageFacts({ stage, actions = [], risk, needs, rules = [], people, glass, waits, asks, role }: StageExplained): readonly Fact[] {
  if (waits !== undefined) return [['stage', `${stage}: waits for ${waits}`]];
  const what =
    asks === undefined ? `${actions.join(', ')}${risk === undefined ? '' : ` (${risk})`}; ${needs ?? 'asks nobody'}` : `asks ${role ?? 'somebody'}: ${asks}`;
  return [
    ['stage', `${stage}: ${what}`],
    ...(rules.length === 0 ? [] : [['by', rules.join(', ')] as const]),
    ...(people === undefined || (people.length === 0 && asks === undefined) ? [] : peopleFacts({ people, glass })),
  ];
}

function peopleFacts({ people, glass }: Pick<NonNullable<RunView['approval']>, 'people' | 'glass'>): readonly Fact[] {
  return [
    ['may', mayWords(people)],
    ...mayNotLines(people).map((line, at) => [at === 0 ? 'may not' : '', line] as const),
    ...(glass === undefined ? [] : [['glass', glassWords(glass)] as const]),
  ];
}

function glassWords({ needs, may, page }: NonNullable<NonNullable<RunView['approval']>['glass']>): string {
  const who = may.length === 0 ? 'nobody whom the configuration knows' : may.join(', ');
  return `in an emergency ${needs} may start it without the others (${who})${page === undefined ? '' : `; ${page} is called`}`;
}

/** A name and what it is, as the lines of `show` are. */
export function factLine([name, value]: Fact): string {
  return `  ${name.padEnd(9)} ${value}`;
}
