import type { Playbook } from '../model/playbook.ts';
import { isReference } from '../model/playbook.ts';
import { type PositionOf, type Problem, problemAt, suggestion } from '../model/problem.ts';
import { referenceFault } from './check-use.ts';
import { parseParam } from './params.ts';
import type { Sight } from './reference-type.ts';

type Placed = { readonly playbook: Playbook; readonly positionOf: PositionOf };

/** What only a whole set of playbooks can answer: storms start something that exists, and a command means one playbook. */
export function checkTogether(
  placed: readonly Placed[],
  everyId: readonly string[],
): { readonly playbooks: readonly Playbook[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [...checkCommands(placed)];
  const playbooks = placed.map((one) => {
    const { storm } = one.playbook;
    if (storm === undefined) return one.playbook;
    const started = placed.find(({ playbook }) => playbook.id === storm.start)?.playbook;
    if (started !== undefined) {
      problems.push(...checkStorm(one, started));
      return one.playbook;
    }
    if (!everyId.includes(storm.start)) {
      problems.push(
        problemAt(one.positionOf, { path: ['storm', 'start'], message: `there is no playbook ${storm.start}.${suggestion(storm.start, everyId)}` }),
      );
      return one.playbook;
    }
    problems.push(problemAt(one.positionOf, { path: ['storm', 'start'], message: `${storm.start} is disabled, so a storm starts nothing`, warning: true }));
    const { storm: _storm, ...calm } = one.playbook;
    return calm;
  });
  return { playbooks, problems };
}

/** The playbook that a storm starts is about the cluster, and every parameter that it needs is given. */
function checkStorm({ playbook, positionOf }: Placed, started: Playbook): readonly Problem[] {
  const { storm } = playbook;
  if (storm === undefined) return [];
  const problems: Problem[] = [];
  const target = started.target.from;
  const param = target.startsWith('params.') ? started.params[target.slice('params.'.length)] : undefined;
  if (target !== 'run.cluster' && param?.type !== 'cluster') {
    problems.push(
      problemAt(positionOf, {
        path: ['storm', 'start'],
        message: `${started.id} has the target ${target}, expected a playbook about a cluster (target run.cluster, or a parameter of the type cluster)`,
      }),
    );
  }
  const nothing = new Map<string, never>();
  const sight: Sight = { playbook, roots: ['alert', 'params', 'run'], diagnosis: nothing, steps: nothing, checks: nothing, answers: nothing, hidden: nothing };
  for (const [name, value] of Object.entries(storm.with)) {
    const wanted = Object.hasOwn(started.params, name) ? started.params[name] : undefined;
    const path = ['storm', 'with', name];
    if (wanted === undefined) {
      problems.push(
        problemAt(positionOf, { path, message: `${started.id} has no parameter ${name}.${suggestion(name, Object.keys(started.params))}`, what: 'key' }),
      );
    } else if (isReference(value)) {
      const message = referenceFault({ from: value.from, sight, optional: wanted.optional || wanted.default !== undefined });
      if (message !== undefined) problems.push(problemAt(positionOf, { path, message }));
    } else {
      const parsed = parseParam(wanted, value);
      if (!parsed.ok) problems.push(problemAt(positionOf, { path, message: parsed.reason }));
    }
  }
  for (const [name, wanted] of Object.entries(started.params)) {
    if (wanted.optional || wanted.default !== undefined || wanted.from !== undefined || Object.hasOwn(storm.with, name)) continue;
    problems.push(problemAt(positionOf, { path: ['storm'], message: `${started.id} needs the parameter ${name}, which with does not give` }));
  }
  return problems;
}

/** A command or alias belongs to one playbook. */
function checkCommands(placed: readonly Placed[]): readonly Problem[] {
  const owners = new Map<string, string>();
  return placed.flatMap(({ playbook, positionOf }) => {
    const words = [
      ...(playbook.command === undefined ? [] : [{ word: playbook.command, path: ['command'] }]),
      ...playbook.aliases.map((word, index) => ({ word, path: ['aliases', index] })),
    ];
    return words.flatMap(({ word, path }) => {
      const owner = owners.get(word);
      owners.set(word, owner ?? playbook.id);
      return owner === undefined ? [] : [problemAt(positionOf, { path, message: `the command ${word} already starts ${owner}` })];
    });
  });
}
