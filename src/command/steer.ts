import { SalvorError } from '../model/error.ts';
import { canonical } from '../model/json.ts';
import { isOpen, type Run } from '../model/run.ts';
import type { Commands } from '../port/commands.ts';
import { judgeAnswer } from '../run/answer.ts';
import { personOf, personWith } from './access.ts';
import type { CommandDeps } from './deps.ts';
import { endedError, findRun, press, unchanged } from './press.ts';
import { playbookOf, readJournal } from './read.ts';

/** What a person can tell a run beside yes and no: stop, an answer, what an unknown outcome was, and that something else takes over. */
export function steering(deps: CommandDeps): Pick<Commands, 'cancel' | 'answer' | 'settle' | 'supersede'> {
  return {
    async cancel(caller, id, { keep = false, reason = 'no reason given' }) {
      const by = personWith(caller, 'run', deps.policy());
      const { run } = await findRun(deps, id);
      if (endOf(run) === 'cancelled') return unchanged(run, 'The run is cancelled already');
      assertNotEnding(run);
      return press(deps, run, { kind: 'cancel', by, surface: caller.surface, keep, reason });
    },

    async answer(caller, id, { ask, value, confirmation }) {
      const by = personOf(caller);
      const { run } = await findRun(deps, id);
      const mail = { kind: 'answer', by, surface: caller.surface, ask, value, ...(confirmation === undefined ? {} : { confirmation }) } as const;
      const stages = (await playbookOf(deps, run))?.stages ?? [];
      const given = Object.hasOwn(run.answers, ask) ? run.answers[ask] : undefined;
      if (given?.by === by) {
        // Judged again, because `yes` is kept as true.
        const asked = stages.find((one) => one.id === ask);
        const again = asked !== undefined && 'ask' in asked ? judgeAnswer({ stage: asked, mail, run, policy: deps.policy() }) : undefined;
        if (again?.kind === 'taken' && canonical(again.value) === canonical(given.value)) return unchanged(run, `${by} has answered this already`);
      }
      assertNotEnding(run);
      const stage = stages[run.stage];
      if (run.waiting?.what !== 'ask' || stage === undefined || !('ask' in stage)) {
        const before = given === undefined ? '' : `; ${given.by} answered "${ask}" before`;
        throw new SalvorError('request.conflict', `The run is ${run.state} and asks nothing now${before}`, { details: { state: run.state } });
      }
      const judged = judgeAnswer({ stage, mail, run, policy: deps.policy() });
      if (judged.kind === 'refused') throw new SalvorError(judged.code, judged.reason);
      return press(deps, run, mail);
    },

    async settle(caller, id, { step, as }) {
      const by = personWith(caller, 'run', deps.policy());
      const { run } = await findRun(deps, id);
      const state = run.steps.findLast((one) => one.step === step);
      if (state?.phase !== 'unknown') {
        const journal = await readJournal(deps.store, { partition: run.cluster, of: run.id });
        const settled = journal.findLast((line) => line.type === 'step.settled' && line.data['step'] === step);
        if (settled?.data['as'] === as && settled.data['by'] === by) return unchanged(run, `${by} has settled ${step} already`);
        if (!isOpen(run.state)) throw endedError(run, 'request.conflict');
        throw new SalvorError('request.conflict', `"${step}" has no unknown outcome${state === undefined ? '' : `: it is ${state.phase}`}`);
      }
      assertNotEnding(run);
      return press(deps, run, { kind: 'settle', by, surface: caller.surface, step, as });
    },

    async supersede(caller, id, { reason }) {
      const by = personWith(caller, 'supersede', deps.policy());
      const { run } = await findRun(deps, id);
      if (!isOpen(run.state)) {
        if (run.state === 'superseded') return unchanged(run, 'The run is superseded already');
        throw endedError(run, 'request.conflict');
      }
      // While it undoes, this writes off the undo that fails; one that has not failed yet may still work.
      if (run.closing !== undefined && run.closing.attempts === 0) throw endedError(run, 'request.conflict');
      return press(deps, run, { kind: 'supersede', by, surface: caller.surface, reason });
    },
  };
}

function endOf(run: Run): string {
  return run.closing?.end ?? run.state;
}

function assertNotEnding(run: Run): void {
  if (!isOpen(run.state) || run.closing !== undefined) throw endedError(run, 'request.conflict');
}
