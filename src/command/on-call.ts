import { emptyGroupWords } from '../approval/group.ts';
import { defined } from '../model/defined.ts';
import { formatDuration } from '../model/duration.ts';
import { SalvorError } from '../model/error.ts';
import type { Policy } from '../model/policy.ts';
import { suggestion } from '../model/problem.ts';
import { sourceOfTeam } from '../model/team.ts';
import type { Commands } from '../port/commands.ts';
import type { OnCallView } from '../port/view/on-call.ts';
import { assertMayRead } from './access.ts';
import type { CommandDeps } from './deps.ts';

type Known = NonNullable<CommandDeps['onCall']>;
const NOT_CONFIGURED: Known = { of: () => undefined, problem: () => 'no pager is configured: pages are only lines of the log' };

/** Who is on call, by what the pager said last: nobody waits for it here, and an answer has its age. */
export function onCalls(deps: CommandDeps): Pick<Commands, 'onCall'> {
  return {
    async onCall(caller, { team }) {
      assertMayRead(caller);
      const known = deps.onCall ?? NOT_CONFIGURED;
      const policy = deps.policy();
      const all = [...targetsOf(policy, known), ...teamsOf(policy)];
      const items = team === undefined ? all : all.filter(({ name }) => name.toLowerCase().includes(team.trim().toLowerCase()));
      if (team !== undefined && items.length === 0) throw unknown(team, all);
      return { items, ...defined({ problem: known.problem() }) };
    },
  };
}

/** Whom ladders page, in the order in which they do. */
function targetsOf({ ladders }: Policy, known: Known): readonly OnCallView[] {
  const rungs = Object.entries(ladders).flatMap(([ladder, own]) => own.map(({ page, afterMs }) => ({ page, called: `${ladder}, ${afterWords(afterMs)}` })));
  return [...Map.groupBy(rungs, ({ page }) => page)].map(([name, own]) => {
    const said = known.of(name);
    return { name, who: said?.names ?? [], called: own.map(({ called }) => called), ...defined({ at: said?.atMs }) };
  });
}

/** Teams that are whoever is on call by a schedule: they decide, where approvals name them. */
function teamsOf({ groups = {} }: Policy): readonly OnCallView[] {
  return Object.entries(groups).flatMap(([name, group]) => {
    if (sourceOfTeam(name)?.by !== 'pagerduty') return [];
    const { people = [], atMs } = group;
    const problem = people.length === 0 ? emptyGroupWords(name, group) : undefined;
    return [{ name, who: people, called: [], ...defined({ at: atMs, problem }) }];
  });
}

function afterWords(afterMs: number): string {
  return afterMs === 0 ? 'at once' : `after ${formatDuration(afterMs)}`;
}

function unknown(team: string, all: readonly OnCallView[]): SalvorError {
  const names = all.map(({ name }) => name);
  return new SalvorError('request.not-found', `Nobody is on call as "${team.slice(0, 80)}".${suggestion(team, names)}`);
}
