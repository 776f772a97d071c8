import type { Caller, Commands } from '../port/commands.ts';
import type { IncidentSummary } from '../port/view/incident.ts';
import type { PauseList } from '../port/view/operation.ts';
import type { RunSummary, RunView } from '../port/view/run.ts';
import type { Page } from '../port/view/shape.ts';
import { incidentLine, stoppedTexts } from './reply/incident.ts';
import { howToDecide, runLine } from './reply/run.ts';
import { code } from './text.ts';

/** What waits for somebody, what waits for others, what is open, what is paused. */
export type Overview = {
  readonly mine: readonly RunView[];
  readonly others: readonly RunSummary[];
  /** There may be more that wait than were looked at. */
  readonly isCut: boolean;
  readonly incidents: Page<IncidentSummary>;
  readonly pauses: PauseList;
  /** Nobody of the configuration asks, or it is shown to everybody. */
  readonly isForAll?: boolean;
};

const MOST_SHOWN = 10;

export async function overviewOf({ caller, commands }: { readonly caller: Caller; readonly commands: Commands }): Promise<Overview> {
  const [proposed, asking, incidents, pauses] = await Promise.all([
    commands.runs(caller, { state: ['proposed'], limit: MOST_SHOWN }),
    commands.runs(caller, { state: ['waiting'], limit: 50 }),
    commands.incidents(caller, { state: ['open', 'mitigated'], limit: MOST_SHOWN }),
    commands.pauses(caller),
  ]);
  const looked = await Promise.all(proposed.items.map(({ id }) => commands.run(caller, id)));
  const { person = '' } = caller;
  const mine = looked.filter(({ approval, approvals }) => approval?.may.includes(person) === true && !approvals.some(({ by }) => by === person));
  const others = [...proposed.items.filter(({ id }) => !mine.some((run) => run.id === id)), ...asking.items.filter(({ waiting }) => waiting?.for === 'person')];
  return { mine, others, isCut: proposed.next !== undefined, incidents, pauses, ...(caller.person === undefined ? { isForAll: true } : {}) };
}

/** The most urgent first. */
export function overviewText({ mine, others, isCut, incidents, pauses, isForAll = false }: Overview, nowMs: number): string {
  const more = isCut ? ' or more' : '';
  const deciding = mine.length + others.length;
  const open = `${incidents.items.length}${incidents.next === undefined ? '' : ' or more'} ${incidents.items.length === 1 ? 'incident is' : 'incidents are'} open`;
  const first =
    deciding + incidents.items.length === 0
      ? 'Nothing waits for a decision, and no incident is open.'
      : `${deciding}${more} ${deciding === 1 ? 'decision waits' : 'decisions wait'}${isForAll ? '' : `, ${mine.length} for you`}; ${open}`;
  return [
    first,
    ...stoppedTexts(pauses, nowMs),
    ...(mine.length === 0 ? [] : ['*For you*', ...mine.flatMap((run) => [runLine(run, nowMs), ...howToDecide(run)])]),
    ...(others.length === 0
      ? []
      : [isForAll ? '*For people*' : '*For others, or questions*', ...others.slice(0, MOST_SHOWN).map((run) => runLine(run, nowMs))]),
    ...(deciding === 0 ? [] : [`${code('/dr show RUN', 40)} shows one with its plan.`]),
    ...(incidents.items.length === 0 ? [] : ['*Incidents*', ...incidents.items.map((incident) => incidentLine(incident, nowMs))]),
  ].join('\n');
}
