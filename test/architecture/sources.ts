import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseSync } from 'oxc-parser';

/** One import as written: static, type-only, re-exporting, dynamic, or a type's `import('…')`. `undefined`: a computed path. */
export interface Import {
  readonly line: number;
  readonly to: string | undefined;
}

/** What the rules look at in one source file; `path` is relative to the root, with `/`. */
export interface Source {
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  /** Lines that read the clock without naming a moment: `new Date()` and `Date()`. */
  readonly clockLines: readonly number[];
  /** The `id` of every exported `something({ id: '…' })`. */
  readonly ids: readonly string[];
}

type Node = { readonly type: string; readonly start: number; readonly [field: string]: unknown };

/** Parses every TypeScript file below the folder; a folder that is not there yet has none. */
export function readSources(root: string, folder: string): readonly Source[] {
  let names: readonly string[];
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => parseSource(`${folder}/${name.replaceAll('\\', '/')}`, readFileSync(join(root, folder, name), 'utf8')));
}

export function parseSource(path: string, text: string): Source {
  const { program, errors } = parseSync(basename(path), text, { lang: 'ts', sourceType: 'module' });
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const imports: Import[] = [];
  const clockLines: number[] = [];
  const ids: string[] = [];

  visit(program, (node) => {
    if (importing.has(node.type) && isNode(node['source'])) imports.push({ line: lineAt(node.start), to: literal(node['source']) });
    if (node.type === 'TSExternalModuleReference') imports.push({ line: lineAt(node.start), to: literal(node['expression']) });
    if (readsClock(node)) clockLines.push(lineAt(node.start));
    if (node.type === 'ExportNamedDeclaration') ids.push(...declaredIds(node['declaration']));
  });
  return { path, lineCount: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), imports, clockLines, ids };
}

const importing = new Set(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType']);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const one of value) visit(one, see);
  else if (isNode(value)) {
    see(value);
    for (const field of Object.values(value)) if (typeof field === 'object') visit(field, see);
  }
}

function literal(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== 'Literal') return undefined;
  return typeof node['value'] === 'string' ? node['value'] : undefined;
}

function readsClock(node: Node): boolean {
  const { callee } = node;
  if (!isNode(callee) || callee['name'] !== 'Date') return false;
  return node.type === 'CallExpression' || (node.type === 'NewExpression' && Array.isArray(node['arguments']) && node['arguments'].length === 0);
}

function declaredIds(declaration: unknown): string[] {
  if (!isNode(declaration) || !Array.isArray(declaration['declarations'])) return [];
  return declaration['declarations'].flatMap((declarator: unknown) => {
    const call = isNode(declarator) ? declarator['init'] : undefined;
    const argument: unknown = isNode(call) && Array.isArray(call['arguments']) ? call['arguments'][0] : undefined;
    const properties = isNode(argument) ? argument['properties'] : undefined;
    if (!Array.isArray(properties)) return [];
    return properties.flatMap((property: unknown) => {
      const isId = isNode(property) && isNode(property['key']) && property['key']['name'] === 'id';
      const id = isId ? literal(property['value']) : undefined;
      return id === undefined ? [] : [id];
    });
  });
}
