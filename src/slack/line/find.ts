import { nearest } from '../../model/problem.ts';
import { VERBS, type Verb } from '../../port/verb.ts';
import type { PlaybookSummary } from '../../port/view/playbook.ts';
import type { Word } from './words.ts';

/** What Slack knows beside the verbs of the command line. */
export const STATUS: Verb = {
  name: 'status',
  summary: 'what waits for a decision and what is open; of one run or incident, where it stands',
  args: [],
  options: [{ name: 'public', about: 'everybody in this conversation sees the answer' }],
  rest: 'id',
  examples: [{}, { id: '3f9a01c2' }, { public: true }],
};

export const HELP: Verb = {
  name: 'help',
  summary: 'this list, or one word of it explained',
  args: [],
  options: [],
  rest: 'word',
  examples: [{}, { word: 'approve' }],
};

export const REPORT: Verb = {
  name: 'report',
  summary: 'the report: clocks, decisions, what was done and what is left to do',
  args: [{ name: 'incident', about: 'the incident, or the first 8 characters of its id' }],
  options: [],
  examples: [{ incident: '70ee629d' }],
};

/** What is said about an incident, after the word `incident`: in its own channel and under its card nobody names it. */
const ABOUT_INCIDENT: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['sev', VERBS.severity],
  ['severity', VERBS.severity],
  ['lead', VERBS.lead],
  ['role', VERBS.role],
  ['note', VERBS.note],
  ['update', VERBS.update],
  ['resolve', VERBS.close],
  ['close', VERBS.close],
  ['report', REPORT],
]);

/** Verbs of `/dr`: those of the command line, less what only a machine would type. */
export const SLACK_VERBS: readonly Verb[] = [HELP, STATUS, ...Object.values(VERBS), REPORT];

/** How a playbook's own command is typed: its parameters, and what every run takes. */
export const RUN_LINE: Verb = { ...VERBS.run, args: [], options: VERBS.run.options.filter(({ name }) => name !== 'param' && name !== 'key') };

export type Found =
  | { readonly kind: 'verb'; readonly verb: Verb; readonly rest: readonly Word[] }
  | { readonly kind: 'playbook'; readonly id: string; readonly rest: readonly Word[] }
  | {
      readonly kind: 'nothing';
      readonly said: string;
      readonly nearest: string | undefined;
      /** What the nearest words are. */
      readonly meant?: Exclude<Found, { readonly kind: 'nothing' }>;
    };

/**
 * What a line begins with: a verb, or a playbook's command or alias, the longest first. Exactly as it is written, or in another case; what only looks alike
 * is nothing, and the nearest known words are named, never taken.
 */
export function find(words: readonly Word[], playbooks: readonly Pick<PlaybookSummary, 'id' | 'command' | 'aliases'>[]): Found {
  const [first, second] = words;
  if (first === undefined) return { kind: 'verb', verb: STATUS, rest: [] };
  const about = first.text.toLowerCase() === 'incident' ? ABOUT_INCIDENT.get(second?.text.toLowerCase() ?? '') : undefined;
  if (about !== undefined) return { kind: 'verb', verb: about, rest: words.slice(2) };
  const verb = SLACK_VERBS.find(({ name }) => name === first.text.toLowerCase());
  if (verb?.name === 'run') {
    const [, id, ...rest] = words;
    if (id !== undefined && playbooks.some((one) => one.id === id.text)) return { kind: 'playbook', id: id.text, rest };
    if (id !== undefined)
      return {
        kind: 'nothing',
        said: `run ${id.text}`,
        nearest: nearestOf(
          `run ${id.text}`,
          playbooks.map((one) => `run ${one.id}`),
        ),
      };
  }
  if (verb !== undefined) return { kind: 'verb', verb, rest: words.slice(1) };

  const commands = playbooks.flatMap(({ id, command, aliases }) =>
    [...(command === undefined ? [] : [command]), ...aliases].map((text) => ({ id, text, parts: text.split(' ') })),
  );
  const fitting = commands
    .filter(({ parts }) => parts.every((part, index) => words[index]?.text.toLowerCase() === part))
    .sort((a, b) => b.parts.length - a.parts.length)[0];
  if (fitting !== undefined) return { kind: 'playbook', id: fitting.id, rest: words.slice(fitting.parts.length) };

  const known = [...SLACK_VERBS.map(({ name }) => name), ...commands.map(({ text }) => text)];
  const two = words
    .slice(0, 2)
    .map(({ text }) => text)
    .join(' ');
  const beginning = beginsWith(first.text, commands);
  const said = beginning === undefined ? first.text : two;
  // Of two words that are no command the first alone is a typo of a word, or both are of two.
  const alone = nearestOf(said, known);
  const near = alone ?? nearestOf(two, known);
  const meant = near === undefined ? undefined : meantBy(near, commands);
  return {
    kind: 'nothing',
    said: alone === undefined && near !== undefined ? two : said,
    nearest: near ?? beginning,
    ...(meant === undefined ? {} : { meant }),
  };
}

function meantBy(text: string, commands: readonly { readonly id: string; readonly text: string }[]): Exclude<Found, { readonly kind: 'nothing' }> | undefined {
  const verb = SLACK_VERBS.find(({ name }) => name === text);
  if (verb !== undefined) return { kind: 'verb', verb, rest: [] };
  const command = commands.find((one) => one.text === text);
  return command === undefined ? undefined : { kind: 'playbook', id: command.id, rest: [] };
}

function nearestOf(word: string, known: readonly string[]): string | undefined {
  return nearest(word.toLowerCase(), known);
}

/** `node`: one of the commands that begin so. */
function beginsWith(word: string, commands: readonly { readonly text: string; readonly parts: readonly string[] }[]): string | undefined {
  return commands.find(({ parts }) => parts[0] === word.toLowerCase())?.text;
}
