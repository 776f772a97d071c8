import { posix } from 'node:path';
import type { Import, Source } from './sources.ts';
import { COMPUTED_IMPORTS, EMPTY_NAMES, HANDLER_PACKAGES, LONG_FILES, MOST_LINES, PACKAGES, REACHING_OUTSIDE, ROOMS } from './table.ts';

/** `src/gate/window.ts` is in the room `gate`, `src/app.ts` is a room of its own, `handlers/x.ts` is in `handlers`. */
export function roomOf(path: string): string {
  const [top, second = ''] = path.split('/');
  return top === 'src' ? second : (top ?? '');
}

/** Every breach of the import table, one sentence each. */
export function importBreaches(sources: readonly Source[]): readonly string[] {
  const known = new Set(sources.map((source) => source.path));
  return sources.flatMap((source) => source.imports.flatMap((one) => breachesOf({ source, one, known }).map((what) => `${source.path}:${one.line}: ${what}`)));
}

function breachesOf({ source, one, known }: { readonly source: Source; readonly one: Import; readonly known: ReadonlySet<string> }): readonly string[] {
  const name = roomOf(source.path);
  const room = ROOMS.get(name);
  if (room === undefined) return [`the room ${name} is not in the table`];
  if (one.to === undefined) return COMPUTED_IMPORTS.has(name) ? [] : ['imports a computed path, which no rule can follow'];

  if (one.to.startsWith('node:')) {
    const allowed = room.outside === '*' || room.outside.includes(one.to) || !REACHING_OUTSIDE.has(one.to);
    return allowed ? [] : [`${name} may not reach outside by ${one.to}`];
  }
  if (!one.to.startsWith('.')) return packageBreaches(name, one.to);

  const target = posix.join(posix.dirname(source.path), one.to);
  if (target === 'package.json') return room.outside === '*' ? [] : [`${name} may not read package.json`];
  if (!known.has(target)) return [`imports ${one.to}, which is not a source file (relative imports end in .ts)`];
  const other = roomOf(target);
  if (other === name && name !== 'handlers') return [];
  if (other === 'handlers') return [name === 'handlers' ? 'a handler may not import another handler' : 'only the catalog loads handlers, by their folder'];
  return room.may.includes(other) ? [] : [`${name} may not import ${other} (${target})`];
}

function packageBreaches(room: string, specifier: string): readonly string[] {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const use = PACKAGES.get(name);
  if (use === undefined) return [`the package ${name} is not in the table`];
  if (room === 'handlers' || room === 'model') return HANDLER_PACKAGES.has(name) ? [] : [`${room} may import no package but zod, not ${name}`];
  return use.rooms === 'all' || use.rooms.includes(room) ? [] : [`${room} may not import ${name}: ${use.why}`];
}

/** Files that import each other in a ring, type imports included: each ring once, as `a -> b -> a`. */
export function importRings(sources: readonly Source[]): readonly string[] {
  const edges = new Map(
    sources.map((source) => [source.path, source.imports.flatMap(({ to }) => (to?.startsWith('.') ? [posix.join(posix.dirname(source.path), to)] : []))]),
  );
  const done = new Set<string>();
  const rings: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) rings.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return rings;
}

/** Files that are too long, or whose name breaks the rules of names. */
export function shapeBreaches(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => {
    const breaches: string[] = [];
    if (source.lineCount > MOST_LINES && !LONG_FILES.has(source.path)) breaches.push(`${source.lineCount} lines, more than ${MOST_LINES}`);
    for (const part of source.path.replace(/\.ts$/, '').split('/')) {
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part)) breaches.push(`${part} is not in kebab-case`);
      if (EMPTY_NAMES.has(part) || /-(utils?|helpers?|manager)$/.test(part)) breaches.push(`${part} says nothing about what is inside`);
    }
    return breaches.map((what) => `${source.path}: ${what}`);
  });
}

/** Reads of the clock that the linter cannot see. */
export function clockBreaches(sources: readonly Source[]): readonly string[] {
  return sources
    .filter((source) => source.path !== 'src/port/clock.ts')
    .flatMap((source) => source.clockLines.map((line) => `${source.path}:${line}: reads the clock; time comes from port/clock.ts`));
}

/** A handler's file is named after its action: `node.cordon` is in `node-cordon.ts`, alone. */
export function handlerBreaches(handlers: readonly Source[]): readonly string[] {
  return handlers.flatMap(({ path, ids }) => {
    const [id] = ids;
    if (id === undefined || ids.length > 1) return [`${path}: exports ${ids.length} actions, not one`];
    const expected = `handlers/${id.replaceAll('.', '-')}.ts`;
    return path === expected ? [] : [`${path}: its action is ${id}, so its file is ${expected}`];
  });
}
