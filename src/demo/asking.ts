import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { RunView } from '../port/view/run.ts';
import type { Io } from '../serve/serve.ts';

type Say = (text: string) => void;
type Stdin = Readable & { readonly isTTY?: boolean };
/** Where the demo says things, and the keyboard at which it is answered. */
export type DemoIo = Io & { readonly stdin?: Stdin };

/** Everything that an approval would be for. */
export function sayPlan(run: RunView, say: Say): void {
  say('\nThe plan, and nothing but this can be written:');
  for (const step of run.plan?.steps ?? []) {
    say(`  ${step.step}: ${step.summary} (${step.risk}, on ${step.cluster})`);
    for (const change of step.changes)
      say(
        `    + ${change.verb} ${change.object}${change.field === undefined ? '' : ` ${change.field}: ${JSON.stringify(change.from)} -> ${JSON.stringify(change.to)}`}${change.note === undefined ? '' : ` (${change.note})`}`,
      );
    for (const note of step.notes) say(`      ${note}`);
  }
  say(`  It ${run.approval?.asks ?? 'asks nobody'}. Digest ${run.digest?.slice(0, 8) ?? ''}\n`);
}

/** True once somebody typed yes; any other line is answered with `otherwise`, and waits on. */
export function askYes(
  stdin: Stdin | undefined,
  { say, otherwise, signal }: { readonly say: Say; readonly otherwise: string; readonly signal: AbortSignal },
): Promise<boolean> {
  if (stdin === undefined) return new Promise(() => undefined);
  return new Promise((resolve) => {
    const lines = createInterface({ input: stdin });
    signal.addEventListener('abort', () => lines.close(), { once: true });
    lines.on('line', (line) => {
      if (!/^y(es)?$/i.test(line.trim())) return say(otherwise);
      lines.close();
      resolve(true);
    });
  });
}
