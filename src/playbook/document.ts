import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';
import { errorText } from '../model/error.ts';
import { type FieldPath, type Position, type PositionOf, type Problem } from '../model/problem.ts';

/** One YAML file as plain values, and where each of them is written. */
export type ReadDocument =
  | { readonly ok: true; readonly value: unknown; readonly positionOf: PositionOf }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const LIMIT_CHARACTERS = 1024 * 1024;
/** Of one file that is no YAML; the others mostly follow from the first. */
const MOST_FAULTS = 3;

/**
 * Reads the one document of a YAML file that people wrote, strictly: what YAML only warns about (unknown tags such as `!!js/function`),
 * several documents, names used twice, names of JavaScript's own (`__proto__`) and aliases that multiply are refused.
 */
export function readDocument({ text, file }: { readonly text: string; readonly file: string }): ReadDocument {
  const top: Position = { file, line: 1, column: 1 };
  const refuse = (message: string, at: Position = top): ReadDocument => ({ ok: false, problems: [{ ...at, field: '', message }] });
  if (text.length > LIMIT_CHARACTERS) return refuse(`the file has ${text.length} characters, expected at most ${LIMIT_CHARACTERS}`);

  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, logLevel: 'silent' });
    const [document, second] = [...documents];
    if (document === undefined) return refuse('the file is empty');
    const faults = [...document.errors, ...document.warnings]
      .slice(0, MOST_FAULTS)
      .map((fault) => ({ ...at(fault.pos[0]), field: '', message: `not the YAML that is expected: ${fault.message}` }));
    if (faults.length > 0) return { ok: false, problems: faults };
    if (second !== undefined) return refuse('found several documents, expected one', at(second.range?.[0] ?? 0));
    if (document.contents === null) return refuse('the file is empty');
    const positionOf = finder(document, at);
    const forbidden = forbiddenNames(document, at);
    if (forbidden.length > 0) return { ok: false, problems: forbidden };
    return { ok: true, value: document.toJS({ maxAliasCount: 50 }), positionOf };
  } catch (error) {
    // Aliases that multiply, and nesting deeper than the stack, end here.
    return refuse(`the file cannot be read: ${errorText(error)}`);
  }
}

function forbiddenNames(document: Document, at: (offset: number) => Position): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Pair(_key, pair) {
      const name = isScalar(pair.key) ? pair.key : undefined;
      const place = at((isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? 0);
      if (name === undefined) problems.push({ ...place, field: '', message: 'found a name that is a list, a map or an alias, expected text' });
      else if (name.value === '__proto__') problems.push({ ...place, field: '__proto__', message: 'this name is not allowed' });
    },
  });
  return problems;
}

/** Follows a path through the nodes; stops at the last one that is there. */
function finder(document: Document, at: (offset: number) => Position): PositionOf {
  const settled = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  return (path, what = 'value') => {
    let offset = startOf(document.contents) ?? 0;
    let node: unknown = document.contents;
    for (const [index, part] of path.entries()) {
      node = settled(node);
      const next = isMap(node)
        ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(part))
        : isSeq(node) && typeof part === 'number'
          ? node.items[part]
          : undefined;
      if (next === undefined) break;
      const last = index === path.length - 1;
      node = isPair(next) ? next.value : next;
      const key = isPair(next) ? startOf(next.key) : undefined;
      offset = (last && what === 'key' ? key : startOf(node)) ?? key ?? offset;
    }
    return at(offset);
  };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node satisfies Node).range?.[0] : undefined;
}

/** Positions for something that has no file of its own, such as a default: all at the top of the named file. */
export function topOf(file: string): PositionOf {
  return (_path: FieldPath) => ({ file, line: 1, column: 1 });
}
