import type { Verb, VerbExample } from '../../port/verb.ts';
import type { PlaybookSummary, PlaybookView } from '../../port/view/playbook.ts';
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

/** Everything that `/dr` knows, a line each. */
export function helpText(verbs: readonly Verb[], playbooks: readonly PlaybookSummary[]): string {
  const own = verbs.map((verb) => `• ${code(usage(verb), 200)} ${mrkdwn(verb.summary, 200)}`);
  const theirs = playbooks
    .filter(({ command }) => command !== undefined)
    .map(
      ({ command = '', params, summary }) =>
        `• ${code(`/dr ${[command, ...params.slice(0, 1).map((name) => name.toUpperCase())].join(' ')}`, 150)} ${mrkdwn(summary, 200)}`,
    );
  return [
    `${code('/dr', 10)} alone shows what waits for a decision; ${code('/dr help approve', 40)} explains one word`,
    ...own,
    '*Playbooks*',
    ...theirs,
    `Names and reasons of several words: in quotation marks, or at the end. Write ${code('name=value', 20)} or ${code('--name value', 20)}.`,
  ].join('\n');
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
  const { command = '', aliases, summary, parameters, risk, stages } = playbook;
  const properties = parameters['properties'];
  const names = typeof properties === 'object' && properties !== null && !Array.isArray(properties) ? Object.entries(properties) : [];
  const needed = placedOf(playbook);
  const words = names.map(([name, of]) => {
    const about = typeof of === 'object' && of !== null && 'description' in of && typeof of['description'] === 'string' ? of['description'] : '';
    return `• ${code(name, 60)}${needed.includes(name) ? '' : ' (may be left out)'} ${mrkdwn(about, 200)}`;
  });
  const asks = stages.flatMap(({ asks: who }) => (who === undefined ? [] : [`It ${mrkdwn(who, 300)}`]));
  return [
    `${code(playbookExample(command, playbook), 200)} ${mrkdwn(summary, 300)}`,
    ...words,
    ...(aliases.length === 0 ? [] : [`Also: ${aliases.map((alias) => code(`/dr ${alias}`, 80)).join(', ')}`]),
    `Risk: ${risk}. It proposes a plan before it changes anything.`,
    ...asks.slice(0, 3),
  ].join('\n');
}

/** `/dr backup run SCHEDULE`. */
export function playbookExample(command: string, playbook: Pick<PlaybookView, 'params' | 'parameters'>): string {
  return ['/dr', command, ...placedOf(playbook).map((name) => name.toUpperCase())].join(' ');
}

/** Parameters that come by their place: those that must be given; where an alert would bring them all, the first one. */
export function placedOf({ params, parameters }: Pick<PlaybookView, 'params' | 'parameters'>): readonly string[] {
  const required = requiredOf(parameters);
  return required.length > 0 ? required : params.slice(0, 1);
}

/** Names of the parameters that must be given, in the order of the playbook. */
export function requiredOf(parameters: PlaybookView['parameters']): readonly string[] {
  const { required } = parameters;
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
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
