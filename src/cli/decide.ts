import type { Json } from '../model/json.ts';
import { Pressed, RunView } from '../port/view/run.ts';
import { nameOf, short, standing, tag } from '../port/view/run-words.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { type Failed, printFailed } from './failed.ts';
import { present, readAnswer } from './present.ts';
import { paint, printLine } from './print.ts';

type Decision = {
  readonly run: string;
  /** Below `/api/v1/runs/RUN`. */
  readonly path: string;
  readonly body: Json;
  /** The first words of the answer: `Approved`. Absent where the run as it is now says better what came of it. */
  readonly done: (run: RunView | undefined) => string;
  /** What to say about a refusal, beside its own words. */
  readonly refused?: (failed: Failed, look: () => Promise<RunView | undefined>) => Promise<void>;
};

/** Sends a decision about a run, then looks what came of it: the first line is the answer. */
export async function decide(options: ClientOptions, context: Context, decision: Decision): Promise<number> {
  const { io } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client, options);
  const place = `/api/v1/runs/${encodeURIComponent(decision.run)}`;
  const asked = await client.ask(`${place}${decision.path}`, { method: 'POST', body: decision.body });
  const look = async (id = decision.run): Promise<RunView | undefined> => {
    const seen = readAnswer(await client.ask(`/api/v1/runs/${encodeURIComponent(id)}`), { url: client.url, schema: RunView });
    return seen.kind === 'read' ? seen.value : undefined;
  };
  if (asked.kind === 'failed' && options.json !== true) {
    const code = printFailed(io, asked);
    await decision.refused?.(asked, look);
    return code;
  }
  return present(asked, {
    options,
    context,
    url: client.url,
    schema: Pressed,
    async print(pressed) {
      const run = await look(pressed.run);
      const name = run === undefined ? `run ${short(pressed.run)}` : nameOf(run);
      if (pressed.state === 'recorded')
        printLine(io, `Recorded: ${name} reads it next (run ${short(pressed.run)}). salvor show ${short(pressed.run)} tells what became of it`);
      else if (!pressed.changed) printLine(io, `Nothing changed: ${pressed.text} ${tag({ id: pressed.run, state: run?.state ?? pressed.state })}`);
      else printLine(io, paint(io, 'green', `${decision.done(run)}: ${outcome(name, run)} ${tag({ id: pressed.run, state: run?.state ?? pressed.state })}`));
      if (pressed.changed && pressed.state !== 'recorded') printLine(io, pressed.text);
    },
  });
}

function outcome(name: string, run: RunView | undefined): string {
  if (run === undefined) return name;
  return run.state === 'executing' ? `${name} goes on` : `${name} ${standing(run)}`;
}
