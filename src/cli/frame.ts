import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { Verb, VerbExample, VerbPart } from '../port/verb.ts';
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
export function addClientCommand(under: Command, spec: Spec, { json = true } = {}): Command {
  const command = addCommand(under, spec);
  if (json) command.option('--json', 'print what the API answers');
  return command
    .option('--url <url>', 'the server (default: SALVOR_URL, else http://127.0.0.1:8080)')
    .option('--insecure', 'send the token also without TLS to another machine');
}

/** A command that asks a server, as it is declared for every surface. */
export function addVerb(under: Command, verb: Verb, notes?: string): Command {
  const examples = verb.examples.map((example) => commandLine(verb, example));
  const command = addClientCommand(under, { usage: verb.name, summary: verb.summary, examples, ...(notes === undefined ? {} : { notes }) });
  for (const { name, choices } of verb.args) {
    const argument = new Argument(`<${name}>`);
    command.addArgument(choices === undefined ? argument : argument.choices(choices));
  }
  for (const part of verb.options) command.addOption(optionOf(part));
  return command;
}

function optionOf({ name, value, about, choices, required, several }: VerbPart): Option {
  const option = new Option(value === undefined ? `--${name}` : `--${name} ${value}`, about);
  if (choices !== undefined) option.choices(choices);
  if (several !== undefined) option.argParser(several === 'again' ? collect : collectList);
  return option.makeOptionMandatory(required === true);
}

/** `salvor approve 3f9a01c2 --plan d1d1d1d1`: a line that somebody may copy. */
function commandLine({ name, args }: Verb, example: VerbExample): string {
  const positional = args.map((part) => part.name);
  const words = Object.entries(example).flatMap(([part, value]) => {
    if (value === true) return [`--${part}`];
    return positional.includes(part) ? [quoted(value)] : [`--${part}`, quoted(value)];
  });
  return ['salvor', name, ...words].join(' ');
}

function quoted(word: string): string {
  return /^[\w.,:=/-]+$/.test(word) ? word : `"${word}"`;
}

/** A command that lists by pages. */
export function paged(command: Command): Command {
  return command.option('--limit <count>', 'how many at most (default 50)').option('--cursor <cursor>', 'go on behind the page before: its "next"');
}

/** Takes an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Takes `a,b`, several times. */
export function collectList(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...value.split(',').filter((part) => part !== '')];
}

/** Takes a port. */
export function portNumber(value: string): number {
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a port: 0 to 65535.');
}
