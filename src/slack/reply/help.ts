import type { Verb, VerbExample } from '../../port/verb.ts';
import type { PlaybookSummary, PlaybookView } from '../../port/view/playbook.ts';
import { playbookExample, propertiesOf } from '../line/params.ts';
import { code, mrkdwn } from '../text.ts';

/** How `/dr` is told what to do, made of the same declarations as the command line's help. */

/** `/dr approve 3f9a01c2 d1d1d1d1`: a line that somebody may copy. */
export function exampleLine({ name, args, options, rest }: Verb, example: VerbExample): string {
  const placed = [...args, ...options.filter(({ required }) => required === true)].map((part) => part.name);
  const words = Object.entries(example)
    .filter(([part]) => part !== rest)
    .map(([part, value]) => {
      if (value === true) return `--${part}`;
      if (options.some(({ name: option, several }) => option === part && several === 'again')) return value;
      return placed.includes(part) ? quoted(value) : `${part}=${quoted(value)}`;
    });
  const last = rest === undefined ? undefined : example[rest];
  return ['/dr', name, ...words, ...(typeof last === 'string' ? [last] : [])].join(' ');
}

/** What `/dr` knows of what somebody may do, a line each, and why there is not more. */
export function helpText(verbs: readonly Verb[], playbooks: readonly PlaybookSummary[], others: readonly string[] = []): string {
  const own = verbs.map((verb) => `• ${code(usage(verb), 200)} ${mrkdwn(verb.summary, 200)}`);
  const theirs = groupsOf(playbooks).map(([word, commands]) => {
    const [only] = commands;
    if (only !== undefined && commands.length === 1) return `• ${code(`/dr ${only.command ?? ''}`, 100)} ${mrkdwn(only.summary, 200)}`;
    return `• ${code(`/dr ${word} …`, 60)} ${commands.map(({ command = '' }) => code(command.slice(word.length + 1), 60)).join(', ')}; ${code(`/dr help ${word}`, 60)}`;
  });
  return [
    `${code('/dr', 10)} alone shows what waits for a decision; ${code('/dr help approve', 40)} explains one word`,
    ...own,
    ...others,
    ...(theirs.length === 0 ? [] : ['*Playbooks*', ...theirs]),
    `Names and reasons of several words: in quotation marks, or at the end. Write ${code('name=value', 20)} or ${code('--name value', 20)}.`,
  ].join('\n');
}

/** Commands that begin with one word, each with what it does; undefined: none does. */
export function groupHelp(word: string, playbooks: readonly PlaybookSummary[]): string | undefined {
  const [, commands] = groupsOf(playbooks).find(([first]) => first === word.toLowerCase()) ?? [];
  return commands?.map(({ command = '', summary }) => `• ${code(`/dr ${command}`, 100)} ${mrkdwn(summary, 200)}`).join('\n');
}

function groupsOf(playbooks: readonly PlaybookSummary[]): readonly (readonly [string, readonly PlaybookSummary[]])[] {
  return [
    ...Map.groupBy(
      playbooks.filter(({ command }) => command !== undefined),
      ({ command = '' }) => command.split(' ')[0] ?? '',
    ),
  ];
}

export function verbHelp(verb: Verb): string {
  const parts = [...verb.args, ...verb.options.filter(({ several }) => several !== 'again')].map(({ name, about, choices }) => {
    const values = choices === undefined ? '' : ` (${choices.join(', ')})`;
    return `• ${code(name, 40)} ${mrkdwn(about, 200)}${values}`;
  });
  return [`${code(usage(verb), 200)} ${mrkdwn(verb.summary, 200)}`, ...parts, ...verb.examples.map((example) => code(exampleLine(verb, example), 200))].join(
    '\n',
  );
}

export function playbookHelp(playbook: PlaybookView): string {
  const { command = '', aliases, summary, needs, risk, stages } = playbook;
  const words = propertiesOf(playbook).map(
    ({ name, about }) => `• ${code(name, 60)}${needs.includes(name) ? '' : ' (may be left out)'} ${mrkdwn(about ?? '', 200)}`,
  );
  const asks = stages.flatMap(({ asks: who }) => (who === undefined ? [] : [`It ${mrkdwn(who, 300)}`]));
  return [
    `${code(playbookExample(command, playbook), 200)} ${mrkdwn(summary, 300)}`,
    ...words,
    ...(aliases.length === 0 ? [] : [`Also: ${aliases.map((alias) => code(`/dr ${alias}`, 80)).join(', ')}`]),
    `Risk: ${risk}. It proposes a plan before it changes anything.`,
    ...asks.slice(0, 3),
  ].join('\n');
}

/** `/dr reject RUN REASON …`; what may be left out stands in brackets. What only a program would give is not shown. */
function usage({ name, args, options, rest }: Verb): string {
  const needed = [...args, ...options.filter(({ required }) => required === true)];
  const placed = needed.filter((part) => part.name !== rest).map((part) => part.name.toUpperCase());
  const optional = options
    .filter((part) => part.required !== true && part.name !== rest && part.name !== 'key')
    .map((part) => (part.several === 'again' ? '[name=value …]' : part.value === undefined ? `[--${part.name}]` : `[${part.name}=…]`));
  const last = rest === undefined ? [] : [needed.some((part) => part.name === rest) ? `${rest.toUpperCase()} …` : `[${rest} …]`];
  return ['/dr', name, ...placed, ...optional, ...last].join(' ');
}

function quoted(word: string): string {
  return /\s/.test(word) ? `"${word}"` : word;
}
