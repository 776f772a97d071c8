import { suggestion } from '../../model/problem.ts';
import type { Verb, VerbPart } from '../../port/verb.ts';
import type { Word } from './words.ts';

/** What somebody gave to a verb, by the names of its parts; parameters of a playbook apart. */
export type Given = { readonly values: ReadonlyMap<string, string>; readonly params: ReadonlyMap<string, string> };
export type Filled = { readonly ok: true; readonly given: Given } | { readonly ok: false; readonly problem: string };

/** Parameters of a playbook that a line may name; those that must be given come by their place, too. */
export type LineParams = {
  readonly names: readonly string[];
  readonly required: readonly string[];
  /** Words that say which parameter the next word is: `from` a backup, `to` a namespace. */
  readonly words?: ReadonlyMap<string, string>;
  /** Where `of` was named, a word at its place is `name`: in `restore shop to shop-copy` it is the namespace in the backup. */
  readonly spare?: { readonly of: string; readonly name: string };
};

/** What a flag is worth when it is set. */
export const SET = 'yes';

/** `--for`, and what telephones make of the two dashes. */
const OPTION = /^(?:--|—|–)([A-Za-z][\w-]*)(?:=(.*))?$/s;
const ASSIGNMENT = /^([A-Za-z][\w-]*)=(.*)$/s;

/**
 * Gives each word its part: `--name value` and `name=value` by name wherever they stand, other words by their place, and what is left over to the part
 * that takes the rest of the line.
 */
export function fill(verb: Verb, words: readonly Word[], params?: LineParams): Filled {
  const values = new Map<string, string>();
  const given = new Map<string, string>();
  const loose: string[] = [];
  /** A reason that was named, and not quoted, takes the words behind it. */
  let open: string | undefined;

  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const said = open === undefined && !word.quoted && words[at + 1] !== undefined ? params?.words?.get(word.text.toLowerCase()) : undefined;
    const named = said === undefined ? nameIn(word, verb, params) : { name: said, value: undefined, option: undefined, isParam: true };
    if (named === undefined) {
      if (open === undefined) loose.push(word.text);
      else values.set(open, `${values.get(open) ?? ''} ${word.text}`);
      continue;
    }
    const { name, value, option, isParam } = named;
    if (!isParam && option === undefined) {
      const known = [...verb.options.map((one) => one.name), ...(params?.names ?? [])];
      return { ok: false, problem: `${verb.name} knows no "${name.slice(0, 40)}".${suggestion(name, known)}` };
    }
    const isFlag = option !== undefined && option.value === undefined;
    const next = words[at + 1];
    const text = value ?? (isFlag ? SET : next?.text);
    if (value === undefined && !isFlag) at += 1;
    if (text === undefined || text === '') return { ok: false, problem: `Nothing stands behind ${name}` };
    const into = isParam ? given : values;
    if (into.has(name)) return { ok: false, problem: `${name} is given twice` };
    into.set(name, text);
    const isQuoted = value === undefined ? next?.quoted === true : /\s/.test(value);
    open = !isQuoted && !isParam && (name === verb.rest || name === 'reason') ? name : undefined;
  }
  // What was named keeps its value: a word without a name goes to the next place that is free.
  const spare = params?.spare !== undefined && given.has(params.spare.of) ? [{ name: params.spare.name, isParam: true }] : [];
  const free = [...placesOf(verb, params), ...spare].filter(({ name, isParam }) => !(isParam ? given : values).has(name));
  for (const [index, { name, isParam }] of free.entries()) {
    const text = loose[index];
    if (text !== undefined) (isParam ? given : values).set(name, text);
  }
  return leftOver({ verb, values, params: given, rest: loose.slice(free.length) });
}

type Place = { readonly name: string; readonly isParam: boolean };

/** Arguments, then options that must be given, then parameters that must be; what takes the rest of the line comes behind all of them. */
function placesOf(verb: Verb, params: LineParams | undefined): readonly Place[] {
  const own = [...verb.args, ...verb.options.filter(({ required }) => required === true)].filter(({ name }) => name !== verb.rest);
  return [...own.map(({ name }) => ({ name, isParam: false })), ...(params?.required ?? []).map((name) => ({ name, isParam: true }))];
}

type Named = { readonly name: string; readonly value: string | undefined; readonly option: VerbPart | undefined; readonly isParam: boolean };

/** The option or parameter that a word names. `a=b` with a name that nobody knows is a word like others, except where parameters are expected. */
function nameIn({ text, quoted }: Word, verb: Verb, params: LineParams | undefined): Named | undefined {
  if (quoted) return undefined;
  const dashed = OPTION.exec(text);
  const [, name = '', value] = dashed ?? ASSIGNMENT.exec(text) ?? [];
  if (name === '') return undefined;
  const option = verb.options.find((one) => one.name === name && one.several !== 'again');
  const isParam = option === undefined && params?.names.includes(name) === true;
  if (dashed === null && option === undefined && !isParam && params === undefined) return undefined;
  return { name, value, option, isParam };
}

function leftOver({
  verb,
  values,
  params,
  rest,
}: {
  readonly verb: Verb;
  readonly values: Map<string, string>;
  readonly params: Map<string, string>;
  readonly rest: readonly string[];
}): Filled {
  if (rest.length > 0) {
    const into = verb.rest;
    if (into === undefined) return { ok: false, problem: `"${(rest[0] ?? '').slice(0, 60)}" is one word too many` };
    values.set(into, [values.get(into), ...rest].filter((text) => text !== undefined).join(' '));
  }
  for (const { name, choices } of [...verb.args, ...verb.options]) {
    const value = values.get(name);
    if (value === undefined || choices === undefined) continue;
    const choice = choices.find((one) => one.toLowerCase() === value.toLowerCase());
    if (choice === undefined)
      return { ok: false, problem: `${name} is one of ${choices.join(', ')}; "${value.slice(0, 40)}" is none.${didYouMean(value, choices)}` };
    values.set(name, choice);
  }
  const missing = [...verb.args, ...verb.options.filter(({ required }) => required === true)].find(({ name }) => !values.has(name));
  if (missing !== undefined) return { ok: false, problem: `${missing.name} is missing: ${missing.about}` };
  return { ok: true, given: { values, params } };
}

function didYouMean(word: string, known: readonly string[]): string {
  const hint = suggestion(word, known);
  return hint.startsWith(' Did') ? hint : '';
}
