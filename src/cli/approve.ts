import type { RunView } from '../port/view/run.ts';
import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';
import { decideLines } from './decide-lines.ts';
import type { Failed } from './failed.ts';
import { planLines } from './plan-lines.ts';
import { type Io, paint, printLine } from './print.ts';
import { factLine, whoFacts } from './who-lines.ts';

export type ApproveOptions = ClientOptions & {
  readonly run: string;
  /** The digest that was looked at, or its first 8 characters. */
  readonly plan: string;
  readonly confirm?: string;
  /** Why the emergency rule is used. */
  readonly breakGlass?: string;
};

/** `salvor approve RUN --plan DIGEST`: yes to exactly this plan. */
export function approve({ run, plan, confirm, breakGlass, ...options }: ApproveOptions, context: Context): Promise<number> {
  return decide(options, context, {
    run,
    path: '/approve',
    body: { plan, ...(confirm === undefined ? {} : { confirmation: confirm }), ...(breakGlass === undefined ? {} : { breakGlass }) },
    // More people may have to say yes.
    done: (now) => (now?.state === 'proposed' ? 'Your approval is recorded' : 'Approved'),
    refused: (failed, look) => explain(context.io, failed, look),
  });
}

/** What changed since the plan that was seen, and the plan as it is now: enough to decide again. Or who else may, for who may not. */
async function explain(io: Io, { code }: Failed, look: () => Promise<RunView | undefined>): Promise<void> {
  if (code !== 'approval.plan-changed' && code !== 'approval.confirmation-missing' && code !== 'approval.not-allowed') return;
  const run = await look();
  if (run === undefined) return;
  if (code === 'approval.not-allowed') {
    for (const fact of whoFacts(run)) printLine(io, factLine(fact));
    return;
  }
  if (code === 'approval.plan-changed') {
    for (const change of run.changed) printLine(io, `  changed: ${change}`);
    printLine(io, `\n${paint(io, 'bold', 'What is proposed now')}`);
    for (const line of run.plan === undefined ? [] : planLines(run.plan, io)) printLine(io, line);
    printLine(io);
  }
  for (const line of decideLines(run)) printLine(io, line);
}
