import type { z } from 'zod';
import { canonical } from '../model/json.ts';
import type { AskStage, Playbook, When } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import { answerType, paramType } from './params.ts';
import { anything, maybe, text, typeAt, type ValueType } from './value-type.ts';

export type Root = 'alert' | 'params' | 'found' | 'run' | 'diagnosis' | 'steps' | 'checks' | 'answers';

/** Something that has values under an id. */
type Source = {
  /** Of its facts or result; absent where the action is not known: anything. */
  readonly schema?: z.ZodType;
  readonly ask?: AskStage['ask'];
  /** The condition under which it is skipped, if its stage has one. */
  readonly when?: When;
};

/** What references can see at one place of a playbook. */
export type Sight = {
  readonly playbook: Pick<Playbook, 'params' | 'find'>;
  readonly roots: readonly Root[];
  readonly diagnosis: ReadonlyMap<string, Source>;
  readonly steps: ReadonlyMap<string, Source>;
  readonly checks: ReadonlyMap<string, Source>;
  readonly answers: ReadonlyMap<string, Source>;
  /** The condition of the stage that looks: what it asks about is there when the stage runs. */
  readonly when?: When;
  /** Ids that cannot be seen from here, with the reason. */
  readonly hidden: ReadonlyMap<string, string>;
};

export const ALL_ROOTS: readonly Root[] = ['alert', 'params', 'found', 'run', 'diagnosis', 'steps', 'checks', 'answers'];
/** What is known when a run starts. */
export const START_ROOTS: readonly Root[] = ['alert', 'params', 'found', 'run'];

export type ReferenceType = { readonly ok: true; readonly type: ValueType } | { readonly ok: false; readonly message: string };

/** The type of what a reference names, or why it names nothing. */
export function referenceType(path: string, sight: Sight): ReferenceType {
  const [first = '', ...rest] = path.split('.');
  const root = sight.roots.find((one) => one === first);
  if (root === undefined) {
    const exists = ALL_ROOTS.some((one) => one === first);
    const near = suggestion(first, sight.roots);
    return wrong(
      exists
        ? `${first}.* is not known yet here, expected one of ${sight.roots.join(', ')}`
        : `found the path ${JSON.stringify(path)}, expected one that begins with ${sight.roots.join(', ')}.${near.startsWith(' Did') ? near : ''}`,
    );
  }
  switch (root) {
    case 'alert':
      return rest[0] === 'labels' && rest.length > 1 ? right(maybe(text)) : wrong(`found ${path}, expected alert.labels.<label>`);
    case 'run':
      return rest.length === 1 && (rest[0] === 'id' || rest[0] === 'cluster') ? right(text) : wrong(`found ${path}, expected run.id or run.cluster`);
    case 'params':
      return paramReference(rest, sight);
    case 'found':
      return sight.playbook.find === undefined ? wrong(`${path} is never there: the playbook has no find`) : right(anything);
    case 'answers':
      return answerReference(rest, sight);
    case 'diagnosis':
    case 'steps':
    case 'checks':
      return sourceReference({ root, rest, sight });
  }
}

function paramReference(rest: readonly string[], { playbook }: Sight): ReferenceType {
  const [name = '', ...deeper] = rest;
  const param = Object.hasOwn(playbook.params, name) ? playbook.params[name] : undefined;
  if (param === undefined) return wrong(`there is no parameter ${name}.${suggestion(name, Object.keys(playbook.params))}`);
  if (deeper.length > 0) return wrong(`params.${name} is ${param.type}; there is nothing below it`);
  return right(paramType(param));
}

function answerReference(rest: readonly string[], sight: Sight): ReferenceType {
  const [id = '', field, ...deeper] = rest;
  const source = sight.answers.get(id);
  if (source === undefined) return wrong(unknownId({ id, known: sight.answers, sight, words: 'no question' }));
  if (deeper.length > 0 || (field !== 'value' && field !== 'by' && field !== 'at'))
    return wrong(`expected answers.${id}.value, answers.${id}.by or answers.${id}.at`);
  const type = field === 'value' && source.ask !== undefined ? answerType(source.ask.answer) : text;
  return right(certain({ root: 'answers', id, source, sight }) ? type : maybe(type));
}

const NO: { readonly [R in 'diagnosis' | 'steps' | 'checks']: string } = {
  diagnosis: 'no diagnosis',
  steps: 'no step',
  checks: 'no await stage or named check',
};

function sourceReference({
  root,
  rest,
  sight,
}: {
  readonly root: 'diagnosis' | 'steps' | 'checks';
  readonly rest: readonly string[];
  readonly sight: Sight;
}): ReferenceType {
  const [id = '', ...path] = rest;
  const source = sight[root].get(id);
  if (source === undefined) return wrong(unknownId({ id, known: sight[root], sight, words: NO[root] }));
  const at = source.schema === undefined ? { ok: true as const, type: anything } : typeAt({ schema: source.schema, path, side: 'output' });
  if (!at.ok) return wrong(`${root}.${id} has no ${at.unknown}.${suggestion(at.unknown, at.known)}`);
  return right(certain({ root, id, source, sight }) ? at.type : maybe(at.type));
}

function unknownId(of: { readonly id: string; readonly known: ReadonlyMap<string, Source>; readonly sight: Sight; readonly words: string }): string {
  return of.sight.hidden.get(of.id) ?? `there is ${of.words} ${of.id}.${suggestion(of.id, [...of.known.keys()])}`;
}

/** Not skipped whenever the looking stage runs: no condition, the same condition, or one that asks about this very thing. */
function certain({ root, id, source, sight }: { readonly root: Root; readonly id: string; readonly source: Source; readonly sight: Sight }): boolean {
  if (source.when === undefined || source.when.else !== 'skip') return true;
  const { when } = sight;
  if (when === undefined) return false;
  const plain = ({ else: _else, ...asks }: When): string => canonical(asks);
  return plain(when) === plain(source.when) || (when.from.startsWith(`${root}.${id}.`) && when.present !== false);
}

function right(type: ValueType): ReferenceType {
  return { ok: true, type };
}

function wrong(message: string): ReferenceType {
  return { ok: false, message };
}
