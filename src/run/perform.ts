import type { Performance } from './engine.ts';
import type { Effect, Observation } from './observation.ts';
import { diagnose } from './perform/diagnose.ts';
import { plan } from './perform/plan.ts';
import { start } from './perform/start.ts';
import { execute, observe, undo } from './perform/step.ts';
import { check, verify } from './perform/verify.ts';

/** Does one effect and answers what came of it: the next input of `advance`. Only `execute` and `undo` can write. */
export function perform(performance: Performance, effect: Exclude<Effect, { kind: 'none' | 'end' }>): Promise<Observation> {
  switch (effect.kind) {
    case 'diagnose':
      return diagnose(performance);
    case 'plan':
      return plan(performance);
    case 'start':
      return start(performance);
    case 'execute':
      return execute(performance, effect.step);
    case 'observe':
      return observe(performance, effect.step);
    case 'verify':
      return verify(performance);
    case 'check':
      return check(performance);
    case 'undo':
      return undo(performance, effect);
  }
}
