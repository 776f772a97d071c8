import { changeText, type Plan, type PlannedStep } from '../model/plan.ts';

/** What differs between two plans, in words for people. */
export function whatChanged(before: Plan, now: Plan): readonly string[] {
  const words: string[] = [];
  for (const step of now.steps) {
    const old = before.steps.find((each) => each.step === step.step);
    if (old === undefined) {
      words.push(`${step.step} was not in the plan`);
      continue;
    }
    const added = step.changes.filter((change) => !old.changes.some((each) => changeText(each) === changeText(change)));
    const gone = old.changes.filter((change) => !step.changes.some((each) => changeText(each) === changeText(change)));
    words.push(
      ...added.slice(0, 5).map((change) => `it would now also ${changeText(change)}`),
      ...gone.slice(0, 5).map((change) => `it would no longer ${changeText(change)}`),
    );
    words.push(...changedFacts(old, step));
  }
  return words.length > 0 ? words : ['details of the plan changed'];
}

/** The facts that differ, by name. */
export function changedFacts(before: PlannedStep, now: Pick<PlannedStep, 'facts'>): readonly string[] {
  const names = new Set([...Object.keys(before.facts), ...Object.keys(now.facts)]);
  return [...names].flatMap((name) => {
    const was = JSON.stringify(before.facts[name]);
    const is = JSON.stringify(now.facts[name]);
    return was === is ? [] : [`${name} was ${was ?? 'absent'} and is ${is ?? 'absent'}`];
  });
}
