import { posix } from 'node:path';

/** A path as a paper names it. `options` are the places relative to the root where it may lie; one of them must exist. */
export interface NamedPath {
  readonly line: number;
  readonly named: string;
  readonly options: readonly string[];
}

/** Folders of the checkout: words in backticks that begin with one are paths. `dist` is made by prepack and is none. */
const FOLDERS = ['src', 'handlers', 'playbooks', 'deploy', 'test', 'bench', 'docs', 'bin', 'scripts', '.ci'];
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|#|\/)/i;
/** A pattern for the reader to fill in, not a path. */
const PLACEHOLDER = /[<>{}…$ ]/;

/** Every path in this checkout that the paper names, in backticks or as the target of a link. Fenced blocks are examples. */
export function namedPaths(paper: string, text: string): readonly NamedPath[] {
  const found: NamedPath[] = [];
  let fenced = false;
  for (const [index, content] of text.split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(content)) fenced = !fenced;
    if (fenced) continue;
    const add = (named: string, options: readonly string[]): void => {
      found.push({ line: index + 1, named, options: options.map((option) => posix.normalize(option)) });
    };
    for (const [, target = ''] of content.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g)) {
      const path = target.replace(/[#?].*$/, '');
      if (path !== '' && !ELSEWHERE.test(target)) add(path, [posix.join(posix.dirname(paper), path)]);
    }
    for (const [, word = ''] of content.matchAll(/(?<!`)`([^`]+)`(?!`)/g)) {
      const options = PLACEHOLDER.test(word) ? [] : optionsFor(paper, word);
      if (options.length > 0) add(word, options);
    }
  }
  return found;
}

function optionsFor(paper: string, word: string): readonly string[] {
  const path = word.replace(/^\.\//, '').replace(/:\d+(:\d+)?$/, '');
  if (/^[A-Za-z0-9._-]+\.md$/.test(path)) return [path, posix.join(posix.dirname(paper), path)];
  const [top = '', ...rest] = path.split('/');
  if (FOLDERS.includes(top)) return rest.length > 0 ? [path] : [];
  // Papers speak of `gate/window.ts` as the code does; the room lies below `src/`.
  return rest.length > 0 && /\.(ts|lua)$/.test(path) && !path.startsWith('..') ? [`src/${path}`, path] : [];
}

/** Lines that name a folder of one machine; nobody else has it. */
export function machinePaths(text: string): readonly number[] {
  return text.split('\n').flatMap((content, index) => (MACHINE_PATH.test(content) ? [index + 1] : []));
}

// Put together from pieces, so that this file does not name one itself.
const MACHINE_PATH = new RegExp(`(^|[^A-Za-z0-9._/-])/(${['work', 'root'].join('|')})/`);
