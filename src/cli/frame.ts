import type { Command } from 'commander';
import type { Context } from './context.ts';

/** What commands are hung into. */
export type Frame = {
  readonly context: Context;
  /** Ends the program with this exit code. */
  readonly end: (code: number) => void;
};

type Spec = {
  /** `show <run>` */
  readonly usage: string;
  readonly summary: string;
  /** Command lines that somebody may copy. */
  readonly examples: readonly string[];
  /** More to know, below the options. */
  readonly notes?: string;
};

/** A command with its help. */
export function addCommand(under: Command, { usage, summary, examples, notes }: Spec): Command {
  const shown = `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((line) => `  ${line}`).join('\n')}`;
  return under
    .command(usage)
    .description(summary)
    .option('--no-color', 'no colours')
    .addHelpText('after', notes === undefined ? shown : `\n${notes}\n${shown}`);
}

/** A command that asks a server. */
export function addClientCommand(under: Command, spec: Spec): Command {
  return addCommand(under, spec)
    .option('--json', 'print what the API answers')
    .option('--url <url>', 'the server (default: SALVOR_URL, else http://127.0.0.1:8080)')
    .option('--insecure', 'send the token also without TLS to another machine');
}

/** Takes an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Takes `a,b`, several times. */
export function collectList(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(',').filter((part) => part !== '')];
}
